//! `docs/contracts.md` has every key, rule and lint that a contract may have, with its form, default, meaning and an example.
//! What there is comes from the JSON Schema that editors use.

use std::collections::BTreeSet;

use mycelium_reference::page::{Block, Page, Section};
use mycelium_reference::{code, complain, contracts_schema as schema};
use serde_json::Value;

fn page() -> Page {
    Page::read("docs/contracts.md")
}

/// A key and where it belongs: the name of a definition in the schema, or `file`.
type Placed = (String, String);

/// What the schema says of each key at each place, in two parts: what is written today, and the older dialect.
fn keys(schema: &Value) -> (BTreeSet<Placed>, BTreeSet<Placed>) {
    let defs = schema["$defs"].as_object().expect("the schema has definitions");
    let places = defs.iter().filter(|(name, _)| *name != "older_rules").map(|(name, def)| (name.as_str(), def));
    let properties =
        places.chain([("file", schema)]).filter_map(|(place, def)| Some((place, def.get("properties")?.as_object()?)));
    let all = properties.flat_map(|(place, keys)| keys.iter().map(move |(key, value)| (place, key, value)));
    let (older, current): (Vec<_>, Vec<_>) = all.partition(|(_, _, value)| {
        value["description"].as_str().is_some_and(|meaning| meaning.starts_with("Older dialect: "))
    });
    let placed = |keys: Vec<(&str, &String, &Value)>| {
        keys.into_iter().map(|(place, key, _)| (place.to_owned(), key.clone())).collect()
    };
    (placed(current), placed(older))
}

#[test]
fn every_key_has_a_form_a_default_a_meaning_and_an_example() {
    let page = page();
    let (current, older) = keys(&schema());
    assert!(current.len() >= 45 && older.len() >= 20, "{current:?} {older:?}");
    let titles: BTreeSet<String> = current.iter().map(|(place, key)| title(place, key)).collect();
    complain(&titles.iter().flat_map(|title| problems_of_key(&page, title)).collect::<Vec<_>>());
    let rows: BTreeSet<&str> = older.iter().map(|(_, key)| key.as_str()).filter(|key| *key != "validation").collect();
    complain(&rows.iter().flat_map(|key| problems_of_row(&page, key, true)).collect::<Vec<_>>());
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

/// A key may be allowed at several places. The page names all places of each key, and no others.
#[test]
fn every_key_is_told_of_where_it_stands_and_nowhere_else() {
    let page = page();
    let (current, older) = keys(&schema());
    let told: BTreeSet<Placed> =
        current.union(&older).flat_map(|(place, key)| told(&page, &title(place, key), key)).collect();
    let members = members(&page);
    let mut problems = Vec::new();
    for (place, key) in &current {
        let is_told = if place == "member" { &members } else { &told }.contains(&(place.clone(), key.clone()));
        if !is_told {
            problems.push(format!("{} does not say that `{key}` is a key of a {place}; {HOW}", page.path));
        }
    }
    for (place, key) in told.union(&members).filter(|placed| !current.contains(placed) && !older.contains(placed)) {
        problems.push(format!("{} says that `{key}` is a key of a {place}, which it is not; {HOW}", page.path));
    }
    let rows = told_of_older(&page, &told);
    for (place, key) in older.iter().filter(|placed| !rows.contains(placed) && !told.contains(placed)) {
        problems.push(format!(
            "{}, section `The older dialect`, has no row that says that `{key}` is a key of a {place}",
            page.path
        ));
    }
    for (place, key) in rows.iter().filter(|placed| !older.contains(placed)) {
        problems.push(format!(
            "{}, section `The older dialect`, says that `{key}` is a key of a {place}, which it is not",
            page.path
        ));
    }
    complain(&problems);
}

const HOW: &str = "the section of a key is in the part of its place, or begins its prose with, for example, `For messages and fields`; \
                   members have a table of their own";

/// Parts of the page, and the place that the sections in it are about.
const PARTS: [(&str, &str); 5] = [
    ("The file", "file"),
    ("Keys of a message", "message"),
    ("Keys of a field", "field"),
    ("Rules", "field"),
    ("Declared types", "type_declaration"),
];

/// Sections about the contents of a key of a declared type.
const INSIDE: [(&str, &str); 4] = [("repr", "decimal"), ("scale", "decimal"), ("value", "variant"), ("bit", "bit")];

/// Places as the prose names them, after `For`.
const PLACES: [(&str, &str); 8] = [
    ("types", "type_declaration"),
    ("messages", "message"),
    ("fields", "field"),
    ("fields of messages", "field"),
    ("variants", "variant"),
    ("bits", "bit"),
    ("members", "member"),
    ("members of types", "member"),
];

/// The section of a key: those of the header and of `reserved` have the name of the map before them.
fn title(place: &str, key: &str) -> String {
    match place {
        "header" => format!("schema.{key}"),
        "reserved" => format!("reserved.{key}"),
        _ => key.to_owned(),
    }
}

/// The places that the section of a key names.
fn told(page: &Page, title: &str, key: &str) -> Vec<Placed> {
    let Some([section, ..]) = page.part(title) else { return Vec::new() };
    let named = section.prose.iter().find_map(|line| places(line));
    let inside = || INSIDE.iter().find(|(name, _)| *name == title).map(|(_, place)| vec![*place]);
    let map = || match title.split_once('.')?.0 {
        "schema" => Some(vec!["header"]),
        map => Some(vec![map]),
    };
    let part = || {
        let parts = PARTS
            .iter()
            .filter(|(part, _)| page.part(part).unwrap_or_default().iter().any(|inner| std::ptr::eq(inner, section)));
        parts.map(|(_, place)| *place).collect()
    };
    let places: Vec<&str> = named
        .map(|named| named.into_iter().map(|(_, place)| place).collect())
        .or_else(inside)
        .or_else(map)
        .unwrap_or_else(part);
    places.into_iter().map(|place| (place.to_owned(), key.to_owned())).collect()
}

/// `For messages and fields.` gives these two; a sentence that names anything else gives none.
fn places(line: &str) -> Option<Vec<(&'static str, &'static str)>> {
    let named = line.strip_prefix("For ")?.split(['.', ':']).next()?.replace(" and ", ", ");
    named.split(", ").map(|name| PLACES.iter().find(|(known, _)| *known == name).copied()).collect()
}

/// The rows of *Members*.
fn members(page: &Page) -> BTreeSet<Placed> {
    let [section, ..] = page.part("Members").expect("a section on members") else { panic!("a section") };
    let rows = section.rows_below(&["key", "form", "default", "meaning"]);
    let full = rows.iter().filter(|row| row.iter().all(|cell| !cell.is_empty()));
    full.flat_map(|row| code(row[0])).map(|key| ("member".to_owned(), key.to_owned())).collect()
}

/// The rows of the older dialect: each names the places of its keys.
fn told_of_older(page: &Page, told: &BTreeSet<Placed>) -> BTreeSet<Placed> {
    let [section, ..] = page.part("The older dialect").expect("a section on it") else { panic!("a section") };
    let rows = section.rows_below(&["key", "where", "form", "default", "meaning"]);
    let mut placed = BTreeSet::new();
    for row in rows {
        let places: Vec<&str> = match row[1] {
            "wherever [`doc`](#doc) is allowed" => {
                told.iter().filter(|(_, key)| key == "doc").map(|(place, _)| place.as_str()).collect()
            }
            cell => cell.split(", ").filter_map(place_of_older).collect(),
        };
        for key in code(row[0]) {
            let key = key.strip_prefix("schema.").unwrap_or(key);
            placed.extend(places.iter().map(|place| ((*place).to_owned(), key.to_owned())));
        }
    }
    placed
}

/// A place as a row names it; types have rows, too, which are no keys.
fn place_of_older(cell: &str) -> Option<&'static str> {
    match cell {
        "file" => Some("file"),
        "`schema`" => Some("header"),
        "declared type" | "declared type with `rust_type`" => Some("type_declaration"),
        "message" => Some("message"),
        "field" => Some("field"),
        "type" | "type of a field" => None,
        _ => panic!("the table of the older dialect names a place that is not known: `{cell}`"),
    }
}

#[test]
fn a_sentence_names_places_or_something_else() {
    let names = |line| places(line).map(|places| places.into_iter().map(|(_, place)| place).collect::<Vec<_>>());
    assert_eq!(names("For messages and fields. The item is"), Some(vec!["message", "field"]));
    assert_eq!(names("For fields of messages and members of types. It"), Some(vec!["field", "member"]));
    assert_eq!(names("For text, bytes and lists: the most"), None);
    assert_eq!(names("The number of digits"), None);
}

fn problems_of_key(page: &Page, key: &str) -> Vec<String> {
    let Some([section, ..]) = page.part(key) else {
        return vec![format!("{} has no section for the key `{key}`", page.path)];
    };
    let problems = problems_of_section(section, key).into_iter();
    problems.map(|what| format!("{}, section `{key}`, {what}", page.path)).collect()
}

fn problems_of_row(page: &Page, key: &str, has_colon: bool) -> Vec<String> {
    let [section, ..] = page.part("The older dialect").expect("a section on it") else { panic!("a section") };
    let rows = section.rows_below(&["key", "where", "form", "default", "meaning"]);
    let is_of_key = |row: &&Vec<&str>| code(row[0]).iter().any(|it| it.strip_prefix("schema.").unwrap_or(it) == key);
    let rows: Vec<&Vec<&str>> = rows.iter().filter(is_of_key).collect();
    if rows.is_empty() {
        return vec![format!("{}, section `The older dialect`, has no table row for `{key}`", page.path)];
    }
    let mut problems = Vec::new();
    if rows.iter().any(|row| row.iter().any(|cell| cell.is_empty())) {
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
    if !section.prose.iter().any(|line| is_meaning(line)) {
        problems.push("does not say what the key means".to_owned());
    }
    if !has_example(section, key) {
        problems.push(format!("has no example with `{key}`"));
    }
    problems
}

/// Prose with a sentence in it: no row of a table, and no line that announces an example.
fn is_meaning(line: &str) -> bool {
    let announces = ["This is an error, ", "This is a lint, ", "This change "];
    !line.starts_with('|')
        && !line.starts_with('[')
        && !announces.iter().any(|start| line.starts_with(start))
        && (line.contains(". ") || line.ends_with('.'))
}

#[test]
fn only_prose_tells_a_meaning() {
    assert!(is_meaning("The number of digits after the point."));
    for line in [
        "",
        "| text. | none. | free. |",
        "This is an error, [MYC0007]. See there:",
        "This change breaks, [MYC1114].",
        "No sentence",
    ] {
        assert!(!is_meaning(line), "{line}");
    }
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
