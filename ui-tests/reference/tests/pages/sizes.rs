//! `docs/contracts.md` has every type that a contract may use, and says truly how large it is and where it lies. What there is comes
//! from the JSON Schema that editors use; sizes come from the compiler.

use std::path::Path;

use mycelium_reference::page::{Block, Page};
use mycelium_reference::{code, complain, contracts_schema as schema};
use serde_json::Value;

fn page() -> Page {
    Page::read("docs/contracts.md")
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

/// The list of names that holds `u8`, among what a type may be; the integers of enums are another list.
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
    find(&schema["$defs"]["type"]).expect("the schema lists the types")
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
