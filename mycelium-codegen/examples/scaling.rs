//! How the cost of a contract grows with its size: checking and writing.
//!
//! `cargo run --release -p mycelium-codegen --example scaling -- [SIZES…]`, and the same without `--release` for what a build script
//! feels. Sizes are numbers of messages, each with ten fields [default: 100 300 1000].
#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Times each step is repeated; the median is printed.
const RUNS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let mut sizes: Vec<usize> = std::env::args().skip(1).map(|size| size.parse()).collect::<Result<_, _>>()?;
    if sizes.is_empty() {
        sizes = vec![100, 300, 1000];
    }
    let folder = std::env::temp_dir().join(format!("mycelium-scaling-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let optimised = if cfg!(debug_assertions) { "unoptimised" } else { "optimised" };
    println!("messages of 10 fields; check and write {optimised}, median of {RUNS}");
    println!("{:>8} {:>12} {:>14} {:>16} {:>10}", "messages", "check", "against lock", "check and write", "lines");
    for size in sizes {
        let line = measure(&folder, size)?;
        println!("{line}");
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

fn measure(folder: &Path, size: usize) -> Result<String, Box<dyn Error>> {
    let mixed = folder.join("mixed.yaml");
    fs::write(&mixed, contract(size))?;
    let check = median(|| mycelium_codegen::check(&mixed).map_err(|report| report.to_string()))?;
    let lock = mycelium_codegen::lock::write(&mixed, &[]).map_err(|report| report.to_string())?;
    let locked = median(|| mycelium_codegen::check(&mixed).map_err(|report| report.to_string()))?;
    fs::remove_file(lock.path)?;
    let write = median(|| write_text(folder, &mixed).map(drop))?;
    let lines = fs::read_to_string(write_text(folder, &mixed)?)?.lines().count();
    Ok(format!("{size:>8} {check:>12.2?} {locked:>14.2?} {write:>16.2?} {lines:>10}"))
}

/// Ten fields, one of each sort.
const FIELDS: &[&str] = &[
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

fn contract(size: usize) -> String {
    let mut text = String::from(
        "types:\n  Price: { decimal: { repr: i64, scale: 6 }, doc: A price. }\n  Side: { enum: u8, variants: { Buy: 1, Sell: 2 }, doc: A side. }\nmessages:\n",
    );
    for message in 0..size {
        let _ = write!(text, "  Message{message}:\n    id: {}\n    doc: Number {message}.\n    fields:\n", message + 1);
        for (place, field) in FIELDS.iter().enumerate() {
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
