//! The schemas that the checker returns.

use super::*;
use crate::model::*;
use crate::rules::Given;
use crate::source::{FileId, Source};
use crate::{parse, yaml};

/// Reads and checks one file.
fn read(text: &str) -> (Schema, Vec<Finding>) {
    let source = Source::new("test.yaml".to_owned(), text.to_owned());
    let mut findings = Findings::default();
    let root = yaml::read(&source, FileId(0), &mut findings);
    let files = root.map(|root| parse::parse(root, &mut findings)).into_iter().collect();
    let (schema, _) = super::check(files, "test", &mut findings);
    (schema, findings.into_sorted())
}

/// The schema of contracts that must be valid.
#[track_caller]
fn valid(text: &str) -> Schema {
    let (schema, findings) = read(text);
    let errors: Vec<&Finding> = findings.iter().filter(|finding| !finding.code.as_str().starts_with("MYC2")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(!schema.types.iter().any(|def| def.broken) && !schema.messages.iter().any(|message| message.broken));
    schema
}

/// The one field of a message that is declared like this, with some declared types.
#[track_caller]
fn field(declaration: &str) -> Field {
    let types = "
types:
  Price: { decimal: { repr: i64, scale: 6 } }
  Amount: { newtype: u128 }
  Symbol: { newtype: str<=8 }
  Side: { enum: u8, variants: { Buy: 1, Sell: 2 } }
  Zone: { enum: u16, open: true, variants: { Forest: 1 } }
  Effects: { flags: u16, bits: { Burning: 0, Hidden: 2 } }
  Level: { struct: { price: Price, size: u64 } }
";
    let text = format!("schema: {{ version: 3 }}{types}messages:\n  M: {{ id: 1, fields: {{ f: {declaration} }} }}\n");
    let mut schema = valid(&text);
    schema.messages.remove(0).fields.remove(0)
}

#[test]
fn what_is_left_out_gets_its_default() {
    let schema = valid("messages: { PoolState: { id: 0, fields: {} } }");
    assert_eq!((schema.name.as_str(), schema.version, schema.min_compatible), ("test", 1, 1));
    assert_eq!(schema.messages[0].topic, "pool_state");
    assert_eq!(schema.messages[0].doc, None);
    assert!(!schema.messages[0].redacted);
}

#[test]
fn every_kind_of_type_is_read() {
    let schema = valid(
        "types:
  Price: { decimal: { repr: i64, scale: 6 }, doc: A price. }
  Symbol: { newtype: str<=8 }
  Side: { enum: i8, variants: { Buy: -1, Sell: { value: 0x7F, doc: Out. } } }
  Venue: { enum: u16, open: true, variants: { Xnas: 1 } }
  Halts: { flags: u16, bits: { News: 0, Auction: 0b1111 } }
  Level: { struct: { price: Price, size: { type: u64, unit: shares, doc: How many. } } }
  Order: { oneof: { Limit: { level: Level }, Market: {} } }
messages: {}",
    );
    let kinds: Vec<&TypeKind> = schema.types.iter().map(|def| &def.kind).collect();
    let price = Type::Named(TypeId(0));
    let member = |name: &str, ty: Type| Member { name: name.into(), ty, doc: None, unit: None };
    assert_eq!(schema.types[0].doc.as_deref(), Some("A price."));
    assert_eq!(*kinds[0], TypeKind::Decimal { repr: Int::I64, scale: 6 });
    assert_eq!(*kinds[1], TypeKind::Newtype(Type::Str(8)));
    let TypeKind::Enum { repr: Int::I8, open: false, variants } = kinds[2] else { panic!("{:?}", kinds[2]) };
    assert_eq!(variants.iter().map(|variant| variant.value).collect::<Vec<_>>(), [-1, 127]);
    assert_eq!(variants[1].doc.as_deref(), Some("Out."));
    assert!(matches!(kinds[3], TypeKind::Enum { open: true, .. }));
    let TypeKind::Flags { repr: Int::U16, bits } = kinds[4] else { panic!("{:?}", kinds[4]) };
    assert_eq!(bits.iter().map(|bit| bit.position).collect::<Vec<_>>(), [0, 15]);
    let size = Member {
        doc: Some("How many.".into()),
        unit: Some("shares".into()),
        ..member("size", Type::Scalar(Scalar::Int(Int::U64)))
    };
    assert_eq!(*kinds[5], TypeKind::Struct(vec![member("price", price), size]));
    let TypeKind::Oneof(variants) = kinds[6] else { panic!("{:?}", kinds[6]) };
    assert_eq!(variants[0].members, [member("level", Type::Named(TypeId(5)))]);
    assert!(variants[1].members.is_empty());
}

#[test]
fn every_type_expression_is_read_with_any_spacing() {
    let byte = || Box::new(Type::Scalar(Scalar::Int(Int::U8)));
    let array = |length| Type::Array(byte(), length);
    for (written, ty) in [
        ("bool", Type::Scalar(Scalar::Bool)),
        ("u128", Type::Scalar(Scalar::U128)),
        ("i128", Type::Scalar(Scalar::I128)),
        ("u256", Type::Scalar(Scalar::U256)),
        ("f32", Type::Scalar(Scalar::F32)),
        ("timestamp_ns", Type::Scalar(Scalar::TimestampNs)),
        ("duration_ns", Type::Scalar(Scalar::DurationNs)),
        ("\"[u8;20]\"", array(20)),
        ("'[ u8 ;  0x14 ]'", array(20)),
        ("\"[[u8; 2]; 1_000]\"", Type::Array(Box::new(array(2)), 1000)),
        ("str<=8", Type::Str(8)),
        ("\"str <= 8\"", Type::Str(8)),
        ("bytes<=32", Type::Bytes(32)),
        ("\"[u8]<=10\"", Type::List(byte(), 10)),
        ("\"[[u8; 20]] <= 4\"", Type::List(Box::new(array(20)), 4)),
        ("\"[str<=8]<=4\"", Type::List(Box::new(Type::Str(8)), 4)),
        ("\"[Symbol]<=4\"", Type::List(Box::new(Type::Named(TypeId(2))), 4)),
    ] {
        assert_eq!(field(written).ty, ty, "{written}");
    }
}

#[test]
fn attributes_of_fields_are_read() {
    let read = field(
        "{ type: Price, doc: Last., unit: USD, since: 2, default: 1.5, deprecated: use vwap, min: 0.000001, max: 1_000 }",
    );
    assert_eq!((read.doc.as_deref(), read.unit.as_deref(), read.since), (Some("Last."), Some("USD"), 2));
    assert_eq!(read.deprecated.as_deref(), Some("use vwap"));
    assert_eq!(read.default, Some(Literal::Int(1_500_000)));
    let limit = |value| Given::Number(Literal::Int(value));
    let rules: Vec<_> = read.rules.iter().map(|set| (set.rule.key, set.given.clone())).collect();
    assert_eq!(rules, [("min", limit(1)), ("max", limit(1_000_000_000))]);
    assert!(field("{ type: u64, optional: true, since: 3 }").optional);
    let keys = |written: &str| field(written).rules.iter().map(|set| set.rule.key).collect::<Vec<_>>();
    assert_eq!(keys("{ type: f64, finite: true, not_zero: true }"), ["not_zero", "finite"]);
    assert_eq!(keys("{ type: Symbol, not_empty: true }"), ["not_empty"]);
    assert!(keys("{ type: Symbol, not_empty: false }").is_empty());
    assert_eq!(keys("{ type: '[u8; 20]', not_zero: true }"), ["not_zero"]);
}

#[test]
fn defaults_are_read_as_the_type_has_it() {
    let text = |text: &str| Literal::Str(text.into());
    let ints = |ints: &[i128]| Literal::Elements(ints.iter().map(|int| Literal::Int(*int)).collect());
    let mut wide = [0xFF; 32];
    wide[16..].fill(0);
    for (ty, written, literal) in [
        ("u8", "0xFF", Literal::Int(255)),
        ("i64", "-9223372036854775808", Literal::Int(i128::from(i64::MIN))),
        ("u128", "7", Literal::Int(7)),
        ("u128", "0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF", Literal::Wide(wide)),
        ("Amount", "12", Literal::Int(12)),
        ("f64", "1", Literal::Float("1.0".into())),
        ("f64", "1.50", Literal::Float("1.5".into())),
        ("f32", "-2.5e3", Literal::Float("-2500.0".into())),
        ("bool", "true", Literal::Bool(true)),
        ("str<=8", "no", text("no")),
        ("str<=8", "1.10", text("1.10")),
        ("str<=8", "\"~\"", text("~")),
        ("Symbol", "WETH", text("WETH")),
        ("str<=8", "\"\"", text("")),
        ("bytes<=4", "[1, 0x02]", ints(&[1, 2])),
        ("bytes<=4", "[]", Literal::Empty),
        ("\"[u8; 2]\"", "[1, 2]", ints(&[1, 2])),
        ("\"[u16]<=4\"", "[7]", ints(&[7])),
        ("Side", "Sell", Literal::Variant(1)),
        ("Side", "2", Literal::Variant(1)),
        ("Zone", "900", Literal::Int(900)),
        ("Effects", "[Burning, Hidden]", Literal::Int(5)),
        ("Effects", "Hidden", Literal::Int(4)),
        ("Effects", "0x8001", Literal::Int(0x8001)),
        ("timestamp_ns", "0", Literal::Int(0)),
        ("duration_ns", "-1", Literal::Int(-1)),
        ("Price", "-0.25", Literal::Int(-250_000)),
    ] {
        assert_eq!(field(&format!("{{ type: {ty}, default: {written} }}")).default, Some(literal), "{ty}: {written}");
    }
}

#[test]
fn docs_hold_no_control_characters() {
    let schema = valid("messages: { M: { id: 1, doc: \"a\\rb\\0c\\r\\nd\\x7F\", fields: {} } }");
    assert_eq!(schema.messages[0].doc.as_deref(), Some("a b c\nd"));
}

#[test]
fn keywords_that_can_be_raw_are_names() {
    let schema =
        valid("messages: { M: { id: 1, fields: { type: u8, async: u8, gen: u8, try: u8, fn: u8, Box: u8 } } }");
    assert_eq!(schema.messages[0].fields.len(), 6);
}

#[test]
fn what_is_broken_stays_as_a_name_and_takes_the_types_around_it_along() {
    let (schema, findings) = read(
        "types:
  Price: { decimal: { repr: i64, scale: 99 } }
  Level: { struct: { price: Price } }
  Fine: { newtype: u8 }
messages:
  Bar: { id: 1, fields: { levels: '[Level]<=4' } }
  Tick: { id: 2, fields: { fine: Fine } }
  Odd: { id: 3, fields: { x: Nothing } }",
    );
    let types: Vec<(&str, bool)> = schema.types.iter().map(|def| (def.name.as_str(), def.broken)).collect();
    assert_eq!(types, [("Price", true), ("Level", true), ("Fine", false)]);
    let messages = schema.messages.iter().map(|message| (message.name.as_str(), message.fields.len()));
    assert_eq!(messages.collect::<Vec<_>>(), [("Bar", 1), ("Tick", 1), ("Odd", 0)]);
    let errors = findings.iter().filter(|finding| !finding.code.as_str().starts_with("MYC2"));
    assert_eq!(errors.map(|finding| finding.code).collect::<Vec<_>>(), [Code::BadScale, Code::UnknownType]);
}

#[test]
fn a_version_that_can_not_be_read_is_one_error() {
    for schema in ["verison: 2", "version: two", "version: [2]"] {
        let (_, findings) = read(&format!(
            "schema: {{ {schema}, min_compatible: 2 }}
messages: {{ M: {{ id: 1, doc: A message., fields: {{ a: {{ type: u8, doc: A., since: 2, default: 0 }} }} }} }}"
        ));
        assert_eq!(findings.len(), 1, "{schema}: {findings:?}");
    }
}

#[test]
fn a_message_with_a_mistake_keeps_what_is_sound() {
    let fields = |message: &str| {
        let (schema, findings) = read(&format!(
            "schema: {{ version: 2 }}
types:
  Side: {{ enum: u8, docs: typo, variants: {{ Buy: 1 }} }}
messages:
  First: {{ id: 1, fields: {{}} }}
  M: {{ {message} }}"
        ));
        assert!(findings.iter().any(|finding| !finding.code.as_str().starts_with("MYC2")), "{message}");
        assert!(!schema.types[0].broken && !schema.messages[1].broken, "{message}");
        schema.messages[1].fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(fields("id: 2, topik: x, fields: { a: u8, b: Side }"), "a b");
    assert_eq!(fields("fields: { a: u8 }"), "a");
    assert_eq!(fields("id: 1, fields: { a: u8 }"), "a");
    assert_eq!(fields("id: 2, fields: { a: { type: u8, min: 300 }, b: { type: u8, default: x }, c: bool }"), "a b c");
    assert_eq!(fields("id: 2, fields: { a: { type: u8, since: 3 }, b: { type: u8, since: 2 } }"), "a b");
    assert_eq!(fields("id: 2, fields: { a: u8, b: u88, self: u8, c: '[str<=4; 2]', d: '[[u8]<=2]<=2', e: u8 }"), "a e");
}

#[test]
fn a_comment_or_another_indentation_changes_nothing() {
    let block = "messages:\n  Bar: # a day\n      id: 1\n\n      doc: 'One day.'\n      fields:\n        close: { type: f64, min: 1 }\n";
    let flow = "messages: { Bar: { id: 0x1, doc: \"One day.\", fields: { close: { type: f64, min: 1.0 } } } }";
    assert_eq!(valid(block), valid(flow));
}

#[test]
fn the_older_dialect_is_another_spelling() {
    let (mut older, findings) = read(include_str!("../../tests/fixtures/older_dialect.yaml"));
    older.name = "older_dialect".to_owned();
    assert_eq!(older, valid(include_str!("../../tests/fixtures/newer_dialect.yaml")));
    let lints: Vec<(Code, &str)> = findings.iter().map(|finding| (finding.code, finding.message.as_str())).collect();
    assert_eq!(
        lints,
        [
            (Code::NoEffect, "`rust_type` and `rkyv` have no effect"),
            (
                Code::NoDefault,
                "message `TokenMeta` has no `Default`: the default of `token` breaks `not_zero`, and so do those of `symbol`, `decimals`"
            ),
            (Code::UnknownValidation, "unknown validation `no_hex_prefix` checks nothing"),
            (Code::UnknownValidation, "unknown validation `monotonic` checks nothing"),
            (Code::NoDefault, "message `RouteFound` has no `Default`: the default of `pools` breaks `min_length`"),
            (Code::AssumedBound, "`String` has no `max_length`; 256 is assumed"),
            (Code::AssumedBound, "`Vec` has no `max_length`; 16 is assumed"),
            (Code::FloatPrice, "`profit_usd` of `RouteFound` holds money in a float"),
            (Code::NoEffect, "`serialization` has no effect"),
            (Code::NoEffect, "`serialization` has no effect"),
        ]
    );
}

#[test]
fn a_foreign_path_to_a_builtin_means_the_builtin() {
    let schema = valid(
        "types:
  U256: { rust_type: 'primitive_types::U256' }
  Wei: { rust_type: 'primitive_types::U256' }
  Name: { rust_type: String, validation: [max_length: 12] }
  Blob: { rust_type: 'Vec<u8>', validation: [max_length: 9] }
messages:
  M: { tlv_type: 1, fields: { a: U256, b: Wei, c: Name, d: Blob } }",
    );
    let names: Vec<&str> = schema.types.iter().map(|def| def.name.as_str()).collect();
    assert_eq!(names, ["Wei", "Name", "Blob"]);
    assert_eq!(schema.types[0].kind, TypeKind::Newtype(Type::Scalar(Scalar::U256)));
    assert_eq!(schema.types[1].kind, TypeKind::Newtype(Type::Str(12)));
    assert_eq!(schema.types[2].kind, TypeKind::Newtype(Type::Bytes(9)));
    assert_eq!(schema.messages[0].fields[0].ty, Type::Scalar(Scalar::U256));
}

#[test]
fn sensitivity_redacts_unless_the_payload_may_be_logged() {
    let redacted =
        |keys: &str| valid(&format!("messages: {{ M: {{ id: 1, {keys} fields: {{}} }} }}")).messages[0].redacted;
    assert!(redacted("log_payload: false,"));
    assert!(redacted("sensitivity: secret,"));
    assert!(!redacted("sensitivity: public,"));
    assert!(!redacted("sensitivity: secret, log_payload: true,"));
    assert!(!redacted(""));
}

#[test]
fn the_two_files_in_the_guide_to_the_older_dialect_are_one_schema() {
    let page = include_str!("../../../docs/older-dialect.md");
    let mut examples = page.split("```yaml\n").skip(1).filter_map(|block| Some(block.split_once("```")?.0));
    let (older, newer) = (examples.next().unwrap(), examples.next().unwrap());
    let name = "tokens".to_owned();
    assert_eq!(Schema { name, ..valid(older) }, valid(newer));
}
