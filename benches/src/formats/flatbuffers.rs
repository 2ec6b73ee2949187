//! A FlatBuffers table, written by the library `flatbuffers` and read by `planus`, whose accessors check as they go.
//!
//! Both by the calls that their compilers generate for this table. The code that flatc generates for reading needs `unsafe`, which this
//! crate forbids; planus reads the same bytes and needs no verification pass. The builder is reset and reused, as its guide says.

use flatbuffers::FlatBufferBuilder;
use planus::SliceWithStartOffset;
use planus::table_reader::Table;

use super::{Format, Plain};
use crate::messages::QuoteFields;

/// The position of a field in the vtable.
const fn slot(field: u16) -> u16 {
    4 + 2 * field
}

/// The format.
#[derive(Default)]
pub struct Flatbuffers {
    builder: FlatBufferBuilder<'static>,
}

fn table(bytes: &[u8]) -> Option<Table<'_>> {
    Table::from_buffer(SliceWithStartOffset { buffer: bytes, offset_from_start: 0 }, 0).ok()
}

impl Format for Flatbuffers {
    #[inline(always)]
    fn write(&mut self, quote: &QuoteFields) -> &[u8] {
        let quote = Plain::from(quote);
        let builder = &mut self.builder;
        builder.reset();
        let start = builder.start_table();
        builder.push_slot(slot(8), quote.origin, 0);
        builder.push_slot(slot(7), quote.number, 0);
        builder.push_slot(slot(6), quote.ask_size, 0);
        builder.push_slot(slot(5), quote.bid_size, 0);
        builder.push_slot(slot(4), quote.ask, 0);
        builder.push_slot(slot(3), quote.bid, 0);
        builder.push_slot(slot(0), quote.day, 0);
        builder.push_slot(slot(2), quote.firm, false);
        builder.push_slot(slot(1), quote.venue, 0);
        let end = builder.end_table(start);
        builder.finish_minimal(end);
        builder.finished_data()
    }

    #[inline(always)]
    fn number(bytes: &[u8]) -> Option<u64> {
        Some(table(bytes)?.access(7, "Quote", "number").ok()?.unwrap_or_default())
    }

    #[inline(always)]
    fn all(bytes: &[u8]) -> Option<QuoteFields> {
        let table = table(bytes)?;
        let unsigned = |field, name| Some(table.access::<u64>(field, "Quote", name).ok()?.unwrap_or_default());
        let signed = |field, name| Some(table.access::<i64>(field, "Quote", name).ok()?.unwrap_or_default());
        Plain {
            day: unsigned(0, "day")?,
            venue: table.access(1, "Quote", "venue").ok()?.unwrap_or_default(),
            firm: table.access(2, "Quote", "firm").ok()?.unwrap_or_default(),
            bid: signed(3, "bid")?,
            ask: signed(4, "ask")?,
            bid_size: unsigned(5, "bid_size")?,
            ask_size: unsigned(6, "ask_size")?,
            number: unsigned(7, "number")?,
            origin: unsigned(8, "origin")?,
        }
        .quote()
    }
}
