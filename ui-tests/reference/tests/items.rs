//! `docs/generated.md` mentions every public item that generated code has, and every one of the runtime's types in it.
//!
//! Each section has a contract; its code is what the generator makes of that contract.

use std::collections::BTreeSet;
use std::path::Path;

use mycelium_reference::items::{Items, Sources};
use mycelium_reference::page::{Page, Section};

/// What each section is about: types of its own contract, or of the runtime. A section is read together with those after the names.
const SECTIONS: [(&str, &[&str], &[&str]); 25] = [
    ("A message", &["Order", "OrderFields", "Tick"], &[]),
    ("The trait Message", &["Message"], &[]),
    ("Decoding", &["Decoded"], &[]),
    ("Items of the contract", &["AnyMessage"], &[]),
    ("MESSAGES", &["MessageInfo"], &[]),
    ("U128 and I128", &["U128"], &[]),
    ("U256", &["U256"], &[]),
    ("TimestampNs and DurationNs", &["TimestampNs", "DurationNs"], &[]),
    ("Text", &["FixedStr"], &[]),
    ("Bytes", &["FixedBytes"], &[]),
    ("Decimals", &["Price"], &[]),
    ("A newtype over a number", &["OrderId"], &["Newtypes"]),
    ("A newtype over a wide integer", &["Amount"], &["Newtypes", "A newtype over a number"]),
    ("A newtype over text", &["Symbol"], &["Newtypes"]),
    ("A newtype over bytes", &["Token"], &["Newtypes"]),
    ("A newtype over an array or a declared type", &["Address"], &["Newtypes"]),
    ("Closed enums", &["Side"], &[]),
    ("Open enums", &["Venue"], &[]),
    ("Flags", &["Health"], &[]),
    ("Structs", &["Point", "Cell"], &[]),
    ("Oneofs", &["Command"], &[]),
    ("ValidationError and Rule", &["ValidationError", "Rule"], &["Errors in Rust"]),
    ("DecodeError", &["DecodeError"], &["Errors in Rust"]),
    (
        "Other errors",
        &["UnknownVariant", "CapacityError", "ParseDecimalError", "ParseU256Error", "TimeRangeError"],
        &["Errors in Rust"],
    ),
    ("Builder", &["Builder"], &[]),
];

fn page() -> Page {
    Page::read("docs/generated.md")
}

/// What a section has in backticks and in blocks of Rust.
fn code(sections: &[Section]) -> String {
    let inline = sections.iter().flat_map(Section::inline_code).map(str::to_owned);
    let blocks = sections.iter().flat_map(|section| &section.blocks).filter(|block| block.language == "rust");
    inline.chain(blocks.map(|block| block.text.clone())).collect::<Vec<_>>().join("\n")
}

/// The runtime and the builder.
fn library() -> Sources {
    let mut sources = Sources::of_runtime();
    sources.add(include_str!("../../../mycelium-codegen/src/builder.rs"));
    sources
}

/// The items of a type: in the generated code of the section's contract if that has it, else in the library.
fn items(library: &Sources, title: &str, name: &str) -> Items {
    let page = page();
    let sections = page.part(title).unwrap_or_else(|| panic!("{} has no section `{title}`", page.path));
    let contract = sections.iter().flat_map(|section| &section.blocks).find(|block| block.language == "yaml");
    let generated = contract.map(|contract| library.beside(&generate(title, &contract.text)));
    let found = generated.filter(|generated| generated.top_level().contains(name));
    found.as_ref().unwrap_or(library).items(name)
}

fn generate(name: &str, contract: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference-items").join(name.replace(' ', "-"));
    std::fs::create_dir_all(&folder).expect("a folder in target/tmp");
    let path = folder.join("contracts.yaml");
    std::fs::write(&path, contract).expect("a file in target/tmp");
    mycelium_codegen::Builder::new().generate(&path).unwrap_or_else(|report| panic!("{report}"))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether a trait is mentioned: with its parameter, where that is known and a conversion depends on it.
fn mentions_trait(words: &BTreeSet<&str>, code: &str, name: &str) -> bool {
    let (base, parameter) = name.split_once('<').unwrap_or((name, ""));
    let is_generic = parameter.is_empty() || parameter.contains('$') || parameter.starts_with("__");
    if is_generic { words.contains(base) } else { code.contains(name) }
}

fn lacking(items: &Items, code: &str) -> Vec<String> {
    let words: BTreeSet<&str> = code.split(|letter| !is_word(letter)).collect();
    let without_blanks = code.replace([' ', '\n'], "");
    let names = items.names.iter().filter(|name| !words.contains(name.trim_start_matches("r#"))).cloned();
    let traits = items.traits.iter().filter(|name| !mentions_trait(&words, &without_blanks, name)).cloned();
    names.chain(traits).collect()
}

#[test]
fn every_section_mentions_the_public_items_of_its_types() {
    let (page, library) = (page(), library());
    let mut problems = Vec::new();
    for (title, types, others) in SECTIONS {
        let part = |title: &str| page.part(title).unwrap_or_else(|| panic!("{} has no section `{title}`", page.path));
        let mut text = code(part(title));
        others.iter().for_each(|other| text.push_str(&code(part(other))));
        for name in types {
            let items = items(&library, title, name);
            assert!(!items.names.is_empty() || !items.traits.is_empty(), "`{name}` of `{title}` was not found");
            let lacking = lacking(&items, &text);
            problems.extend(
                lacking.iter().map(|item| format!("{}, section `{title}`, lacks `{item}` of `{name}`", page.path)),
            );
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_item_beside_messages_and_types_has_a_section() {
    let page = page();
    let mut sources = Sources::default();
    sources.add(&generate("top-level", "messages: { Bar: { id: 1, fields: { a: u8 } } }"));
    let found = sources.top_level();
    let expected: BTreeSet<String> =
        ["Bar", "BarFields", "MESSAGES", "AnyMessage", "AllRouted"].map(str::to_owned).into();
    assert_eq!(found, expected, "{} has no section on an item that is new, or one that is gone", page.path);
    for title in ["OrderFields", "MESSAGES", "AnyMessage", "AllRouted"] {
        assert!(page.part(title).is_some(), "{} has no section `{title}`", page.path);
    }
}

/// What this test looks for is found: a collector that finds nothing would let every page pass.
#[test]
fn items_are_found_in_code_macros_and_derives() {
    let library = library();
    let of = |title: &str, name: &str| items(&library, title, name);
    let flags = of("Flags", "Health");
    for name in ["HOT", "bits", "contains", "insert", "is_empty", "remove"] {
        assert!(flags.names.contains(name), "{flags:?}");
    }
    for name in ["BitOr", "BitXorAssign", "Clone", "Debug", "Default", "From<u16>", "From<Health>", "Hash", "Sub"] {
        assert!(flags.traits.contains(name), "{flags:?}");
    }
    let decimal = of("Decimals", "Price");
    assert!(
        decimal.names.is_superset(&["SCALE", "checked_mul_int", "to_f64_lossy"].map(str::to_owned).into()),
        "{decimal:?}"
    );
    assert!(decimal.traits.is_superset(&["Add", "FromStr", "Sum", "Ord"].map(str::to_owned).into()), "{decimal:?}");
    let symbol = of("A newtype over text", "Symbol");
    assert!(
        symbol.traits.is_superset(&["Display", "TryFrom<&str>", "PartialEq<str>"].map(str::to_owned).into()),
        "{symbol:?}"
    );
    let message = of("A message", "Order");
    assert!(message.names.is_superset(&["at", "price", "set_price", "note"].map(str::to_owned).into()), "{message:?}");
    assert!(message.traits.contains("TryFrom<OrderFields>"), "{message:?}");
}
