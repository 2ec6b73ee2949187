//! Turns the examples of the reference into a file of tests for each page.
//!
//! - A block `yaml` is a contract. It is compiled, as `contracts` of the blocks `rust` that follow it on the page.
//! - A block `yaml MYC0004` is a contract with exactly this mistake, or with this lint. One with a code of a change, such as
//!   `yaml MYC1105`, is compared with the last contract above it that is as it should be.
//! - A block `yaml shared/prices.yaml` is a file beside the contracts that follow.
//! - A block `rust` is a test: statements, which may use `?`.
//! - A block `text` or `sh` is shown only. Any other block, or mark, is an error, so that none is left out by a slip.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/page.rs"]
#[allow(dead_code, unreachable_pub)] // The tests use the rest, through the library.
mod page;

use page::{Block, Page, Use};

fn main() {
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for path in ["docs/contracts.md", "docs/generated.md"] {
        println!("cargo::rerun-if-changed=../../{path}");
        let page = Page::read(path);
        let stray = page.stray_fences();
        assert!(stray.is_empty(), "\n{}", stray.join("\n"));
        write(&out_dir.join(format!("{}_examples.rs", name(&page))), &tests(&page, &out_dir));
    }
}

/// The tests of one page. A contract is a module of its own.
fn tests(page: &Page, out_dir: &Path) -> String {
    let mut tests = String::new();
    let mut contract = None;
    let mut files = Vec::new();
    let mut contracts = String::new();
    for (section, block) in page.sections.iter().flat_map(|section| section.blocks.iter().map(move |it| (section, it)))
    {
        match block.purpose().unwrap_or_else(|problem| panic!("{}:{}: {problem}", page.path, block.line)) {
            Use::File(path) => files.push((path, block.text.as_str())),
            Use::Mistake => mistake(&mut tests, page, block, contract),
            Use::Contract => {
                let folder = out_dir.join(format!("{}_{}", name(page), block.line));
                files.iter().for_each(|(path, text)| write(&folder.join(path), text));
                compiled(&mut tests, page, block, &folder);
                let path = folder.join("contracts.yaml");
                writeln!(contracts, "    ({:?}, {}, {path:?}),", section.plain_title(), block.line).expect("text");
                contract = Some(block);
            }
            Use::Example => example(&mut tests, page, block, contract),
            Use::Shown => {}
        }
    }
    writeln!(tests, "/// The section, the line and the file of each contract that is as it should be.").expect("text");
    writeln!(tests, "pub(super) const CONTRACTS: &[(&str, usize, &str)] = &[\n{contracts}];").expect("text");
    tests
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file in a folder")).expect("OUT_DIR can be written to");
    fs::write(path, text).expect("OUT_DIR can be written to");
}

/// A contract that is as it should be: compiled here, and included by the tests as users include theirs.
fn compiled(tests: &mut String, page: &Page, block: &Block, folder: &Path) {
    let contract = folder.join("contracts.yaml");
    write(&contract, &block.text);
    let generated = mycelium_codegen::Builder::new().generate(&contract);
    let generated = generated.unwrap_or_else(|report| panic!("{}:{}: {report}", page.path, block.line));
    write(&folder.join("contracts.rs"), &generated);
    let include = include_call(page, block);
    writeln!(tests, "mod contract_{} {{\n    {include};\n}}\n", block.line).expect("text");
}

/// The call that includes what a contract became.
fn include_call(page: &Page, contract: &Block) -> String {
    format!("mycelium_rt::include_contracts!(\"{}_{}/contracts\")", name(page), contract.line)
}

fn name(page: &Page) -> &str {
    page.path.trim_start_matches("docs/").trim_end_matches(".md")
}

fn mistake(tests: &mut String, page: &Page, block: &Block, before: Option<&Block>) {
    let codes: Vec<&str> = block.codes().collect();
    let before = before.map(|block| block.text.as_str()).unwrap_or_default();
    let (path, line, text) = (page.path, block.line, &block.text);
    writeln!(tests, "#[test]\nfn line_{line}() {{").expect("text");
    writeln!(tests, "    super::assert_codes({path:?}, {line}, {before:?}, {text:?}, &{codes:?});\n}}\n")
        .expect("text");
}

fn example(tests: &mut String, page: &Page, block: &Block, contract: Option<&Block>) {
    let line = block.line;
    writeln!(tests, "// {}:{line}", page.path).expect("text");
    writeln!(tests, "#[test]\nfn line_{line}() -> Result<(), Box<dyn std::error::Error>> {{").expect("text");
    let mut text = block.text.clone();
    if let Some(contract) = contract {
        writeln!(tests, "    #[allow(unused_imports)]\n    use self::contract_{}::*;", contract.line).expect("text");
        text = text.replace("mycelium_rt::include_contracts!()", &include_call(page, contract));
    }
    writeln!(tests, "{text}    Ok(())\n}}\n").expect("text");
}
