//! One message in the formats of several serialisers: written, and read back in place or by decoding.
//!
//! All check untrusted input: none is used in an unchecked mode.

mod bincode;
mod flatbuffers;
mod prost;
mod rkyv;

pub use bincode::Bincode;
pub use flatbuffers::Flatbuffers;
pub use prost::Prost;
pub use rkyv::Rkyv;

use mycelium_rt::{Message, TimestampNs};
use zerocopy::IntoBytes;

use crate::messages::{AnyMessage, Price, Quote, QuoteFields, Venue};

/// A quote in one format.
pub trait Format: Default {
    /// Writes the quote into memory that is reused for the next one.
    fn write(&mut self, quote: &QuoteFields) -> &[u8];

    /// The number of the quote in these bytes: one field; `None` if the bytes are no quote.
    fn number(bytes: &[u8]) -> Option<u64>;

    /// All fields of the quote in these bytes; `None` if the bytes are no quote.
    fn all(bytes: &[u8]) -> Option<QuoteFields>;
}

/// Mycelium's: the memory of the message is the wire format.
#[derive(Default)]
pub struct InPlace {
    quote: Quote,
}

impl Format for InPlace {
    #[inline(always)]
    fn write(&mut self, quote: &QuoteFields) -> &[u8] {
        self.quote = Quote::from(*quote);
        Message::as_bytes(&self.quote)
    }

    #[inline(always)]
    fn number(bytes: &[u8]) -> Option<u64> {
        match AnyMessage::decode(Quote::ID, bytes) {
            Ok(AnyMessage::Quote(quote)) => Some(quote.number),
            _ => None,
        }
    }

    #[inline(always)]
    fn all(bytes: &[u8]) -> Option<QuoteFields> {
        match AnyMessage::decode(Quote::ID, bytes) {
            Ok(AnyMessage::Quote(quote)) => Some((&*quote).into()),
            _ => None,
        }
    }
}

/// A quote for the serialisers that have no types for times and prices.
#[derive(Clone, Copy)]
struct Plain {
    day: u64,
    venue: u8,
    firm: bool,
    bid: i64,
    ask: i64,
    bid_size: u64,
    ask_size: u64,
    number: u64,
    origin: u64,
}

impl From<&QuoteFields> for Plain {
    #[inline(always)]
    fn from(quote: &QuoteFields) -> Self {
        Self {
            day: quote.day.0,
            venue: quote.venue as u8,
            firm: quote.firm,
            bid: quote.bid.0,
            ask: quote.ask.0,
            bid_size: quote.bid_size,
            ask_size: quote.ask_size,
            number: quote.number,
            origin: quote.origin,
        }
    }
}

impl Plain {
    /// The quote; `None` if there is no such venue.
    #[inline(always)]
    fn quote(self) -> Option<QuoteFields> {
        let venue = match self.venue {
            0 => Venue::North,
            1 => Venue::South,
            2 => Venue::West,
            _ => return None,
        };
        Some(QuoteFields {
            day: TimestampNs(self.day),
            venue,
            firm: self.firm,
            bid: Price(self.bid),
            ask: Price(self.ask),
            bid_size: self.bid_size,
            ask_size: self.ask_size,
            number: self.number,
            origin: self.origin,
        })
    }
}

/// Bytes aligned to a word, as in a receiver's buffer.
pub struct Aligned {
    words: Vec<u64>,
    length: usize,
}

impl Aligned {
    /// A copy of these bytes.
    pub fn copy(bytes: &[u8]) -> Self {
        let mut words = vec![0; bytes.len().div_ceil(8)];
        words.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        Self { words, length: bytes.len() }
    }

    /// The bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        self.words.as_bytes().get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ours::direct::quotes;

    fn reads_what_was_written<F: Format>(refuses_venues: bool) {
        let mut format = F::default();
        for quote in quotes(7, 100) {
            let mut fields = QuoteFields::from(&quote);
            fields.ask = Price(fields.bid.0.wrapping_neg());
            fields.bid_size = !fields.ask_size;
            fields.origin = fields.day.0.rotate_left(7);
            let bytes = Aligned::copy(format.write(&fields));
            assert_eq!(F::number(bytes.bytes()), Some(fields.number));
            assert_eq!(F::all(bytes.bytes()), Some(fields));
            let (_, short) = bytes.bytes().split_last().unwrap();
            assert_eq!(F::all(Aligned::copy(short).bytes()), None, "a quote without its last byte");
        }
        // The venue is the only thing in a quote of zeros that is not zero.
        let bytes = Aligned::copy(format.write(&QuoteFields { venue: Venue::West, ..Default::default() }));
        let mut unknown = bytes.bytes().to_vec();
        let places: Vec<_> = (0..unknown.len()).filter(|&at| unknown[at] == Venue::West as u8).collect();
        if refuses_venues {
            unknown[*places.last().unwrap()] = 77;
            assert_eq!(F::all(Aligned::copy(&unknown).bytes()), None, "an unknown venue");
        }
    }

    #[test]
    fn all_formats_read_the_same_values() {
        reads_what_was_written::<InPlace>(true);
        reads_what_was_written::<Rkyv>(true);
        reads_what_was_written::<Bincode>(true);
        reads_what_was_written::<Prost>(false);
        reads_what_was_written::<Flatbuffers>(false);
    }
}
