//! How the cost of a contract grows with its size: checking and writing, and what rustc takes for the result.
//!
//! `cargo run --release -p mycelium-codegen --example scaling -- [SIZES…] [--rustc]`, and the same without `--release` for what a
//! build script feels. Sizes are numbers of messages, each with ten fields [default: 100 300 1000].
#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Times each step is repeated; the median is printed.
const RUNS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let (flags, sizes): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with('-'));
    let with_rustc = match flags.as_slice() {
        [] => false,
        [flag] if flag == "--rustc" => true,
        _ => return Err("usage: scaling [SIZES…] [--rustc]".into()),
    };
    let mut sizes: Vec<usize> = sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
    if sizes.is_empty() {
        sizes = vec![100, 300, 1000];
    }
    let folder = std::env::temp_dir().join(format!("mycelium-scaling-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let optimised = if cfg!(debug_assertions) { "unoptimised" } else { "optimised" };
    println!("messages of 10 fields; check and write {optimised}, median of {RUNS}");
    println!(
        "{:>8} {:>12} {:>14} {:>16} {:>10} {:>14} {:>14}",
        "messages", "check", "against lock", "check and write", "lines", "rustc plain", "rustc mixed"
    );
    for size in sizes {
        let line = measure(&folder, size, with_rustc)?;
        println!("{line}");
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

fn measure(folder: &Path, size: usize, with_rustc: bool) -> Result<String, Box<dyn Error>> {
    let mixed = folder.join("mixed.yaml");
    let plain = folder.join("plain.yaml");
    fs::write(&mixed, contract(size, MIXED))?;
    fs::write(&plain, contract(size, PLAIN))?;
    let check = median(|| mycelium_codegen::check(&mixed).map_err(|report| report.to_string()))?;
    let lock = mycelium_codegen::lock::write(&mixed, &[]).map_err(|report| report.to_string())?;
    let locked = median(|| mycelium_codegen::check(&mixed).map_err(|report| report.to_string()))?;
    fs::remove_file(lock.path)?;
    let write = median(|| write_text(folder, &mixed).map(drop))?;
    let lines = fs::read_to_string(write_text(folder, &mixed)?)?.lines().count();
    let (rustc_plain, rustc_mixed) = if with_rustc {
        (format!("{:.2?}", build(folder, &plain)?), format!("{:.2?}", build(folder, &mixed)?))
    } else {
        ("-".to_owned(), "-".to_owned())
    };
    Ok(format!(
        "{size:>8} {check:>12.2?} {locked:>14.2?} {write:>16.2?} {lines:>10} {rustc_plain:>14} {rustc_mixed:>14}"
    ))
}

/// Ten fields of plain numbers and arrays.
const PLAIN: &[&str] = &["u64", "i64", "f64", "timestamp_ns", "u32", "u32", "u16", "u16", "u32", "\"[u8; 16]\""];

/// Ten fields, one of each sort.
const MIXED: &[&str] = &[
    "timestamp_ns",
    "Price",
    "u64",
    "Side",
    "u8",
    "{ type: Price, optional: true }",
    "\"str<=16\"",
    "\"[Price]<=4\"",
    "bool",
    "{ type: u32, min: 1 }",
];

fn contract(size: usize, fields: &[&str]) -> String {
    let mut text = String::from(
        "types:\n  Price: { decimal: { repr: i64, scale: 6 }, doc: A price. }\n  Side: { enum: u8, variants: { Buy: 1, Sell: 2 }, doc: A side. }\nmessages:\n",
    );
    for message in 0..size {
        let _ = write!(text, "  Message{message}:\n    id: {}\n    doc: Number {message}.\n    fields:\n", message + 1);
        for (place, field) in fields.iter().enumerate() {
            let _ = writeln!(text, "      field_{place}: {field}");
        }
    }
    text
}

fn write_text(folder: &Path, contract: &Path) -> Result<PathBuf, String> {
    let output = folder.join("contracts.rs");
    // The text is rewritten only when it changed; the cost of writing belongs to the measurement.
    let _ = fs::remove_file(&output);
    let text = mycelium_codegen::Builder::new().generate(contract).map_err(|report| report.to_string())?;
    fs::write(&output, text).map_err(|error| error.to_string())?;
    Ok(output)
}

fn median(mut work: impl FnMut() -> Result<(), String>) -> Result<Duration, String> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[RUNS / 2])
}

/// Builds a crate that holds nothing but the messages, and returns what the crate alone took.
fn build(folder: &Path, contract: &Path) -> Result<Duration, Box<dyn Error>> {
    let package = folder.join("package");
    fs::create_dir_all(package.join("src"))?;
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("mycelium-rt");
    fs::write(
        package.join("Cargo.toml"),
        format!(
            "[package]\nname = \"scaling\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nmycelium-rt = {{ path = {runtime:?} }}\n"
        ),
    )?;
    fs::copy(write_text(folder, contract)?, package.join("src/lib.rs"))?;
    let cargo = |step: &str| -> Result<(), Box<dyn Error>> {
        let status = Command::new("cargo").args([step, "--quiet"]).current_dir(&package).status()?;
        if status.success() { Ok(()) } else { Err(format!("cargo {step} failed").into()) }
    };
    cargo("build")?;
    // The dependencies are built; now the crate alone.
    let text = fs::read_to_string(package.join("src/lib.rs"))?;
    fs::write(package.join("src/lib.rs"), text + "\n")?;
    let start = Instant::now();
    cargo("build")?;
    Ok(start.elapsed())
}
