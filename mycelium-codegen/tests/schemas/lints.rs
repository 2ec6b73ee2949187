//! Lints: their codes and places, and that they never make a contract invalid.

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
            "MYC2001 4:3 message `Bar` and 2 of its fields have no doc; the first is `open`",
            "MYC2001 5:39 field `at` of `Tick` has no doc",
        ]
    );
}

#[test]
fn unusual_case_is_noticed() {
    let text = "lints: { no_zero_variant: allow, unused_type: allow }\ntypes:\n  tick_size: { enum: u8, variants: { one_cent: 1 }, doc: d }\n  Level: { struct: { Size: u8 }, doc: d }\nmessages:\n  bar: { id: 1, doc: d, fields: { Close: { type: u8, doc: d } } }\n";
    assert_eq!(
        found("case", text),
        [
            "MYC2005 3:3 type `tick_size` is not in UpperCamelCase",
            "MYC2005 3:38 variant `one_cent` is not in UpperCamelCase",
            "MYC2005 4:22 field `Size` is not in snake_case",
            "MYC2005 6:3 message `bar` is not in UpperCamelCase",
            "MYC2005 6:35 field `Close` is not in snake_case",
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
            "MYC2019 6:7 message `Bar` has no `Default`: the default of `a` breaks `min`",
            "MYC2003 6:51 validation `max_length` has no effect: `max_length` applies to text, bytes and lists",
            "MYC2003 6:71 validation `min` has no effect: `min` is not a value of the field's type: it is not in the range 0 to 255",
            "MYC2003 6:83 validation `not_empty` has no effect: `not_empty` applies to text, bytes and lists",
            "MYC2003 6:100 validation `finite` has no effect: `finite` applies to `f32` and `f64`",
            "MYC2002 7:18 `String` has no `max_length`; 256 is assumed",
            "MYC2004 7:55 unknown validation `max_lenght` checks nothing",
            "MYC2004 7:70 unknown validation `pattern` checks nothing",
            "MYC2004 7:87 unknown validation `in` checks nothing",
            "MYC2003 7:99 validation `min` has no effect: `min` applies to numbers",
            "MYC2003 8:59 validation `max_length` has no effect: `max_length` applies to text, bytes and lists",
            "MYC2003 8:84 validation `not_zero` has no effect: `not_zero` must be `true` or `false`, not `maybe`",
            "MYC2003 8:91 validation `not_empty` has no effect: `not_empty` applies to text, bytes and lists",
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
    let (u128_max, u256_max) = (format!("0x{}", "f".repeat(32)), format!("0x{}", "f".repeat(64)));
    let text = format!(
        "messages:
  M:
    id: 1
    doc: d
    fields:
      a: {{ type: u128, doc: d, max: {u128_max} }}
      b: {{ type: u256, doc: d, max: {u256_max} }}
      c: {{ type: u256, doc: d, max: {u128_max} }}
      d: {{ type: str<=8, doc: d, validation: [max_length: 8, min_length: 0] }}
      e: {{ type: \"[u8]<=8\", doc: d, validation: [max_length: 9, min_length: 1] }}
      f: {{ type: String, doc: d, validation: [max_length: 8] }}
      g: {{ type: \"Option<Vec<u8>>\", doc: d, validation: [max_length: 8] }}
      h: {{ type: \"bytes<=8\", doc: d, validation: [max_length: 7] }}
"
    );
    let idle: Vec<String> = found("idle_ends", &text).into_iter().filter(|lint| lint.starts_with("MYC2007")).collect();
    assert_eq!(
        idle,
        [
            "MYC2007 6:37 `max` always holds for this type",
            "MYC2007 7:37 `max` always holds for this type",
            "MYC2007 9:59 `max_length` always holds for this type",
            "MYC2007 9:74 `min_length` always holds for this type",
            "MYC2007 10:62 `max_length` always holds for this type",
        ]
    );
}

#[test]
fn an_order_that_saves_padding_is_shown() {
    let text = "types:
  Pair: { struct: { a: u8, b: u64, c: u8 }, doc: d }
  Tight: { struct: { a: u8, b: u8 }, doc: d }
messages:
  Wide: { id: 1, doc: d, fields: { a: { type: u8, doc: d }, b: { type: u64, doc: d }, c: { type: u8, doc: d } } }
  Alone: { id: 2, doc: d, fields: { a: { type: u8, doc: d } } }
  Held: { id: 3, doc: d, fields: { a: { type: Pair, doc: d }, b: { type: Tight, doc: d } } }
  Optional: { id: 4, doc: d, fields: { a: { type: u64, optional: true, doc: d }, b: { type: u8, doc: d }, c: { type: u32, doc: d } } }
";
    assert_eq!(
        found("padding", text),
        [
            "MYC2009 2:3 14 of the 24 bytes of struct `Pair` are padding",
            "MYC2009 5:3 14 of the 24 bytes of message `Wide` are padding",
            "MYC2009 8:3 10 of the 24 bytes of message `Optional` are padding",
        ]
    );
}

#[test]
fn padding_is_forgiven_once_the_order_is_locked() {
    let text = "types: { S: { struct: { a: u8, b: u64, c: u8 }, doc: d } }\nmessages:\n  Wide: { id: 1, doc: d, fields: { a: { type: u8, doc: d }, b: { type: u64, doc: d }, c: { type: u8, doc: d }, s: { type: S, doc: d } } }\n";
    assert_eq!(found("locked", text).len(), 2);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lints/locked.yaml");
    mycelium_codegen::lock::write(&path, &[]).unwrap();
    assert_eq!(found("locked", text), Vec::<String>::new());
    std::fs::remove_file(path.with_extension("lock")).unwrap();
}

#[test]
fn money_in_floats_is_one_lint_for_each_declaration() {
    let text = "types:
  Fee: { newtype: f64, doc: d }
  Deal: { struct: { unit_price: f32, size: f32, notional: f64 }, doc: d }
messages:
  M: { id: 1, doc: d, fields: { fee: { type: Fee, doc: d }, deal: { type: Deal, doc: d }, ratio: { type: f64, doc: d }, CashFlow: { type: \"[f64]<=2\", doc: d } } }
";
    let found: Vec<String> = found("money", text).into_iter().filter(|lint| lint.starts_with("MYC2010")).collect();
    assert_eq!(
        found,
        [
            "MYC2010 2:3 `Fee` holds money in a float",
            "MYC2010 3:21 `unit_price` and 1 more of `Deal` hold money in floats",
            "MYC2010 5:121 `CashFlow` of `M` holds money in a float",
        ]
    );
}

#[test]
fn types_are_used_through_any_other() {
    let text = "types:
  A: { newtype: u8, doc: d }
  B: { struct: { it: \"[A; 2]\" }, doc: d }
  C: { oneof: { X: { it: B } }, doc: d }
  D: { newtype: C, doc: d }
  Idle: { newtype: u8, doc: d }
  IdleToo: { newtype: Idle, doc: d }
messages:
  M: { id: 1, doc: d, fields: { it: { type: \"[D]<=2\", doc: d } } }
";
    assert_eq!(
        found("used", text),
        ["MYC2013 6:3 no message uses type `Idle`", "MYC2013 7:3 no message uses type `IdleToo`"]
    );
    assert_eq!(found("types_alone", "types: { A: { newtype: u8, doc: d } }\nmessages: {}\n"), Vec::<String>::new());
}

#[test]
fn times_deprecations_bools_and_ids_are_looked_at() {
    let bools: String = (0..8).map(|number| format!("b{number}: {{ type: bool, doc: d }}, ")).collect();
    let text = format!(
        "messages:
  Old: {{ id: 0, doc: d, deprecated: true, fields: {{ a: {{ type: u64, doc: d, deprecated: true }} }} }}
  Times: {{ id: 1, doc: d, fields: {{ sent_ns: {{ type: i64, doc: d }}, ts: {{ type: u64, doc: d }}, times: {{ type: u64, doc: d }}, at_time: {{ type: timestamp_ns, doc: d }} }} }}
  Bools: {{ id: 2, doc: d, fields: {{ {bools} }} }}
  Large: {{ id: 3, doc: d, fields: {{ a: {{ type: \"[u8; 4097]\", doc: d }} }} }}
  Full: {{ id: 4, doc: d, fields: {{ a: {{ type: \"[u8; 4096]\", doc: d }} }} }}
  Bare: {{ id: 5, doc: d, deprecated: \"\", fields: {{ time: {{ type: u64, doc: d, deprecated: No }} }} }}
"
    );
    assert_eq!(
        found("fields", &text),
        [
            "MYC2014 2:3 `Old` is deprecated without a reason",
            "MYC2018 2:14 message `Old` has the id 0, which zeroed bytes have as well",
            "MYC2014 2:53 `a` is deprecated without a reason",
            "MYC2016 3:37 field `sent_ns` and 1 more of `Times` are times in plain integers",
            "MYC2017 4:3 message `Bools` has 8 bools",
            "MYC2015 5:3 message `Large` has 4104 bytes, all of which are copied each time it is sent on",
            "MYC2014 7:3 `Bare` is deprecated without a reason",
            "MYC2014 7:52 `time` is deprecated, with the reason `No`",
            "MYC2016 7:52 field `time` of `Bare` is a time in a plain integer",
        ]
    );
}

#[test]
fn enums_want_a_zero_only_where_they_are_closed() {
    let text = "types:
  Closed: { enum: u8, variants: { A: 1 }, doc: d }
  Zero: { enum: i8, variants: { A: -1, B: 0 }, doc: d }
  Open: { enum: u8, open: true, variants: { A: 1 }, doc: d }
messages:
  M: { id: 1, doc: d, fields: { a: { type: Closed, doc: d }, b: { type: Zero, doc: d }, c: { type: Open, doc: d } } }
";
    assert_eq!(found("zero", text), ["MYC2011 2:3 the closed enum `Closed` has no variant of value 0"]);
}

#[test]
fn lints_can_be_allowed_and_denied() {
    let text = "lints: { missing_docs: allow, unusual_case: warn }\nmessages:\n  bar: { id: 1, fields: { x: u8 } }\n";
    assert_eq!(found("allowed", text), ["MYC2005 3:3 message `bar` is not in UpperCamelCase"]);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lints/denied.yaml");
    std::fs::write(&path, text.replace("warn", "deny")).unwrap();
    let report = mycelium_codegen::check(&path).unwrap_err();
    assert_eq!(report.diagnostics().len(), 1);
    assert_eq!((report.diagnostics()[0].code(), report.diagnostics()[0].severity()), ("MYC2005", Severity::Error));
}

#[test]
fn what_a_file_says_of_lints_holds_for_itself_and_for_imports_that_say_nothing() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lints");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("silent.yaml"), "messages: { A: { id: 1, fields: {} } }").unwrap();
    std::fs::write(folder.join("loud.yaml"), "lints: { missing_docs: warn }\nmessages: { B: { id: 2, fields: {} } }")
        .unwrap();
    let root =
        "lints: { missing_docs: allow }\nimports: [silent.yaml, loud.yaml]\nmessages: { C: { id: 3, fields: {} } }\n";
    assert_eq!(found("root", root), ["MYC2001 2:13 message `B` has no doc"]);
}

#[test]
fn what_keeps_a_message_from_having_a_default_is_named() {
    let text = "lints: { missing_docs: allow }
types:
  Rate: { newtype: f32, doc: d }
messages:
  Order:
    id: 1
    fields:
      a: { type: u8, min: 1 }
      b: { type: \"str<=4\", not_empty: true }
      c: { type: \"[i8; 3]\", not_zero: true }
      d: { type: \"[u8]<=3\", validation: [min_length: 2] }
      e: { type: Rate, not_zero: true }
      f: { type: i32, max: -1 }
      g: { type: u256, min: 340282366920938463463374607431768211456 }
  Fine:
    id: 2
    fields:
      a: { type: u8, min: 1, default: 1 }
      b: { type: \"str<=4\", not_empty: true, optional: true }
      c: { type: i32, min: 0, max: 5 }
      d: { type: f64, min: -1, finite: true }
  One: { id: 3, fields: { at: { type: timestamp_ns, not_zero: true } } }
";
    assert_eq!(
        found("default", text),
        [
            "MYC2019 8:7 message `Order` has no `Default`: the default of `a` breaks `min`, and so do those of `b`, `c`, `d`, `e`, `f`, `g`",
            "MYC2019 22:27 message `One` has no `Default`: the default of `at` breaks `not_zero`",
        ]
    );
}

/// The accessor of a field hides a call of the same name. A field whose code compiles anyway is no finding.
#[test]
fn a_field_that_takes_the_place_of_a_call_is_noticed() {
    let message = |field: &str, said: &str| {
        format!("messages:\n  Bar: {{ id: 1, doc: d, fields: {{ {field}: {{ type: {said}, doc: d }} }} }}\n")
    };
    for (field, said, hidden) in [
        ("decode", "u8, max: 3", Some("Bar::decode(bytes)")),
        ("decode", "u8", None),
        ("default", "u8, optional: true", Some("Bar::default()")),
        ("default", "u8, max: 3", Some("Bar::default()")),
        ("default", "u8, min: 3, default: 3", Some("Bar::default()")),
        ("from", "u8, optional: true", Some("Bar::from(fields)")),
        (
            "from",
            "\"[u8; 20]\", not_zero: true, default: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
            None,
        ),
        ("try_from", "u8, optional: true", None),
        ("try_from", "str<=4", Some("Bar::try_from(fields)")),
        ("clone", "\"[u8]<=4\"", Some("message.clone()")),
        ("validate", "bytes<=4", Some("message.validate()")),
        ("as_bytes", "u8, optional: true", Some("message.as_bytes()")),
        ("to_owned", "u8, max: 3", Some("message.to_owned()")),
        ("new", "u8, max: 3", None),
        ("id", "u8, max: 3", None),
        ("fmt", "u8, max: 3", None),
    ] {
        let found = found("hidden", &message(field, said));
        let wanted = hidden.map(|call| format!("MYC2020 2:35 the accessor of field `{field}` of `Bar` hides `{call}`"));
        assert_eq!(found, wanted.into_iter().collect::<Vec<_>>(), "{field}: {said}");
    }
}

#[test]
fn a_default_that_is_only_rounded_out_of_its_rules_is_refused() {
    let refused = |test: &str, field: &str| {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("rounded-{test}.yaml"));
        std::fs::write(&path, format!("messages: {{ Bar: {{ id: 1, fields: {{ a: {{ {field} }} }} }} }}")).unwrap();
        lints(&path).err().map(|report| report.diagnostics()[0].message().to_owned())
    };
    assert_eq!(refused("zero", "type: f32, not_zero: true, default: 1e-60").as_deref(), Some("the default is zero"));
    assert_eq!(refused("fine", "type: f64, not_zero: true, finite: true, default: 1e60"), None);
}

/// All keys that a file of the older dialect may have.
#[test]
fn keys_of_the_older_dialect_without_effect_are_noticed() {
    let text = "schema: { id: 7, version: 2, min_compatible: 1, digest_algo: blake3, description: d }
types: { Address: { rust_type: \"[u8; 20]\", description: d, serialization: raw } }
messages:
  Bar: { tlv_type: 1, description: d, schema_version: v1.2, rkyv: true, fields: { a: { type: Address, description: d } } }
";
    assert_eq!(
        found("older", text),
        [
            "MYC2003 1:49 `digest_algo` has no effect",
            "MYC2003 2:60 `serialization` has no effect",
            "MYC2003 4:61 `rkyv` has no effect",
        ]
    );
}
