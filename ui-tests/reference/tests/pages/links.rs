//! The tables of contents are complete, and every link of the documentation leads somewhere.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use mycelium_reference::page::Page;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The targets of `[text](target)` and `[name]: target` outside of code.
fn targets(text: &str) -> Vec<String> {
    let page = Page::parse("", text);
    let mut targets = Vec::new();
    for line in page.sections.iter().flat_map(|section| &section.prose) {
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        targets.extend(prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())));
        if let Some((_, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) {
            targets.push(target.to_owned());
        }
    }
    targets
}

fn anchors(text: &str) -> Vec<String> {
    Page::parse("", text).sections.iter().skip(1).map(|section| section.anchor()).collect()
}

#[test]
fn contents_list_every_section() {
    for path in ["docs/contracts.md", "docs/generated.md"] {
        let text = read(&repository().join(path));
        let page = Page::parse("", &text);
        let [contents, ..] = page.part("Contents").expect("a table of contents") else { panic!("a section") };
        let listed: HashSet<String> = targets(&contents.prose.join("\n")).into_iter().collect();
        for section in
            page.sections.iter().filter(|section| matches!(section.level, 2 | 3) && section.title != "Contents")
        {
            assert!(
                listed.contains(&format!("#{}", section.anchor())),
                "{path}: the contents lack `{}`",
                section.title
            );
        }
        let anchors = anchors(&text);
        let distinct: HashSet<&String> = anchors.iter().collect();
        assert_eq!(anchors.len(), distinct.len(), "{path}: two headings have one anchor");
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_section() {
    let root = repository();
    let docs =
        std::fs::read_dir(root.join("docs")).expect("there are docs").map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.extend(["README.md", "ARCHITECTURE.md", "SECURITY.md"].map(|name| root.join(name)));
    let mut known: HashMap<PathBuf, Vec<String>> = HashMap::new();
    let mut broken = Vec::new();
    for page in pages {
        for target in targets(&read(&page)) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() { page.clone() } else { page.with_file_name("").join(file) };
            let is_there = path.exists()
                && (anchor.is_empty() || {
                    let anchors = known.entry(path.clone()).or_insert_with(|| anchors(&read(&path)));
                    anchors.iter().any(|known| known == anchor)
                });
            if !is_there {
                broken.push(format!("{} links to {target}", page.file_name().unwrap_or_default().display()));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// The word after a fence is not shown: a reader would take a contract with a mistake for one that is as it should be.
#[test]
fn the_line_above_a_wrong_example_gives_its_code() {
    for path in ["docs/contracts.md", "docs/generated.md"] {
        let text = read(&repository().join(path));
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            for mark in line.strip_prefix("```yaml ").into_iter().flat_map(str::split_whitespace) {
                let above =
                    lines[..at].iter().rev().find(|line| !line.is_empty()).expect("a block is not the first line");
                assert!(above.contains(mark), "{path}:{}: the line above does not say {mark}", at + 1);
            }
        }
    }
}
