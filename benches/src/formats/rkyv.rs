//! rkyv, read in place by its checked `access`, with the error type without cost (`Failure`) and a reused buffer.

use rkyv::rancor::Failure;
use rkyv::util::AlignedVec;
use rkyv::{Archive, Serialize, access, api::high::to_bytes_in};

use super::{Format, Plain};
use crate::messages::{QuoteFields, Venue};

#[derive(Archive, Serialize)]
struct Quote {
    day: u64,
    firm: bool,
    bid: i64,
    ask: i64,
    bid_size: u64,
    ask_size: u64,
    number: u64,
    origin: u64,
    venue: Place,
}

#[derive(Archive, Serialize)]
enum Place {
    North,
    South,
    West,
}

/// The format.
#[derive(Default)]
pub struct Rkyv {
    out: AlignedVec,
}

impl Format for Rkyv {
    #[inline(always)]
    fn write(&mut self, quote: &QuoteFields) -> &[u8] {
        let venue = match quote.venue {
            Venue::North => Place::North,
            Venue::South => Place::South,
            Venue::West => Place::West,
        };
        let Plain { day, firm, bid, ask, bid_size, ask_size, number, origin, .. } = quote.into();
        let quote = Quote { day, firm, bid, ask, bid_size, ask_size, number, origin, venue };
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        self.out = to_bytes_in::<_, Failure>(&quote, out).unwrap_or_default();
        &self.out
    }

    #[inline(always)]
    fn number(bytes: &[u8]) -> Option<u64> {
        Some(access::<ArchivedQuote, Failure>(bytes).ok()?.number.into())
    }

    #[inline(always)]
    fn all(bytes: &[u8]) -> Option<QuoteFields> {
        let quote = access::<ArchivedQuote, Failure>(bytes).ok()?;
        let venue = match quote.venue {
            ArchivedPlace::North => Venue::North,
            ArchivedPlace::South => Venue::South,
            ArchivedPlace::West => Venue::West,
        };
        Plain {
            day: quote.day.into(),
            venue: venue as u8,
            firm: quote.firm,
            bid: quote.bid.into(),
            ask: quote.ask.into(),
            bid_size: quote.bid_size.into(),
            ask_size: quote.ask_size.into(),
            number: quote.number.into(),
            origin: quote.origin.into(),
        }
        .quote()
    }
}
