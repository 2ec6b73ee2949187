//! Paths within a thread: calls through a router, and messages read in place.

use mycelium_rt::{Message, TimestampNs, routing_config, service};

use crate::messages::{AnyMessage, Price, Quote, QuoteFields, Venue};

/// Keeps the best bid.
#[derive(Debug, Default, PartialEq)]
pub struct Best {
    bid: i64,
}

/// Sums the offered quantity.
#[derive(Debug, Default, PartialEq)]
pub struct Volume {
    offered: u64,
}

/// Counts binding quotes.
#[derive(Debug, Default, PartialEq)]
pub struct Firm {
    count: u64,
}

#[service]
impl Best {
    /// Keeps the bid if it is the best.
    #[handle]
    pub fn on_quote(&mut self, quote: &Quote) {
        self.bid = self.bid.max(quote.bid.0);
    }
}

#[service]
impl Volume {
    /// Adds the offered quantity.
    #[handle]
    pub fn on_quote(&mut self, quote: &Quote) {
        self.offered = self.offered.wrapping_add(quote.ask_size);
    }
}

#[service]
impl Firm {
    /// Counts the quote if it is binding.
    #[handle]
    pub fn on_quote(&mut self, quote: &Quote) {
        self.count += u64::from(quote.firm);
    }
}

routing_config! {
    /// Three handlers of one message.
    name: pub Board,
    services: { best: Best, volume: Volume, firm: Firm },
    routes: { Quote => [best, volume, firm] },
}

impl Board {
    /// A new board.
    pub fn empty() -> Self {
        Self::new(Best::default(), Volume::default(), Firm::default())
    }

    /// A handwritten `route_quote`.
    #[inline(always)]
    pub fn by_hand(&mut self, quote: &Quote) {
        self.best.on_quote(quote);
        self.volume.on_quote(quote);
        self.firm.on_quote(quote);
    }
}

/// The number of the quote in these bytes, read in place.
#[inline(always)]
pub fn number(bytes: &[u8]) -> Option<u64> {
    match AnyMessage::decode(Quote::ID, bytes) {
        Ok(AnyMessage::Quote(quote)) => Some(quote.number),
        _ => None,
    }
}

/// A handwritten [`number`], with the necessary checks: length, alignment, enum, bool and padding.
#[inline(always)]
pub fn number_by_hand(bytes: &[u8]) -> Option<u64> {
    let bytes: &[u8; 64] = bytes.try_into().ok()?;
    let word = |at: usize| {
        let word: [u8; 8] = std::array::from_fn(|byte| bytes[at + byte]);
        u64::from_le_bytes(word)
    };
    let aligned = bytes.as_ptr().addr().is_multiple_of(8);
    let sound = aligned && bytes[8] <= 2 && bytes[9] <= 1 && word(8) >> 16 == 0;
    sound.then(|| word(48))
}

/// Quotes with random contents.
pub fn quotes(seed: u64, count: u64) -> Vec<Quote> {
    let mut random = fastrand::Rng::with_seed(seed);
    let venues = [Venue::North, Venue::South, Venue::West];
    let quote = |number| {
        Quote::from(QuoteFields {
            day: TimestampNs(random.u64(..)),
            venue: venues[random.usize(..venues.len())],
            firm: random.bool(),
            bid: Price(random.i64(..)),
            ask_size: random.u64(..),
            number,
            ..Default::default()
        })
    };
    (0..count).map(quote).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::dispatch::Handler;

    #[test]
    fn handlers_see_the_same_through_the_router_by_hand_and_through_pointers() {
        let (mut routed, mut by_hand) = (Board::empty(), Board::empty());
        let (mut best, mut volume, mut firm) = (Best::default(), Volume::default(), Firm::default());
        let mut handlers: [&mut dyn Handler; 3] = [&mut best, &mut volume, &mut firm];
        for quote in quotes(7, 100) {
            routed.route_quote(&quote);
            by_hand.by_hand(&quote);
            handlers.iter_mut().for_each(|handler| handler.handle(&quote));
        }
        assert!(best.bid > 0 && volume.offered > 0 && firm.count > 0);
        assert_eq!((&routed.best, &routed.volume, &routed.firm), (&best, &volume, &firm));
        assert_eq!((&by_hand.best, &by_hand.volume, &by_hand.firm), (&best, &volume, &firm));
    }

    #[test]
    fn both_ways_read_the_same_and_refuse_the_same() {
        for quote in quotes(7, 100) {
            assert_eq!(number(quote.as_bytes()), Some(quote.number));
            assert_eq!(number_by_hand(quote.as_bytes()), Some(quote.number));
            for (at, value) in [(8, 3), (8, 255), (9, 2), (10, 1), (15, 1)] {
                let mut words = [0_u64; 8];
                let bytes = zerocopy::IntoBytes::as_mut_bytes(&mut words);
                bytes.copy_from_slice(quote.as_bytes());
                bytes[at] = value;
                assert_eq!((number(bytes), number_by_hand(bytes)), (None, None), "byte {at} is {value}");
            }
        }
    }
}
