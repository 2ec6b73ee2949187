//! Protocol Buffers by prost, the message as its compiler would write it.
//!
//! Numbers that fill their type are `fixed64` and `sfixed64`, as protobuf's guide recommends where values are often greater than 2^56:
//! a varint of such a number has ten bytes and a branch for each. Written into a reused buffer.

use prost::Message;

use super::{Format, Plain};
use crate::messages::QuoteFields;

#[derive(Clone, Copy, PartialEq, Message)]
struct Quote {
    #[prost(fixed64, tag = "1")]
    day: u64,
    #[prost(enumeration = "Venue", tag = "2")]
    venue: i32,
    #[prost(bool, tag = "3")]
    firm: bool,
    #[prost(sfixed64, tag = "4")]
    bid: i64,
    #[prost(sfixed64, tag = "5")]
    ask: i64,
    #[prost(fixed64, tag = "6")]
    bid_size: u64,
    #[prost(fixed64, tag = "7")]
    ask_size: u64,
    #[prost(fixed64, tag = "8")]
    number: u64,
    #[prost(fixed64, tag = "9")]
    origin: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
enum Venue {
    North = 0,
    South = 1,
    West = 2,
}

/// The format.
#[derive(Default)]
pub struct Prost {
    out: Vec<u8>,
}

impl Format for Prost {
    #[inline(always)]
    fn write(&mut self, quote: &QuoteFields) -> &[u8] {
        let Plain { day, venue, firm, bid, ask, bid_size, ask_size, number, origin } = quote.into();
        self.out.clear();
        let quote = Quote { day, venue: venue.into(), firm, bid, ask, bid_size, ask_size, number, origin };
        // The buffer grows as needed.
        let _ = quote.encode(&mut self.out);
        &self.out
    }

    #[inline(always)]
    fn number(bytes: &[u8]) -> Option<u64> {
        Some(Quote::decode(bytes).ok()?.number)
    }

    #[inline(always)]
    fn all(bytes: &[u8]) -> Option<QuoteFields> {
        let quote = Quote::decode(bytes).ok()?;
        let venue = Venue::try_from(quote.venue).ok()? as u8;
        let Quote { day, firm, bid, ask, bid_size, ask_size, number, origin, .. } = quote;
        Plain { day, venue, firm, bid, ask, bid_size, ask_size, number, origin }.quote()
    }
}
