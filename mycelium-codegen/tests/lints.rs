//! What is worth a look: code, place, and that it never makes contracts invalid.

use std::path::PathBuf;

use mycelium_codegen::{Severity, lints};

/// The lints of one file, as `MYC2001 1:13 …`.
fn found(test: &str, text: &str) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lints");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{test}.yaml"));
    std::fs::write(&path, text).unwrap();
    let found = lints(&path).unwrap_or_else(|report| panic!("{report}"));
    assert!(found.iter().all(|lint| lint.severity() == Severity::Lint));
    assert!(found.iter().all(|lint| !lint.to_string().contains('\n')), "lints are one line each");
    found.iter().map(|lint| format!("{} {}:{} {}", lint.code(), lint.line(), lint.column(), lint.message())).collect()
}

#[test]
fn missing_docs_are_counted_for_each_message() {
    let text = "types:\n  Price: { newtype: u64 }\nmessages:\n  Bar: { id: 1, fields: { open: Price, close: Price } }\n  Tick: { id: 2, doc: Now., fields: { at: u64 } }\n";
    assert_eq!(
        found("docs", text),
        [
            "MYC2001 2:3 type `Price` has no doc",
            "MYC2001 4:3 message `Bar` has no doc",
            "MYC2001 4:27 2 fields of `Bar` have no doc, `open` first",
            "MYC2001 5:39 field `at` of `Tick` has no doc",
        ]
    );
}

#[test]
fn unusual_case_is_noticed() {
    let text = "types:\n  tick_size: { enum: u8, variants: { one_cent: 1 }, doc: d }\n  Level: { struct: { Size: u8 }, doc: d }\nmessages:\n  bar: { id: 1, doc: d, fields: { Close: { type: u8, doc: d } } }\n";
    assert_eq!(
        found("case", text),
        [
            "MYC2005 2:3 type `tick_size` is not in UpperCamelCase",
            "MYC2005 2:38 variant `one_cent` is not in UpperCamelCase",
            "MYC2005 3:22 field `Size` is not in snake_case",
            "MYC2005 5:3 message `bar` is not in UpperCamelCase",
            "MYC2005 5:35 field `Close` is not in snake_case",
        ]
    );
}

#[test]
fn validations_of_the_older_dialect_never_fail_a_build() {
    let text = "messages:
  Bar:
    tlv_type: 1
    description: d
    fields:
      a: { type: u8, description: d, validation: [max_length: 3, min: -1, min: 1, not_empty: true, finite: yes] }
      b: { type: String, description: d, validation: [max_lenght: 3, pattern: \"^a+$\", in: [1, 2], min: x] }
      c: { type: \"[u8; 20]\", description: d, validation: [max_length: 3, not_zero: maybe, not_empty] }
";
    let found = found("validations", text);
    assert_eq!(
        found,
        [
            "MYC2003 6:51 validation `max_length` has no effect: `max_length` is for text, bytes and lists",
            "MYC2003 6:71 validation `min` has no effect: `min` is not a value of the field's type: it is not within 0 to 255",
            "MYC2003 6:83 validation `not_empty` has no effect: `not_empty` is for text, bytes and lists",
            "MYC2003 6:100 validation `finite` has no effect: `finite` is for `f32` and `f64`",
            "MYC2002 7:18 `String` has no `max_length`; 256 is assumed",
            "MYC2004 7:55 validation `max_lenght` is not known and checks nothing",
            "MYC2004 7:70 validation `pattern` is not known and checks nothing",
            "MYC2004 7:87 validation `in` is not known and checks nothing",
            "MYC2003 7:99 validation `min` has no effect: `min` is for numbers",
            "MYC2003 8:59 validation `max_length` has no effect: `max_length` is for text, bytes and lists",
            "MYC2003 8:84 validation `not_zero` has no effect: `not_zero` is `true` or `false`, not `maybe`",
            "MYC2003 8:91 validation `not_empty` has no effect: `not_empty` is for text, bytes and lists",
        ]
    );
}

#[test]
fn rules_that_always_hold_are_noticed() {
    let text = "types:\n  Cents: { decimal: { repr: u8, scale: 1 }, doc: d }\nmessages:\n  M:\n    id: 1\n    doc: d\n    fields:\n      a: { type: u8, doc: d, min: 0, max: 255 }\n      b: { type: Cents, doc: d, max: 25.5 }\n      c: { type: u256, doc: d, min: 0 }\n      d: { type: f64, doc: d, min: 0 }\n";
    assert_eq!(
        found("idle", text),
        [
            "MYC2007 8:35 `min` always holds for this type",
            "MYC2007 8:43 `max` always holds for this type",
            "MYC2007 9:38 `max` always holds for this type",
            "MYC2007 10:37 `min` always holds for this type",
        ]
    );
}
