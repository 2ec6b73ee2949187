//! `docs/generated.md` mentions every public item that generated code has, and every one of the runtime's types in it.
//!
//! Each section has a contract; its code is what the generator makes of that contract.

use std::collections::BTreeSet;
use std::path::Path;

use mycelium_reference::items::{Items, Sources};
use mycelium_reference::page::{Page, Section};

/// What each section is about: types of its own contract, or of the runtime. A section is read together with those after the names.
const SECTIONS: [(&str, &[&str], &[&str]); 26] = [
    ("A message", &["Order", "OrderFields", "Tick"], &[]),
    ("The trait Message", &["Message"], &[]),
    ("Decoding", &["Decoded"], &[]),
    ("Items of the contract", &["AnyMessage"], &[]),
    ("MESSAGES", &["MessageInfo"], &[]),
    ("U128 and I128", &["U128", "I128"], &[]),
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
    ("Checking and locking", &["Diagnostic", "Report", "Written"], &[]),
];

fn page() -> Page {
    Page::read("docs/generated.md")
}

/// What sections have in backticks. An example does not explain what it uses, so blocks don't count.
fn code(sections: &[Section]) -> String {
    let code = sections.iter().flat_map(Section::inline_code).collect::<Vec<_>>().join("\n");
    let prose = sections.iter().flat_map(|section| &section.prose).map(String::as_str).collect::<Vec<_>>().join(" ");
    match prose.contains("`I128` is the same for `i128`") {
        true => code.replace("U128", "I128").replace("u128", "i128") + "\n" + &code,
        false => code,
    }
}

/// The runtime, and what the compiler of contracts offers.
fn library() -> Sources {
    let mut sources = Sources::of_runtime();
    sources.add(include_str!("../../../../mycelium-codegen/src/builder.rs"));
    sources.add(include_str!("../../../../mycelium-codegen/src/report.rs"));
    sources.add(include_str!("../../../../mycelium-codegen/src/lock/mod.rs"));
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

/// What a source exports: the names of `pub use message::{…}`, or of every `pub use` and every item that is public.
fn exported(source: &str, module: Option<&str>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // Without what is public for generated code only: a module of its own.
    let source = source.split("pub(crate) mod private").enumerate().map(|(at, part)| match at {
        0 => part,
        _ => part.split_once("\n}\n").map_or("", |(_, rest)| rest),
    });
    for statement in source.flat_map(|part| part.split("\npub ").skip(1).collect::<Vec<_>>()) {
        let is_wanted = |path: &str| {
            module.is_none_or(|module| path.strip_prefix(module).is_some_and(|rest| rest.starts_with("::")))
        };
        if let Some(path) = statement.strip_prefix("use ") {
            let path = path.split(';').next().unwrap_or_default();
            if is_wanted(path) {
                names.extend(
                    words(path).filter(|word| word.starts_with(|first: char| first.is_uppercase())).map(str::to_owned),
                );
            }
        } else if module.is_none() {
            let mut words =
                words(statement).skip_while(|word| !["struct", "enum", "trait", "type", "fn", "const"].contains(word));
            names.extend(words.nth(1).map(str::to_owned));
        }
    }
    names
}

/// Whether a trait is mentioned: with its parameter, where that is known and a conversion depends on it.
fn mentions_trait(words: &BTreeSet<&str>, code: &str, name: &str) -> bool {
    let (base, parameter) = name.split_once('<').unwrap_or((name, ""));
    let is_generic = parameter.is_empty() || parameter.contains('$') || parameter.starts_with("__");
    if is_generic { words.contains(base) } else { code.contains(name) }
}

/// The items that a section does not mention. Names that come from its contract may be in its blocks only.
fn lacking(items: &Items, sections: &[Section], code: &str) -> Vec<String> {
    let blocks = sections.iter().flat_map(|section| &section.blocks);
    let (contracts, examples): (Vec<_>, Vec<_>) = blocks.partition(|block| block.language == "yaml");
    // `bits` and the like are keys of every contract, and no names.
    let names =
        contracts.iter().flat_map(|block| words(&block.text)).filter(|word| !["bits", "id", "name"].contains(word));
    let own: BTreeSet<String> = names.map(plain).collect();
    let in_examples: BTreeSet<&str> = examples.iter().flat_map(|block| words(&block.text)).collect();
    let in_code: BTreeSet<&str> = words(code).collect();
    let is_mentioned = |name: &str| {
        in_code.contains(name) || in_examples.contains(name) && own.contains(&plain(name.trim_start_matches("set_")))
    };
    let without_blanks = code.replace([' ', '\n'], "");
    let names = items.names.iter().filter(|name| !is_mentioned(name)).cloned();
    let traits = items.traits.iter().filter(|name| !mentions_trait(&in_code, &without_blanks, name)).cloned();
    names.chain(traits).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// A name in no case.
fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
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
            let lacking = lacking(&items, part(title), &text);
            problems.extend(
                lacking.iter().map(|item| format!("{}, section `{title}`, lacks `{item}` of `{name}`", page.path)),
            );
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// What the runtime has for messages, and what the sections are about: a type or an error that is new needs a section.
#[test]
fn every_public_type_of_the_runtime_for_messages_is_in_a_section() {
    let root = exported(include_str!("../../../../mycelium-rt/src/lib.rs"), Some("message"));
    let module = exported(include_str!("../../../../mycelium-rt/src/message/mod.rs"), None);
    assert!(module.len() >= 15 && module.contains("FixedStr") && module.contains("Message"), "{module:?}");
    assert_eq!(root, module, "what users take from `mycelium_rt` is what its module `message` has");
    let told: BTreeSet<String> =
        SECTIONS.iter().flat_map(|(_, types, _)| *types).map(|name| (*name).to_owned()).collect();
    let missing: Vec<&String> = module.difference(&told).collect();
    assert!(missing.is_empty(), "{} has no section on {missing:?}; add one, and name it in SECTIONS", page().path);
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

/// The sections that are not about one type, and what each has to mention.
#[test]
fn every_way_to_use_generated_code_has_a_section() {
    let page = page();
    for (title, words) in [
        ("compile", &["compile_error!", "contracts.lock"][..]),
        (
            "Checking and locking",
            &["check(path)", "lints(path)", "lock::path_of(path)", "lock::text(path)", "lock::write(path, breaks)"],
        ),
        ("Checking and locking", &["lock::diff(then, now)", "lock::exchanges(then, now)"]),
        ("include_contracts!", &["mycelium_rt::include_contracts!()", "Builder::output"]),
        ("Default", &["Order::default()", "default"]),
        ("Debug", &["log_payload: false", "sensitivity", "<redacted>"]),
        ("Accessors and setters", &["order.at", "order.price()", "order.set_price(…)?", "order.set_note(…)"]),
        ("From or TryFrom", &["TryFrom<OrderFields>", "From<TickFields>", "ValidationError", "From<Infallible>"]),
        ("Decoding", &["Decoded::Borrowed", "Decoded::Owned", "MIN_COMPATIBLE", "DecodeError::Length"]),
        ("AllRouted", &["Route<M>"]),
        ("Numbers and bool", &[]),
        ("Arrays", &["[T; N]"]),
        ("Lists", &["&[Level]", "Rule::MaxElements"]),
        ("Optional fields", &["Option", "Result"]),
        ("Names", &["route_bar", "r#type", "SCREAMING_SNAKE_CASE", "snake_case"]),
        ("Traits of zerocopy", &["Builder::zerocopy(true)", "IntoBytes", "Immutable", "TryFromBytes", "KnownLayout"]),
    ] {
        let sections = page.part(title).unwrap_or_else(|| panic!("{} has no section `{title}`", page.path));
        let code: Vec<&str> = sections.iter().flat_map(Section::inline_code).collect();
        for word in words {
            assert!(code.iter().any(|code| code.contains(word)), "{}, section `{title}`, lacks `{word}`", page.path);
        }
    }
}

/// The table of fields has a row for each form of a type.
#[test]
fn every_type_of_a_field_has_a_row() {
    let page = page();
    let [section, ..] = page.part("Fields").expect("a section on fields") else { panic!("a section") };
    let rows = section.rows_below(&["in the contract"]);
    for form in [
        "bool",
        "u8",
        "u64",
        "i8",
        "i64",
        "f32",
        "f64",
        "u128",
        "i128",
        "u256",
        "timestamp_ns",
        "duration_ns",
        "Price",
        "[T; N]",
        "str<=N",
        "bytes<=N",
        "[T]<=N",
        "optional: true",
    ] {
        let row = rows.iter().find(|row| row[0].split('`').any(|code| code == form));
        let row = row.unwrap_or_else(|| panic!("{}, section `Fields`, has no row for `{form}`", page.path));
        assert!(row.iter().all(|cell| !cell.is_empty()), "{}, section `Fields`: {row:?}", page.path);
    }
}

/// What the table of traits says other than `yes` and `no`, each with types inside of which it is so, and of which it is not.
const CONDITIONS: [(&str, &[&str], &[&str]); 4] = [
    (
        "unless it contains a float",
        &["u32", "[u8; 4]", "timestamp_ns", "Side", "Level", "Either", "Health", "Price"],
        &["f32", "f64", "[f32; 2]", "Point"],
    ),
    (
        "if the type inside has them and is no float; not over arrays, structs, oneofs and flags",
        &["u32", "u128", "bool", "timestamp_ns", "str<=4", "bytes<=4", "Price", "Side"],
        &["f32", "f64", "[u8; 4]", "Level", "Either", "Health"],
    ),
    (
        "over numbers, times, `bool`, text and decimals",
        &["u32", "i8", "u256", "f64", "timestamp_ns", "duration_ns", "bool", "str<=4", "Price"],
        &["bytes<=4", "[u8; 4]", "Side", "Health", "Level", "Either"],
    ),
    ("over text", &["str<=4"], &["u32", "bytes<=4", "[u8; 4]", "Price", "Side"]),
];

/// The types that [`CONDITIONS`] name.
const INSIDE: &str = "types:
  Price: { decimal: { repr: i64, scale: 2 } }
  Side: { enum: u8, variants: { Buy: 0, Sell: 1 } }
  Health: { flags: u8, bits: { Hot: 0 } }
  Level: { struct: { size: u32 } }
  Point: { struct: { x: f32 } }
  Either: { oneof: { One: { size: u32 } } }
";

/// The traits of a type of one of three kinds around another type.
fn traits_around(library: &Sources, kind: &str, inside: &str) -> BTreeSet<String> {
    let shape = match kind {
        "Newtypes" => format!("newtype: \"{inside}\""),
        "Structs" => format!("struct: {{ a: \"{inside}\" }}"),
        "Oneofs" => format!("oneof: {{ A: {{ a: \"{inside}\" }} }}"),
        other => panic!("`{other}` is around no other type"),
    };
    let message = "messages: { M: { id: 1, fields: { probes: \"[Probe]<=2\" } } }";
    let folder: String = format!("{kind}-{inside}").chars().filter(|letter| letter.is_alphanumeric()).collect();
    let generated = generate(&folder, &format!("{INSIDE}  Probe: {{ {shape} }}\n{message}"));
    library.beside(&generated).items("Probe").traits
}

/// The table of traits says `yes` where the generated code has one, and `no` where it has none.
#[test]
fn the_table_of_traits_is_true() {
    let (page, library) = (page(), library());
    let [section, ..] = page.part("Declared types in Rust").expect("a section on types") else { panic!("a section") };
    let rows = section.rows_below(&["kind"]);
    let kinds = [
        ("#decimals", "Decimals", "Price"),
        ("#newtypes", "Newtypes", "Symbol"),
        ("#closed-enums", "Closed enums", "Side"),
        ("#open-enums", "Open enums", "Venue"),
        ("#flags", "Flags", "Health"),
        ("#structs", "Structs", "Cell"),
        ("#oneofs", "Oneofs", "Command"),
    ];
    for (anchor, title, name) in kinds {
        let row = rows.iter().find(|row| row[0].contains(anchor));
        let row = row.unwrap_or_else(|| panic!("{}: the table of traits has no row for {anchor}", page.path));
        let contract = if title == "Newtypes" { "A newtype over text" } else { title };
        let found = items(&library, contract, name).traits;
        for (cell, traits) in
            row[1..].iter().zip([&["Eq", "Hash"][..], &["PartialOrd", "Ord"], &["Display"], &["FromStr"]])
        {
            let says = format!("{}: the table of traits says `{cell}` of {traits:?} for {title}", page.path);
            let is_true =
                |found: &BTreeSet<String>, told: bool| traits.iter().all(|name| found.contains(*name) == told);
            if *cell == "yes" || cell.starts_with("yes, ") {
                assert!(is_true(&found, true), "{says}, but there are only {found:?}");
            } else if *cell == "no" {
                assert!(is_true(&found, false), "{says}, but there are {found:?}");
            } else {
                let condition = CONDITIONS.iter().find(|(words, ..)| words == cell);
                let (_, with, without) =
                    condition.unwrap_or_else(|| panic!("{says}; CONDITIONS do not say what that means"));
                // Text and bytes are allowed in newtypes only.
                let may_stand = |inside: &&&str| title == "Newtypes" || !inside.contains("<=");
                for (inside, told) in with
                    .iter()
                    .map(|it| (it, true))
                    .chain(without.iter().map(|it| (it, false)))
                    .filter(|(inside, _)| may_stand(inside))
                {
                    let found = traits_around(&library, title, inside);
                    assert!(is_true(&found, told), "{says}; around `{inside}` there are {found:?}");
                }
            }
        }
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
