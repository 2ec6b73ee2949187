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

/// A key and where it stands: the name of a definition in the schema, or `file`.
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

/// A key may stand at several places, and one key may be new at a place: the page says for each where it stands, and claims no more.
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

const HOW: &str = "the section of a key stands in the part of its place, or begins its prose with, for example, `For messages and fields`; \
                   members have a table of their own";

/// Parts of the page, and the place that the sections in it are about.
const PARTS: [(&str, &str); 5] = [
    ("The file", "file"),
    ("Keys of a message", "message"),
    ("Keys of a field", "field"),
    ("Rules", "field"),
    ("Declared types", "type_declaration"),
];

/// Sections about what stands inside a key of a declared type.
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
            "wherever [`doc`](#doc) may stand" => {
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

/// Arrays, text, bytes and lists: what the page says of their sizes is computed, and compared with what the compiler does.
#[test]
fn every_type_with_a_bound_has_its_form_size_alignment_and_an_example() {
    let page = page();
    let mut problems = Vec::new();
    for title in ["[T; N]", "str<=N", "bytes<=N", "[T]<=N"] {
        let Some([section, ..]) = page.part(title) else {
            problems.push(format!("{} has no section for the type `{title}`", page.path));
            continue;
        };
        let this = format!("{}, section `{title}`,", page.path);
        match section.rows_below(&["form", "size", "alignment", "zero value"]).as_slice() {
            [row] if row.iter().all(|cell| !cell.is_empty()) => {
                problems.extend(problems_of_bounded(title, row).iter().map(|problem| format!("{this} {problem}")));
            }
            _ => problems.push(format!("{this} lacks a table of form, size, alignment and zero value with one row")),
        }
        let is_good = |block: &&Block| block.language == "yaml" && block.codes().next().is_none();
        if !section.blocks.iter().any(|block| is_good(&block)) {
            problems.push(format!("{this} has no example"));
        }
    }
    complain(&problems);
}

fn problems_of_bounded(title: &str, row: &[&str]) -> Vec<String> {
    let mut problems = Vec::new();
    for form in code(row[0]) {
        let form = form.trim_matches('"');
        if pattern(form) != title || offsets("form", &between_bytes(form), "M").len() != 3 {
            problems.push(format!("has a form that is not one of this type: `{form}`"));
        }
    }
    for (element, length) in [("u8", 4), ("u8", 7), ("u32", 4), ("u64", 1), ("[u16; 3]", 3), ("Level", 2)] {
        let ty = title.replace('T', element).replace('N', &length.to_string());
        let Some(parts) = parts(row[1], row[2], length, size_and_alignment(element)) else {
            problems
                .push(format!("has a size or an alignment that this test can't compute: `{}`, `{}`", row[1], row[2]));
            break;
        };
        // Between two bytes. The offset of a list is that of its elements, which are its last part.
        let (mut start, mut end) = (0, 1);
        for (size, alignment) in parts {
            start = u64::next_multiple_of(end, alignment);
            end = start + size;
        }
        let found = offsets("bounded", &between_bytes(&ty), "M");
        let expected = [("a", 0), ("x", start), ("z", end)].map(|(name, at)| (name.to_owned(), at));
        if found != expected {
            problems.push(format!(
                "has the size `{}` and the alignment `{}`, but `{ty}` lies at {found:?}",
                row[1], row[2]
            ));
        }
    }
    problems
}

/// A form as the title of its section.
fn pattern(form: &str) -> &'static str {
    match form {
        form if form.starts_with("str<=") => "str<=N",
        form if form.starts_with("bytes<=") => "bytes<=N",
        form if form.starts_with('[') && form.contains("]<=") => "[T]<=N",
        form if form.starts_with('[') && form.ends_with(']') => "[T; N]",
        _ => "",
    }
}

/// The parts of a type, each with its size and alignment, from what the page says: `a length of 2, then …` are two parts, which
/// then have an alignment each, such as `2 for the length, that of `T` for the elements`.
fn parts(size: &str, alignment: &str, length: u64, element: (u64, u64)) -> Option<Vec<(u64, u64)>> {
    let sizes: Option<Vec<u64>> = size.split(", then ").map(|term| computed(term, length, element.0)).collect();
    let alignments = alignment.split(", ").map(|term| {
        let term =
            [" for the length", " for the elements"].iter().find_map(|part| term.strip_suffix(part)).unwrap_or(term);
        computed(term, length, element.1)
    });
    let (sizes, alignments) = (sizes?, alignments.collect::<Option<Vec<u64>>>()?);
    (sizes.len() == alignments.len()).then(|| sizes.into_iter().zip(alignments).collect())
}

/// `N` + 2, `N` times that of `T`, and the like.
fn computed(text: &str, length: u64, of_element: u64) -> Option<u64> {
    let text = text.strip_prefix("a length of ").unwrap_or(text);
    if let Some((left, right)) = text.split_once(" + ") {
        return Some(computed(left, length, of_element)? + computed(right, length, of_element)?);
    }
    if let Some((left, right)) = text.split_once(" times ") {
        return Some(computed(left, length, of_element)? * computed(right, length, of_element)?);
    }
    match text {
        "`N`" => Some(length),
        "that of `T`" => Some(of_element),
        number => number.parse().ok(),
    }
}

#[test]
fn what_the_page_says_of_sizes_is_computed() {
    assert_eq!(parts("`N` + 2", "1", 8, (0, 0)), Some(vec![(10, 1)]));
    assert_eq!(parts("`N` times that of `T`", "that of `T`", 3, (4, 2)), Some(vec![(12, 2)]));
    let list = ("a length of 2, then `N` times that of `T`", "2 for the length, that of `T` for the elements");
    assert_eq!(parts(list.0, list.1, 3, (16, 8)), Some(vec![(2, 2), (48, 8)]));
    assert_eq!(parts(list.0, "that of `T`", 3, (16, 8)), None);
    assert_eq!(parts("about `N`", "1", 3, (1, 1)), None);
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

/// As the compiler lays a type without a bound out between two bytes.
fn size_and_alignment(name: &str) -> (u64, u64) {
    let offsets = offsets("between", &between_bytes(name), "M");
    let at = |field: &str| offsets.iter().find(|(name, _)| name == field).expect("the field is locked").1;
    (at("z") - at("x"), at("x"))
}

fn between_bytes(ty: &str) -> String {
    let types = "types: { Level: { struct: { price: i64, size: u32 } } }";
    format!("{types}\nmessages: {{ M: {{ id: 1, fields: {{ a: u8, x: \"{ty}\", z: u8 }} }} }}")
}

/// The fields of a message and their offsets, as its lock has them.
fn offsets(test: &str, contract: &str, message: &str) -> Vec<(String, u64)> {
    // Tests run side by side.
    let folder = format!("{test}-{:?}", std::thread::current().id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference-layout").join(folder);
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
