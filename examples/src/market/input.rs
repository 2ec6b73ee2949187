//! CSV files of daily bars: every good row becomes a [`Bar`], every bad one is reported with its line.

use std::fmt;
use std::io::Read;
use std::str::FromStr;

use contracts::{Bar, BarFields, Index, Price};
use csv::{ByteRecord, ReaderBuilder};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mycelium_rt::message::TimestampNs;

/// The required columns, by the names in the first row; other columns are ignored.
const COLUMNS: [&str; 6] = ["Date", "Open", "High", "Low", "Close", "Volume"];

/// The rows of one file.
#[derive(Debug, Default)]
pub struct Rows {
    /// The good rows, in ascending order of days.
    pub bars: Vec<Bar>,
    /// The bad rows, in the order of the file.
    pub rejected: Vec<RejectedRow>,
}

/// A row that was skipped.
#[derive(Debug, PartialEq)]
pub struct RejectedRow {
    /// Its line; the first line of a file is 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Why a whole file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// An error of the file system or the CSV reader.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// The first row lacks a required column.
    #[error("the first row names no column `{0}`; needed are Date, Open, High, Low, Close and Volume")]
    MissingColumn(&'static str),
}

/// Reads the bars of `index` from CSV text.
///
/// A bad row (wrong number of columns, an impossible date, a price with more than six decimals, a day that is not after the
/// previous one, …) is skipped and reported. Only a failure to read the file is an error.
pub fn read(index: Index, source: impl Read) -> Result<Rows, ReadError> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(source);
    let columns = Columns::find(reader.byte_headers()?)?;
    let mut rows = Rows::default();
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        match columns.bar(index, &record).and_then(|bar| in_order(rows.bars.last(), bar)) {
            Ok(bar) => rows.bars.push(bar),
            Err(reason) => rows.rejected.push(RejectedRow { line, reason }),
        }
    }
    Ok(rows)
}

/// Merges two streams by day; on the same day the S&P 500 comes first.
pub fn merge(sp500: &[Bar], nasdaq: &[Bar]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = sp500.iter().chain(nasdaq).copied().collect();
    bars.sort_by_key(|bar| bar.day);
    bars
}

/// The position of each of [`COLUMNS`], and how many columns a row must have.
struct Columns {
    positions: [usize; COLUMNS.len()],
    count: usize,
}

impl Columns {
    fn find(header: &ByteRecord) -> Result<Self, ReadError> {
        let mut positions = [0; COLUMNS.len()];
        for (position, name) in positions.iter_mut().zip(COLUMNS) {
            let found = header.iter().position(|cell| cell == name.as_bytes());
            *position = found.ok_or(ReadError::MissingColumn(name))?;
        }
        Ok(Self { positions, count: header.len() })
    }

    fn bar(&self, index: Index, record: &ByteRecord) -> Result<Bar, String> {
        if record.len() != self.count {
            return Err(format!("has {} columns instead of {}", record.len(), self.count));
        }
        let mut cells = [""; COLUMNS.len()];
        for (place, (cell, name)) in cells.iter_mut().zip(COLUMNS).enumerate() {
            let bytes = record.get(self.positions[place]).unwrap_or_default();
            *cell = std::str::from_utf8(bytes).map_err(|_| format!("`{name}` is not UTF-8"))?.trim();
        }
        let [day, open, high, low, close, volume] = cells;
        let bar = Bar::try_from(BarFields {
            day: parse_day(day)?,
            index,
            open: parse_price("Open", open)?,
            high: parse_price("High", high)?,
            low: parse_price("Low", low)?,
            close: parse_price("Close", close)?,
            volume: parse("Volume", volume)?,
        })
        .map_err(|error| error.to_string())?;
        within_range(bar)
    }
}

/// Midnight UTC of a day written `M/D/YYYY`.
fn parse_day(text: &str) -> Result<TimestampNs, String> {
    let wrong = |why: jiff::Error| format!("`Date` is `{text}`, not a day as M/D/YYYY: {why}");
    let start = Date::strptime("%m/%d/%Y", text).and_then(|date| date.to_zoned(TimeZone::UTC)).map_err(wrong)?;
    u64::try_from(start.timestamp().as_nanosecond())
        .map(TimestampNs)
        .map_err(|_| format!("`Date` is `{text}`, outside the years 1970 to 2554"))
}

fn parse_price(column: &str, text: &str) -> Result<Price, String> {
    parse(column, text)
}

fn parse<T: FromStr<Err: fmt::Display>>(column: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|why| format!("`{column}` is `{text}`: {why}"))
}

/// A day's open and close lie between its low and its high.
fn within_range(bar: Bar) -> Result<Bar, String> {
    for (name, price) in [("Open", bar.open()), ("Close", bar.close())] {
        if !(bar.low()..=bar.high()).contains(&price) {
            return Err(format!("`{name}` is {price}, outside the day's range {} to {}", bar.low(), bar.high()));
        }
    }
    Ok(bar)
}

fn in_order(last: Option<&Bar>, bar: Bar) -> Result<Bar, String> {
    match last {
        Some(last) if bar.day <= last.day => Err("`Date` is not after the day of the row before".to_owned()),
        _ => Ok(bar),
    }
}
