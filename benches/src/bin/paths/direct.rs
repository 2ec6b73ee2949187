//! What costs nothing: calls through a router, and messages read in place.

use std::hint::black_box;
use std::time::Instant;

use mycelium_benches::cores::pin;
use mycelium_benches::messages::{AnyMessage, Quote, QuoteFields, Venue};
use mycelium_benches::options::Options;
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_rt::{Message, TimestampNs, routing_config, service};

/// Keeps the best bid.
#[derive(Debug, Default)]
struct Best {
    bid: i64,
}

/// Counts what is offered.
#[derive(Debug, Default)]
struct Volume {
    offered: u64,
}

/// Counts quotes that bind.
#[derive(Debug, Default)]
struct Firm {
    count: u64,
}

#[service]
impl Best {
    #[handle]
    fn on_quote(&mut self, quote: &Quote) {
        self.bid = self.bid.max(quote.bid.0);
    }
}

#[service]
impl Volume {
    #[handle]
    fn on_quote(&mut self, quote: &Quote) {
        self.offered = self.offered.wrapping_add(quote.ask_size);
    }
}

#[service]
impl Firm {
    #[handle]
    fn on_quote(&mut self, quote: &Quote) {
        self.count += u64::from(quote.firm);
    }
}

routing_config! {
    name: Board,
    services: { best: Best, volume: Volume, firm: Firm },
    routes: { Quote => [best, volume, firm] },
}

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    vec![routed(options), decoded(options)]
}

/// Three handlers through a router against the same three called by hand.
fn routed(options: &Options) -> Question<'_> {
    let quotes = quotes(options);
    let again = quotes.clone();
    Question {
        name: "direct/three-handlers".to_owned(),
        peer: "by-hand",
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.05),
        ours: Box::new(move || {
            let mut board = Board::new(Best::default(), Volume::default(), Firm::default());
            let time = each(options, &quotes, |quote| board.route_quote(black_box(quote)));
            black_box(&board.best);
            time
        }),
        theirs: Box::new(move || {
            let (mut best, mut volume, mut firm) = (Best::default(), Volume::default(), Firm::default());
            let time = each(options, &again, |quote| {
                let quote = black_box(quote);
                best.on_quote(quote);
                volume.on_quote(quote);
                firm.on_quote(quote);
            });
            black_box((best, volume, firm));
            time
        }),
    }
}

/// 64 bytes to a message in place, against the checks that cannot be left out: length, alignment, and two bytes.
fn decoded(options: &Options) -> Question<'_> {
    let quotes = quotes(options);
    let again = quotes.clone();
    Question {
        name: "read/in-place".to_owned(),
        peer: "by-hand",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        ours: Box::new(move || {
            let mut sum = 0;
            let time = each(options, &quotes, |quote| {
                if let Ok(AnyMessage::Quote(quote)) = AnyMessage::decode(Quote::ID, black_box(quote.as_bytes())) {
                    sum ^= quote.number;
                }
            });
            black_box(sum);
            time
        }),
        theirs: Box::new(move || {
            let mut sum = 0;
            let time = each(options, &again, |quote| sum ^= number_by_hand(black_box(quote.as_bytes())).unwrap_or(0));
            black_box(sum);
            time
        }),
    }
}

fn number_by_hand(bytes: &[u8]) -> Option<u64> {
    let bytes: &[u8; 64] = bytes.try_into().ok()?;
    let aligned = bytes.as_ptr().addr().is_multiple_of(8);
    let padding = u64::from_le_bytes(bytes[8..16].try_into().ok()?) >> 16;
    let sound = aligned && matches!(bytes[8], 1..=3) && bytes[9] <= 1 && padding == 0;
    sound.then(|| {
        u64::from_le_bytes([bytes[48], bytes[49], bytes[50], bytes[51], bytes[52], bytes[53], bytes[54], bytes[55]])
    })
}

/// The mean time of one quote, in nanoseconds, without that of the loop.
fn each(options: &Options, quotes: &[Quote], mut take: impl FnMut(&Quote)) -> Figure {
    pin(options.cores.near);
    let rounds = options.messages.div_ceil(quotes.len());
    let timed = |take: &mut dyn FnMut(&[Quote])| {
        let begin = Instant::now();
        for _ in 0..rounds {
            take(quotes);
        }
        begin.elapsed().as_nanos() as f64 / (rounds * quotes.len()) as f64
    };
    let empty = timed(&mut |quotes| {
        for quote in quotes {
            black_box(quote);
        }
    });
    let full = timed(&mut |quotes| quotes.iter().for_each(&mut take));
    Figure::Value((full - empty).max(0.01))
}

/// As many as stay in the fastest cache.
fn quotes(options: &Options) -> Vec<Quote> {
    let mut random = fastrand::Rng::with_seed(options.seed);
    let venues = [Venue::North, Venue::South, Venue::West];
    let quote = |number| {
        Quote::from(QuoteFields {
            day: TimestampNs(random.u64(..)),
            venue: venues[random.usize(..venues.len())],
            firm: random.bool(),
            bid: mycelium_benches::messages::Price(random.i64(..)),
            ask_size: random.u64(..),
            number,
            ..Default::default()
        })
    };
    (0..128).map(quote).collect()
}
