//! Hostile files: none causes a panic, exhausts the stack or takes a second.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use mycelium_codegen::{Report, check};

/// What a check may take, also unoptimised and on a busy machine.
const LIMIT: Duration = Duration::from_secs(1);

/// Checks a file with this content.
fn check_bytes(name: &str, bytes: &[u8]) -> Result<(), Report> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.yaml"));
    std::fs::write(&path, bytes).unwrap();
    let result = check(&path);
    std::fs::remove_file(&path).unwrap();
    result
}

/// What this thread has had of the processor so far, since other programs and tests may be running. By the clock where the kernel does
/// not say.
fn spent() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = schedule.split_whitespace().next().and_then(|number| number.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// The report on a file, found in time. The fastest of three tries counts.
fn timely_report(name: &str, bytes: &[u8]) -> Report {
    let mut slowest = Duration::ZERO;
    for _ in 0..3 {
        let start = spent();
        let report = check_bytes(name, bytes).expect_err(name);
        let took = spent() - start;
        if took < LIMIT {
            return report;
        }
        slowest = slowest.max(took);
    }
    panic!("{name} took up to {slowest:?}");
}

/// The code and place of the only error, found in time.
fn only_error(name: &str, text: impl AsRef<[u8]>) -> (String, usize, usize) {
    let report = timely_report(name, text.as_ref());
    let [only] = report.diagnostics() else { panic!("{name}: {report}") };
    (only.code().to_owned(), only.line(), only.column())
}

fn found(code: &str, line: usize, column: usize) -> (String, usize, usize) {
    (code.to_owned(), line, column)
}

#[test]
fn nesting_20_000_deep_is_refused_where_it_passes_the_limit() {
    assert_eq!(only_error("flow-lists", "messages: ".to_owned() + &"[".repeat(20_000)), found("MYC0002", 1, 27));
    assert_eq!(
        only_error("closed", "a: ".to_owned() + &"[".repeat(20_000) + &"]".repeat(20_000)),
        found("MYC0002", 1, 20)
    );
    assert_eq!(only_error("flow-maps", "{a: ".repeat(20_000)), found("MYC0002", 1, 65));
    assert_eq!(only_error("block-lists", "a:\n  ".to_owned() + &"- ".repeat(20_000)), found("MYC0002", 2, 33));
}

#[test]
fn block_maps_nested_20_000_deep_are_refused() {
    // One more blank on each line would make 200 MB; a file of 16 MB goes 5,600 deep.
    let nested = |depth: usize| (1..depth).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>();
    let text = "types:\n".to_owned() + &nested(5_600);
    assert!(text.len() < 16 << 20);
    assert_eq!(only_error("block-maps", text), found("MYC0002", 17, 17));
    assert_eq!(only_error("block-maps-20000", "types:\n".to_owned() + &nested(20_000)).0, "MYC0002");
}

#[test]
fn deep_types_are_refused() {
    let deep = "[".repeat(20_000) + "u8" + &"; 1]".repeat(20_000);
    let field = format!("messages: {{ Bar: {{ id: 1, fields: {{ a: \"{deep}\" }} }} }}");
    assert_eq!(only_error("type-expression", field).0, "MYC0015");
    let generic = format!("messages: {{ Bar: {{ id: 1, fields: {{ a: {}u8 }} }} }}", "Vec<".repeat(20_000));
    assert_eq!(only_error("generic-expression", generic).0, "MYC0015");
    let mut chain = "types:\n  T0: { newtype: u8 }\n".to_owned();
    for at in 1..20_000 {
        chain += &format!("  T{at}: {{ newtype: T{} }}\n", at - 1);
    }
    let report = check_bytes("type-chain", (chain + "messages: {}\n").as_bytes()).unwrap_err();
    assert_eq!(report.diagnostics()[0].code(), "MYC0018");
}

#[test]
fn types_that_double_at_each_step_are_refused() {
    let mut types = "types:\n  T0: { newtype: u8 }\n".to_owned();
    for at in 1..60 {
        types += &format!("  T{at}: {{ struct: {{ a: T{0}, b: T{0} }} }}\n", at - 1);
    }
    let report = check_bytes("doubling", (types + "messages: {}\n").as_bytes()).unwrap_err();
    assert!(report.diagnostics().iter().all(|diagnostic| diagnostic.code() == "MYC0019"));
}

#[test]
fn alias_bombs_are_refused_at_their_first_anchor() {
    let mut bomb = "a: &a [lol, lol]\n".to_owned();
    for (inner, outer) in ('a'..='y').zip('b'..='z') {
        bomb += &format!("{outer}: &{outer} [*{inner}, *{inner}, *{inner}, *{inner}, *{inner}, *{inner}]\n");
    }
    assert_eq!(only_error("bomb", bomb), found("MYC0002", 1, 4));
    assert_eq!(only_error("self-reference", "messages: &m\n  Bar: *m\n"), found("MYC0002", 1, 11));
}

#[test]
fn ten_megabytes_of_garbage_are_refused_in_time() {
    const SIZE: usize = 10 << 20;
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let bytes: Vec<u8> = (0..SIZE).map(|_| random() as u8).collect();
    let printable: Vec<u8> = (0..SIZE).map(|_| b' ' + (random() % 95) as u8).collect();
    assert_eq!(only_error("random-bytes", bytes).0, "MYC0001");
    assert_eq!(only_error("zeroes", vec![0; SIZE]).0, "MYC0008");
    for (name, text) in [
        ("printable", String::from_utf8(printable).unwrap()),
        ("letters", "a".repeat(SIZE)),
        ("words", "lorem ipsum\n".repeat(SIZE / 12)),
        ("brackets", "[".repeat(SIZE)),
        ("dashes", "- ".repeat(SIZE / 2)),
        ("pairs", "abc: def\n".repeat(SIZE / 9)),
        ("pairs-of-contracts", "types: def\n".repeat(SIZE / 11)),
        ("quotes", "\"".repeat(SIZE)),
        ("open-quote", format!("messages: \"{}", "x".repeat(SIZE))),
        ("tabs", "\t".repeat(SIZE)),
        ("blank-lines", "\n".repeat(SIZE)),
        ("braces", "{}".repeat(SIZE / 2)),
        ("colons", ":".repeat(SIZE)),
        ("question-marks", "? ".repeat(SIZE / 2)),
    ] {
        let report = timely_report(name, text.as_bytes());
        assert!(report.to_string().len() < 100_000, "{name}");
    }
}

#[test]
fn lists_and_maps_of_more_than_65_536_items_are_refused() {
    let messages = "messages:\n".to_owned() + &(0..70_000).map(|at| format!("  M{at}: 1\n")).collect::<String>();
    for (name, text) in [("messages", messages), ("lists", format!("messages: [{}]", "[],".repeat(70_000)))] {
        let report = check_bytes(name, text.as_bytes()).unwrap_err();
        assert_eq!(report.diagnostics()[0].message(), "a list or map has more than 65536 items");
    }
}

#[test]
fn files_above_the_limit_are_not_even_read() {
    assert_eq!(only_error("seventeen-megabytes", " ".repeat(17 << 20)), found("MYC0002", 1, 1));
}

#[test]
fn stray_bytes_are_shown_where_they_stand() {
    assert_eq!(only_error("latin-1", b"messages:\n  B\xE4r: {}\n"), found("MYC0001", 2, 4));
    assert_eq!(only_error("utf-16", b"\xFF\xFEm\0e\0s\0"), found("MYC0001", 1, 1));
    assert_eq!(only_error("nul", b"messages:\n  Bar: { id: \0 }\n").1, 2);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_mistake() {
    let good = "\u{FEFF}messages:\r\n  Bar:\r\n    id: 1\r\n    doc: A day.\r\n    fields:\r\n      close: u64\r\n";
    check_bytes("bom", good.as_bytes()).unwrap();
    assert_eq!(only_error("bom-and-mistake", "\u{FEFF}mesages: {}\r\nmessages: {}\r\n"), found("MYC0004", 1, 1));
}

#[test]
fn empty_files_are_said_to_be_empty() {
    for (name, text) in
        [("empty", ""), ("blank", "  \n\n"), ("comment", "# soon\n"), ("null", "~\n"), ("dashes", "---\n")]
    {
        assert_eq!(only_error(name, text).0, "MYC0003", "{name}");
    }
}

#[test]
fn a_file_that_is_not_there_is_reported_without_a_place() {
    let report = check("no/such/contracts.yaml").unwrap_err();
    let [only] = report.diagnostics() else { panic!("{report}") };
    assert_eq!((only.code(), only.line(), only.column()), ("MYC0035", 0, 0));
    assert!(report.to_string().starts_with("no/such/contracts.yaml is not valid\n\nerror[MYC0035]: can't read"));
}
