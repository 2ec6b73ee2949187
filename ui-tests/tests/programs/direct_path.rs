//! The promise of the direct path: no call, no allocation, no more instructions than by hand.

use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::Index;
use mycelium_examples::market::input;
use mycelium_examples::market::router::desk;
use mycelium_test_support::allocations::{CountingAllocator, count};

use crate::compiler::built;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn a_million_routed_messages_allocate_nothing() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    let read = |index, name| {
        let file = std::fs::File::open(data.join(name)).unwrap();
        input::read(index, file).unwrap().bars
    };
    let bars = input::merge(&read(Index::Sp500, "sp500.csv"), &read(Index::Nasdaq, "nasdaq.csv"));
    let mut market = desk();
    let ((), allocations) = count(|| {
        while market.report.total() < 1_000_000 {
            for bar in &bars {
                market.route_bar(bar);
            }
        }
    });
    assert!(market.ledger.fills() > 1_000, "the run must trade");
    assert_eq!(allocations, 0);
}

#[test]
fn the_counter_sees_an_allocation() {
    assert_eq!(count(|| vec![1]).1, 1);
}

#[test]
fn routed_functions_call_nothing_and_are_no_longer_than_by_hand() {
    let assembly = compile_to_assembly();
    // The whole market example; a receiver with a condition.
    for (pair, least) in [("hot", 100), ("chosen", 5)] {
        let routed = Function::find(&assembly, &format!("mycelium_{pair}_routed"), least);
        let by_hand = Function::find(&assembly, &format!("mycelium_{pair}_by_hand"), least);
        assert_eq!(routed.calls(), Vec::<&str>::new(), "the routed function must not call");
        assert_eq!(by_hand.calls(), Vec::<&str>::new(), "the function by hand must not call");
        let (ours, theirs) = (routed.instructions.len(), by_hand.instructions.len());
        assert!(ours <= theirs, "{pair}: {ours} instructions routed, {theirs} by hand");
    }
}

/// The instructions of one function.
struct Function<'a> {
    instructions: Vec<&'a str>,
}

impl<'a> Function<'a> {
    /// Cuts the function called `name`, of `least` instructions at least, out of a compiler's assembly; an alias (`name = other`) is followed.
    fn find(assembly: &'a str, name: &str, least: usize) -> Self {
        if let Some(other) = assembly.lines().find_map(|line| line.trim().strip_prefix(&format!(".set {name}, "))) {
            return Self::find(assembly, other, least);
        }
        let label = format!("{name}:");
        let instructions: Vec<_> = assembly
            .lines()
            .skip_while(|line| *line != label)
            .skip(1)
            .take_while(|line| !line.contains(".cfi_endproc"))
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with(['.', '#']) && !line.ends_with(':'))
            .collect();
        assert!(instructions.len() >= least, "`{name}` is in the assembly");
        Self { instructions }
    }

    /// Calls, on x86-64 and on aarch64, and jumps out of the function.
    fn calls(&self) -> Vec<&'a str> {
        let is_call = |line: &&str| {
            let (mnemonic, target) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let leaves = mnemonic.starts_with("jmp")
                && !target.trim_start().starts_with([".", "*"].map(|c| c.chars().next().unwrap()));
            mnemonic.starts_with("call") || mnemonic == "bl" || mnemonic == "blr" || leaves
        };
        self.instructions.iter().copied().filter(is_call).collect()
    }
}

/// All that the functions are made of.
const INLINED: [&str; 5] = ["contracts", "heapless", "mycelium-hot", "mycelium-rt", "zerocopy"];

/// Compiles the crate that holds both functions, and what is inlined into them, as the release profile does, and returns its assembly.
/// Everything else is built for other tests already.
fn compile_to_assembly() -> String {
    let as_release = ["opt-level=3", "debug-assertions=false", "overflow-checks=false"];
    let settings = INLINED
        .iter()
        .flat_map(|package| as_release.map(|setting| format!("--config=profile.dev.package.{package}.{setting}")));
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", built())
        .args(["rustc", "--locked", "--package", "mycelium-hot", "--lib"])
        .args(settings)
        .args(["--", "--emit", "asm", "-C", "codegen-units=1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(newest(&built().join("debug/deps"))).unwrap()
}

/// The assembly file written last: an earlier build may have left another one.
fn newest(folder: &Path) -> PathBuf {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| {
            let name = entry.file_name().into_string().unwrap();
            name.starts_with("mycelium_hot") && name.ends_with(".s")
        })
        .max_by_key(|entry| entry.metadata().unwrap().modified().unwrap())
        .expect("the compiler wrote assembly")
        .path()
}
