//! bincode 2, with its own derives and fixed-width integers: by its documentation, variable ones are smaller, and they cost a branch each.

use bincode::config::{Configuration, Fixint, LittleEndian, standard};
use bincode::{Decode, Encode, decode_from_slice, encode_into_slice};

use super::{Format, Plain};
use crate::messages::QuoteFields;

const CONFIG: Configuration<LittleEndian, Fixint> = standard().with_fixed_int_encoding();

/// More than a quote takes.
const ROOM: usize = 128;

#[derive(Encode, Decode)]
struct Quote {
    day: u64,
    firm: bool,
    bid: i64,
    ask: i64,
    bid_size: u64,
    ask_size: u64,
    number: u64,
    origin: u64,
    venue: u8,
}

/// The format.
pub struct Bincode {
    out: [u8; ROOM],
}

impl Default for Bincode {
    fn default() -> Self {
        Self { out: [0; ROOM] }
    }
}

impl Format for Bincode {
    #[inline(always)]
    fn write(&mut self, quote: &QuoteFields) -> &[u8] {
        let Plain { day, venue, firm, bid, ask, bid_size, ask_size, number, origin } = quote.into();
        let quote = Quote { day, firm, bid, ask, bid_size, ask_size, number, origin, venue };
        let length = encode_into_slice(quote, &mut self.out, CONFIG).unwrap_or_default();
        self.out.get(..length).unwrap_or_default()
    }

    #[inline(always)]
    fn number(bytes: &[u8]) -> Option<u64> {
        let (quote, _): (Quote, _) = decode_from_slice(bytes, CONFIG).ok()?;
        Some(quote.number)
    }

    #[inline(always)]
    fn all(bytes: &[u8]) -> Option<QuoteFields> {
        let (quote, _): (Quote, _) = decode_from_slice(bytes, CONFIG).ok()?;
        let Quote { day, firm, bid, ask, bid_size, ask_size, number, origin, venue } = quote;
        Plain { day, venue, firm, bid, ask, bid_size, ask_size, number, origin }.quote()
    }
}
