//! Random changes of good contracts: the result is never a panic, and every finding has a place in the file.

use std::path::PathBuf;

use mycelium_codegen::{check, lints};
use proptest::prelude::*;

const GOOD: [&str; 4] = [
    include_str!("../../../contracts/contracts.yaml"),
    include_str!("../../../contracts/game.yaml"),
    include_str!("../fixtures/older_dialect.yaml"),
    include_str!("../fixtures/newer_dialect.yaml"),
];

/// Pieces that mean something to the parser.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "<=",
    ";",
    ": ",
    "- ",
    ", ",
    "\n",
    "  ",
    "\t",
    "\"",
    "'",
    "&a ",
    "*a",
    "!!str ",
    "#",
    "|\n",
    ">\n",
    "---\n",
    "\u{FEFF}",
    "é",
    "\0",
    "~",
    "0x",
    "-1",
    "99999999999999999999999",
    "Vec<",
    "str<=",
    "self",
    "messages:",
    "types:",
    "optional: true",
    "since: 2",
    "default: 0",
    "Bar",
    "? ",
    "%YAML 1.2\n",
    "\r",
];

#[derive(Debug, Clone)]
enum Mutation {
    Insert(usize, usize),
    Delete(usize, usize),
    Copy(usize, usize, usize),
    SwapLines(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = || 0..100_000_usize;
    prop_oneof![
        (at(), 0..PIECES.len()).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        (at(), 1..40_usize).prop_map(|(at, length)| Mutation::Delete(at, length)),
        (at(), at(), 1..200_usize).prop_map(|(from, to, length)| Mutation::Copy(from, to, length)),
        (at(), at()).prop_map(|(one, two)| Mutation::SwapLines(one, two)),
    ]
}

fn apply(text: &str, mutation: &Mutation) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let count = chars.len().max(1);
    match *mutation {
        Mutation::Insert(at, piece) => {
            let at = at % count;
            chars.splice(at..at, PIECES[piece].chars());
        }
        Mutation::Delete(at, length) => {
            let at = at % count;
            chars.drain(at..(at + length).min(chars.len()));
        }
        Mutation::Copy(from, to, length) => {
            let from = from % count;
            let piece: Vec<char> = chars[from..(from + length).min(chars.len())].to_vec();
            let to = to % count;
            chars.splice(to..to, piece);
        }
        Mutation::SwapLines(one, two) => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let count = lines.len().max(1);
            if !lines.is_empty() {
                lines.swap(one % count, two % count);
            }
            return lines.concat();
        }
    }
    chars.into_iter().collect()
}

fn survives(text: &str) -> Result<(), TestCaseError> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mutations");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{:?}.yaml", std::thread::current().id()));
    std::fs::write(&path, text).unwrap();
    let lines = text.lines().count().max(1) + 1;
    let found = match lints(&path) {
        Ok(lints) => lints,
        Err(report) => {
            prop_assert!(report.to_string().contains("is not valid"));
            prop_assert!(!report.diagnostics().is_empty());
            report.diagnostics().to_vec()
        }
    };
    for diagnostic in &found {
        prop_assert!((1..=lines).contains(&diagnostic.line()), "{diagnostic}");
        prop_assert!(diagnostic.column() >= 1, "{diagnostic}");
    }
    prop_assert_eq!(check(&path).is_ok(), found.iter().all(|found| found.code().starts_with("MYC2")));
    Ok(())
}

proptest! {
    // The environment variable PROPTEST_CASES makes them longer.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_contracts_never_panic(file in 0..GOOD.len(), mutations in prop::collection::vec(mutation(), 1..6)) {
        let text = mutations.iter().fold(GOOD[file].to_owned(), |text, mutation| apply(&text, mutation));
        survives(&text)?;
    }

    #[test]
    fn heaps_of_pieces_never_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        survives(&text)?;
    }

    #[test]
    fn any_text_as_a_type_or_value_never_panics(text in "\\PC{0,24}") {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        survives(&format!("messages: {{ M: {{ id: 1, fields: {{ f: \"{quoted}\" }} }} }}"))?;
        for ty in ["u8", "f32", "u256", "str<=4", "\"[u8; 2]\""] {
            survives(&format!("messages: {{ M: {{ id: 1, fields: {{ f: {{ type: {ty}, default: \"{quoted}\", min: \"{quoted}\" }} }} }} }}"))?;
        }
    }
}
