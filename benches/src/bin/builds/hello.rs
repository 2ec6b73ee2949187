//! First builds of a small program: a reading goes to a guard, which answers with an alarm.
//!
//! The peers are built as their own guides begin: tonic 0.14 with its code from prost-build, whose compiler of `.proto` files comes as a
//! ready binary, so that nothing has to be built or installed for it; iceoryx2 0.10 with its default features. Its message is a plain
//! struct, since it has no schema.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mycelium_benches::samples::Spread;

use super::tools::{Scratch, cargo, repository};

/// Whose programs stand beside ours.
pub(super) const PEERS: [&str; 2] = ["tonic", "iceoryx2"];

/// What each program prints.
const SAID: &str = "attic: 625";

/// Builds ours and the peer's in turn, and prints what it took.
pub(super) fn compare(peer: &str, pairs: usize, release: bool) -> Result<(), String> {
    let mut times = Vec::with_capacity(pairs);
    let scratch = Scratch::new("fetch")?;
    for name in ["mycelium", peer] {
        cargo(&folder(name), scratch.path(), &["fetch"])?;
    }
    for pair in 1..=pairs {
        let ours = first_build("mycelium", release)?;
        let theirs = first_build(peer, release)?;
        eprintln!("hello/{peer} {pair}/{pairs}: {ours:.1?} against {theirs:.1?}");
        times.push((ours.as_secs_f64(), theirs.as_secs_f64()));
    }
    let of = |figure: fn(&(f64, f64)) -> f64| Spread::of(times.iter().map(figure)).ok_or("no pairs");
    let (ours, theirs, ratio) = (of(|pair| pair.0)?, of(|pair| pair.1)?, of(|pair| pair.0 / pair.1)?);
    let mode = if release { "release" } else { "dev" };
    println!(
        "first build ({mode}) of a hello program, {} packages against {} of {peer}",
        packages("mycelium")?,
        packages(peer)?
    );
    println!("  ours {}, theirs {}, ours/theirs {}", seconds(ours), seconds(theirs), spread(ratio));
    println!("ratio build/hello/{peer}/{mode} {:.3}", ratio.median);
    Ok(())
}

fn folder(name: &str) -> std::path::PathBuf {
    repository().join("benches/hello").join(name)
}

/// Builds the program with nothing built before, and sees that it works.
fn first_build(name: &str, release: bool) -> Result<Duration, String> {
    let target = Scratch::new(name)?;
    let mut arguments = vec!["build", "--offline"];
    arguments.extend(release.then_some("--release"));
    let time = cargo(&folder(name), target.path(), &arguments)?;
    let program = target.path().join(if release { "release/hello" } else { "debug/hello" });
    let said = say(&program, target.path())?;
    if said.contains(SAID) { Ok(time) } else { Err(format!("{name} said `{said}` instead of `{SAID}`")) }
}

fn say(program: &Path, folder: &Path) -> Result<String, String> {
    let output = Command::new(program).current_dir(folder).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The packages that a program is built from, as its lock file lists them; those for other platforms are among them.
fn packages(name: &str) -> Result<usize, String> {
    let path = folder(name).join("Cargo.lock");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.matches("[[package]]").count() - 1)
}

fn seconds(it: Spread) -> String {
    format!("{:.1} s ({:.1}–{:.1})", it.median, it.low, it.high)
}

fn spread(it: Spread) -> String {
    format!("{:.2} ({:.2}–{:.2})", it.median, it.low, it.high)
}
