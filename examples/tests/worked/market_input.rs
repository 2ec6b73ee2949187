//! Bad rows are reported with their line, counted and skipped; good ones around them stay.

use std::process::Command;

use contracts::{Index, Price};
use mycelium_examples::market::input::{self, ReadError};

const HEADER: &str = "Date,Open,High,Low,Close,Adj Close,Volume\n";

/// Reads a good row, `row`, and a good row; returns what was said of the one in the middle.
fn rejected(row: &str) -> String {
    let csv = format!("{HEADER}1/4/1999,10,12,9,11,11,100\n{row}\n1/6/1999,10,12,9,11.5,11,100\n");
    let rows = input::read(Index::Sp500, csv.as_bytes()).unwrap();
    assert_eq!(rows.bars.len(), 2, "the good rows stay beside `{row}`");
    assert_eq!(rows.bars[1].close(), Price(11_500_000));
    assert_eq!(rows.rejected.len(), 1, "`{row}` is refused");
    rows.rejected[0].to_string()
}

#[test]
fn bad_rows_are_named_with_line_and_reason() {
    for (row, reason) in [
        ("1/5/1999,10,12,9,11", "line 3: has 5 columns instead of 7"),
        ("1/5/1999,10,12,9,11,11,100,7", "line 3: has 8 columns instead of 7"),
        ("2/30/1999,10,12,9,11,11,100", "line 3: `Date` is `2/30/1999`"),
        ("13/1/1999,10,12,9,11,11,100", "line 3: `Date` is `13/1/1999`"),
        (",10,12,9,11,11,100", "line 3: `Date` is ``"),
        ("1/5/1969,10,12,9,11,11,100", "line 3: `Date` is `1/5/1969`, outside the years"),
        ("1/4/1999,10,12,9,11,11,100", "line 3: `Date` is not after the day of the row before"),
        ("1/5/1999,ten,12,9,11,11,100", "line 3: `Open` is `ten`"),
        ("1/5/1999,10,12,9,11.0000001,11,100", "line 3: `Close` is `11.0000001`"),
        ("1/5/1999,10,99999999999999999999,9,11,11,100", "line 3: `High` is `99999999999999999999`"),
        ("1/5/1999,10,12,-9,11,11,100", "line 3: "),
        ("1/5/1999,10,12,9,8,11,100", "line 3: `Close` is 8.000000, outside the day's range 9.000000 to 12.000000"),
        ("1/5/1999,10,12,9,11,11,-1", "line 3: `Volume` is `-1`"),
        ("1/5/1999,10,12,9,11,11,1e9", "line 3: `Volume` is `1e9`"),
        ("1/5/1999,NaN,12,9,11,11,100", "line 3: `Open` is `NaN`"),
    ] {
        let said = rejected(row);
        assert!(said.starts_with(reason), "`{row}` gave `{said}`");
    }
}

#[test]
fn volume_beyond_32_bits_and_quotes_are_read() {
    let csv = format!("{HEADER}\"1/4/1999\",10,12,9,11,11,\"11456230000\"\r\n");
    let rows = input::read(Index::Nasdaq, csv.as_bytes()).unwrap();
    assert_eq!(rows.bars[0].volume, 11_456_230_000);
}

#[test]
fn bytes_that_are_not_utf8_cost_one_row() {
    let mut csv = format!("{HEADER}1/4/1999,10,12,9,11,11,100\n").into_bytes();
    csv.extend(b"1/5/1999,\xff\xfe,12,9,11,11,100\n1/6/1999,10,12,9,11,11,100\n");
    let rows = input::read(Index::Sp500, csv.as_slice()).unwrap();
    assert_eq!(rows.bars.len(), 2);
    assert_eq!(rows.rejected[0].to_string(), "line 3: `Open` is not UTF-8");
}

#[test]
fn missing_column_is_an_error_of_the_file() {
    let error = input::read(Index::Sp500, "Date,Open,High,Low,Close\n".as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::MissingColumn("Volume")), "{error}");
}

#[test]
fn days_missing_from_one_file_still_flow() {
    let read = |index, csv: String| input::read(index, csv.as_bytes()).unwrap().bars;
    let sp500 = read(Index::Sp500, format!("{HEADER}1/4/1999,10,12,9,11,11,1\n1/6/1999,10,12,9,11,11,1\n"));
    let nasdaq = read(Index::Nasdaq, format!("{HEADER}1/5/1999,10,12,9,11,11,1\n1/6/1999,10,12,9,11,11,1\n"));
    let order: Vec<_> = input::merge(&sp500, &nasdaq).iter().map(|bar| bar.index).collect();
    assert_eq!(order, [Index::Sp500, Index::Nasdaq, Index::Sp500, Index::Nasdaq]);
}

#[test]
fn program_reports_and_counts_bad_rows() {
    let folder = std::env::temp_dir().join(format!("mycelium-market-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bad.csv");
    std::fs::write(&path, format!("{HEADER}1/4/1999,10,12,9,11,11,100\n1/5/1999,x,12,9,11,11,100\n")).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_market")).args(["--runs", "1", "--sp500"]).arg(&path).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("bad.csv: line 3: `Open` is `x`"), "{stderr}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("1 bad rows skipped"));
}

#[test]
fn program_explains_a_missing_file_and_a_wrong_option() {
    let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_market")).args(arguments).output().unwrap();
    let missing = run(&["--sp500", "nowhere.csv"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().starts_with("market: nowhere.csv: "));
    let wrong = run(&["--runs", "0"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(run(&["--help"]).status.success());
}

/// The recorded output is what the tests of the command `mycelium` draw and document.
#[test]
fn the_desk_prints_its_routes() {
    let output = Command::new(env!("CARGO_BIN_EXE_market")).arg("--routes").output().unwrap();
    assert!(output.status.success());
    let recorded = include_str!("../../../mycelium-cli/tests/cli/data/market.jsonl");
    assert_eq!(String::from_utf8_lossy(&output.stdout), recorded);
}
