//! `docs/contracts.md` has every key, rule, type and lint that a contract may have, with its form, default, meaning and an example.
//! What there is comes from the JSON Schema that editors use; sizes come from the compiler.

use std::collections::BTreeSet;
use std::path::Path;

use mycelium_reference::page::{Block, Page, Section};
use serde_json::Value;

fn page() -> Page {
    Page::read("docs/contracts.md")
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mycelium-cli/schema/contracts.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the schema is committed")).expect("the schema is JSON")
}

/// The names in backticks.
fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn complain(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Every property of every object, those of the header and of `reserved` after its name.
fn keys(schema: &Value) -> BTreeSet<String> {
    fn collect(schema: &Value, prefix: &str, keys: &mut BTreeSet<String>) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            keys.extend(properties.keys().map(|key| format!("{prefix}{key}")));
        }
        match schema {
            Value::Object(map) => map.iter().for_each(|(name, value)| match name.as_str() {
                // Lints have rows of their own.
                "lints" => {}
                "header" => collect(value, "schema.", keys),
                "reserved" => collect(value, "reserved.", keys),
                _ => collect(value, "", keys),
            }),
            Value::Array(items) => items.iter().for_each(|item| collect(item, prefix, keys)),
            _ => {}
        }
    }
    let mut keys = BTreeSet::new();
    collect(schema, "", &mut keys);
    keys
}

#[test]
fn every_key_has_a_form_a_default_a_meaning_and_an_example() {
    let page = page();
    let keys = keys(&schema());
    assert!(keys.len() >= 45, "{keys:?}");
    complain(&keys.iter().flat_map(|key| problems_of_key(&page, key)).collect::<Vec<_>>());
}

/// The rules, also those that only the older dialect has a key for.
#[test]
fn every_rule_has_a_form_a_default_a_meaning_and_an_example() {
    let page = page();
    let schema = schema();
    let rules = schema["$defs"]["older_rules"]["properties"].as_object().expect("rules are properties");
    assert!(rules.len() >= 7, "{rules:?}");
    complain(&rules.keys().flat_map(|key| problems_of_key(&page, key)).collect::<Vec<_>>());
}

/// The keys of the older dialect, which have a table row; all others have a section.
const OLDER: [&str; 15] = [
    "description",
    "domain",
    "domains",
    "invariants",
    "required_prior_messages",
    "rkyv",
    "rust_type",
    "schema.description",
    "schema.digest_algo",
    "schema.doc",
    "schema.id",
    "schema_version",
    "serialization",
    "tag_ranges",
    "tlv_type",
];

fn problems_of_key(page: &Page, key: &str) -> Vec<String> {
    if OLDER.contains(&key) {
        return problems_of_row(page, key, true);
    }
    let Some([section, ..]) = page.part(key) else {
        return vec![format!("{} has no section for the key `{key}`", page.path)];
    };
    let problems = problems_of_section(section, key).into_iter();
    problems.map(|what| format!("{}, section `{key}`, {what}", page.path)).collect()
}

fn problems_of_row(page: &Page, key: &str, has_colon: bool) -> Vec<String> {
    let [section, ..] = page.part("The older dialect").expect("a section on it") else { panic!("a section") };
    let rows = section.rows_below(&["key", "where", "form", "default", "meaning"]);
    let Some(row) = rows.iter().find(|row| code(row[0]).contains(&key)) else {
        return vec![format!("{}, section `The older dialect`, has no table row for `{key}`", page.path)];
    };
    let mut problems = Vec::new();
    if row.iter().any(|cell| cell.is_empty()) {
        problems.push(format!("{}, the row of `{key}`, has an empty cell", page.path));
    }
    let is_word = |block: &Block| block.text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == key);
    let has_example = if has_colon { has_example(section, key) } else { section.blocks.iter().any(is_word) };
    if !has_example {
        problems.push(format!("{}, section `The older dialect`, has no example with `{key}`", page.path));
    }
    problems
}

#[test]
fn every_type_of_the_older_dialect_has_a_row_and_an_example() {
    let page = page();
    let types = ["String", "Vec", "Option", "U256", "U128", "I128"];
    complain(&types.iter().flat_map(|name| problems_of_row(&page, name, false)).collect::<Vec<_>>());
}

fn problems_of_section(section: &Section, key: &str) -> Vec<String> {
    let mut problems = Vec::new();
    match section.rows_below(&["form", "default", "change"]).first() {
        None => problems.push("lacks a table of form, default and change".to_owned()),
        Some(row) if row.iter().any(|cell| cell.is_empty()) => problems.push(format!("has an empty cell: {row:?}")),
        Some(_) => {}
    }
    if !section.prose.iter().any(|line| line.contains(". ") || line.ends_with('.')) {
        problems.push("does not say what the key means".to_owned());
    }
    if !has_example(section, key) {
        problems.push(format!("has no example with `{key}`"));
    }
    problems
}

/// A contract that is as it should be has the key.
fn has_example(section: &Section, key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or(key);
    let contracts = section.blocks.iter().filter(|block| block.language == "yaml" && block.codes().next().is_none());
    contracts.into_iter().any(|block| {
        let words = block.text.split(|letter: char| letter.is_whitespace() || "{,[".contains(letter));
        // A rule that takes `true` may be a bare word in a `validation`.
        words.into_iter().any(|word| word.strip_suffix(':').is_some_and(|word| word == name))
    })
}

#[test]
fn every_built_in_type_has_its_values_size_alignment_and_an_example() {
    let page = page();
    let types = built_in_types(&schema());
    assert!(types.len() >= 16, "{types:?}");
    let columns = ["type", "values", "size", "alignment", "zero value"];
    let rows: Vec<Vec<&str>> = page.sections.iter().flat_map(|section| section.rows_below(&columns)).collect();
    let mut problems = Vec::new();
    for name in &types {
        match rows.iter().find(|row| code(row[0]) == [name]) {
            None => problems.push(format!("{} has no table row for the type `{name}`", page.path)),
            Some(row) if row.iter().any(|cell| cell.is_empty()) => {
                problems.push(format!("{}, the row of `{name}`, has an empty cell", page.path));
            }
            Some(row) => {
                let (size, alignment) = size_and_alignment(name);
                if row[2..4] != [size.to_string(), alignment.to_string()] {
                    problems.push(format!(
                        "{}, the row of `{name}`, has size {} and alignment {}, which are {size} and {alignment}",
                        page.path, row[2], row[3]
                    ));
                }
            }
        }
        let is_word =
            |text: &str| text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name);
        if !page.blocks("yaml").any(|block| block.codes().next().is_none() && is_word(&block.text)) {
            problems.push(format!("{} has no example with the type `{name}`", page.path));
        }
    }
    complain(&problems);
}

/// Arrays, text, bytes and lists.
#[test]
fn every_type_with_a_bound_has_its_form_size_alignment_and_an_example() {
    let page = page();
    let mut problems = Vec::new();
    for (title, example, size, alignment) in [
        ("[T; N]", "\"[u32; 3]\"", 12, 4),
        ("str<=N", "str<=8", 10, 1),
        ("bytes<=N", "bytes<=8", 10, 1),
        ("[T]<=N", "\"[u8]<=4\"", 4, 3),
    ] {
        let Some([section, ..]) = page.part(title) else {
            problems.push(format!("{} has no section for the type `{title}`", page.path));
            continue;
        };
        let rows = section.rows_below(&["form", "size", "alignment", "zero value"]);
        if rows.is_empty() || rows[0].iter().any(|cell| cell.is_empty()) {
            problems.push(format!(
                "{}, section `{title}`, lacks a table of form, size, alignment and zero value",
                page.path
            ));
        }
        let is_good = |block: &&Block| block.language == "yaml" && block.codes().next().is_none();
        if !section.blocks.iter().any(|block| is_good(&block)) {
            problems.push(format!("{}, section `{title}`, has no example", page.path));
        }
        // What the page says in words: of a list, the elements follow the length, which lies at 2 behind the byte before.
        let expected = if title == "[T]<=N" { (size, alignment + 1) } else { (size, alignment) };
        assert_eq!(size_and_alignment(example), expected, "{title}");
    }
    complain(&problems);
}

/// The list of names that holds `u8`.
fn built_in_types(schema: &Value) -> Vec<String> {
    fn find(schema: &Value) -> Option<Vec<String>> {
        match schema {
            Value::Array(items) if items.contains(&Value::from("u8")) => {
                Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            Value::Array(items) => items.iter().find_map(find),
            Value::Object(map) => map.values().find_map(find),
            _ => None,
        }
    }
    find(schema).expect("the schema lists the types")
}

/// As the compiler lays the type out between two bytes.
fn size_and_alignment(name: &str) -> (u64, u64) {
    let contract = format!("messages: {{ M: {{ id: 1, fields: {{ a: u8, x: {name}, z: u8 }} }} }}");
    let folder: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let offsets = offsets(&folder, &contract, "M");
    let at = |field: &str| offsets.iter().find(|(name, _)| name == field).expect("the field is locked").1;
    (at("z") - at("x"), at("x"))
}

/// The fields of a message and their offsets, as its lock has them.
fn offsets(test: &str, contract: &str, message: &str) -> Vec<(String, u64)> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference-layout").join(test);
    std::fs::create_dir_all(&folder).expect("a folder in target/tmp");
    let path = folder.join("contracts.yaml");
    std::fs::write(&path, contract).expect("a file in target/tmp");
    let lock = mycelium_codegen::lock::text(&path).unwrap_or_else(|report| panic!("{report}"));
    let prefix = format!("message {message} field ");
    let facts = lock.lines().filter_map(|line| line.strip_prefix(prefix.as_str())?.split_once(" = offset "));
    facts
        .map(|(name, rest)| {
            (name.to_owned(), rest.split(',').next().and_then(|at| at.parse().ok()).expect("an offset"))
        })
        .collect()
}

#[test]
fn every_lint_has_a_row() {
    let schema = schema();
    let lints = schema["properties"]["lints"]["properties"].as_object().expect("each lint is a property");
    assert!(lints.len() >= 20, "{lints:?}");
    let page = page();
    let [section, ..] = page.part("List of lints").expect("a section of lints") else { panic!("a section") };
    let rows = section.rows_below(&["lint", "code", "default", "finds"]);
    let is_there = |lint: &&String| {
        rows.iter().any(|row| code(row[0]) == [lint.as_str()] && row.iter().all(|cell| !cell.is_empty()))
    };
    let missing: Vec<String> = lints
        .keys()
        .filter(|lint| !is_there(lint))
        .map(|lint| format!("{} lacks the lint `{lint}`", page.path))
        .collect();
    complain(&missing);
}

/// The table of the worked example has the offsets that the compiler gives, and no gaps.
#[test]
fn the_worked_layout_is_that_of_the_compiler() {
    let page = page();
    let [section, ..] = page.part("A worked example").expect("a worked example") else { panic!("a section") };
    let contract = section.blocks.iter().find(|block| block.language == "yaml").expect("a contract");
    let rows = section.rows_below(&["offset", "size", "part"]);
    let mut end = 0;
    for row in &rows {
        let [offset, size] = [row[0], row[1]].map(|cell| cell.parse::<u64>().expect("a number"));
        assert_eq!(offset, end, "{row:?}");
        end += size;
    }
    assert_eq!(end, 88);
    for (field, offset) in offsets("worked", &contract.text, "Quote") {
        let row =
            rows.iter().find(|row| row[2] == format!("`{field}`")).unwrap_or_else(|| panic!("no row of `{field}`"));
        assert_eq!(row[0], offset.to_string(), "{field}");
    }
}
