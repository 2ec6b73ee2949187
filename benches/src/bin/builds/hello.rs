//! First builds of a small program: a reading goes to a guard, which answers with an alarm.
//!
//! The peers are built as at the start of their own guides. tonic 0.14 uses code from prost-build; its compiler of `.proto` files comes as a
//! binary, so that it needs no build and no installation. iceoryx2 0.10 has its default features; its message is a plain struct, because it
//! has no schema.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mycelium_benches::samples::Spread;

use super::tools::{Scratch, cargo, ratio, repository, seconds};

/// The peers.
pub(super) const PEERS: [&str; 2] = ["tonic", "iceoryx2"];

/// The output of each program.
const SAID: &str = "attic: 625";

/// Builds ours and the peer's in turn, and prints the times, and the sizes of the optimised programs.
pub(super) fn compare(peer: &str, pairs: usize, release: bool) -> Result<(), String> {
    let scratch = Scratch::new("fetch")?;
    for name in ["mycelium", peer] {
        cargo(&folder(name), scratch.path(), &["fetch"])?;
    }
    let mut built = Vec::with_capacity(pairs);
    for pair in 1..=pairs {
        let (ours, theirs) = (first_build("mycelium", release)?, first_build(peer, release)?);
        eprintln!("hello/{peer} {pair}/{pairs}: {:.1?} against {:.1?}", ours.time, theirs.time);
        built.push((ours, theirs));
    }
    let of = |figure: fn(&(Built, Built)) -> f64| Spread::of(built.iter().map(figure)).ok_or("no pairs");
    let ours = of(|pair| pair.0.time.as_secs_f64())?;
    let theirs = of(|pair| pair.1.time.as_secs_f64())?;
    let by_theirs = of(|pair| pair.0.time.as_secs_f64() / pair.1.time.as_secs_f64())?;
    let mode = if release { "release" } else { "dev" };
    println!(
        "first build ({mode}) of a hello program, {} packages against {} of {peer}",
        packages("mycelium")?,
        packages(peer)?
    );
    println!("  ours {}, theirs {}, ours/theirs {}", seconds(ours, 1), seconds(theirs, 1), ratio(by_theirs));
    println!("ratio build/hello/{peer}/{mode} {:.3}", by_theirs.median);

    let (ours, theirs) = match built.pop() {
        Some((ours, theirs)) if release => (ours.bytes, theirs.bytes),
        _ => (first_build("mycelium", true)?.bytes, first_build(peer, true)?.bytes),
    };
    println!("the program (release, stripped)");
    println!("  ours {:.0} KiB, theirs {:.0} KiB", ours / 1024.0, theirs / 1024.0);
    println!("ratio build/hello/{peer}/size {:.3}", ours / theirs);
    Ok(())
}

/// A program, and the cost of its build.
struct Built {
    time: Duration,
    bytes: f64,
}

fn folder(name: &str) -> std::path::PathBuf {
    repository().join("benches/hello").join(name)
}

/// Builds the program from scratch, and checks that it works.
fn first_build(name: &str, release: bool) -> Result<Built, String> {
    let target = Scratch::new(name)?;
    let mut arguments = vec!["build", "--offline"];
    if release {
        arguments.extend(["--release", "--config", "profile.release.strip=true"]);
    }
    let time = cargo(&folder(name), target.path(), &arguments)?;
    let program = target.path().join(if release { "release/hello" } else { "debug/hello" });
    let said = say(&program, target.path())?;
    if !said.contains(SAID) {
        return Err(format!("{name} said `{said}` instead of `{SAID}`"));
    }
    let bytes = std::fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?.len();
    Ok(Built { time, bytes: bytes as f64 })
}

fn say(program: &Path, folder: &Path) -> Result<String, String> {
    let output = Command::new(program).current_dir(folder).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The packages that a program is built from, as its lock file lists them, including those for other platforms.
fn packages(name: &str) -> Result<usize, String> {
    let path = folder(name).join("Cargo.lock");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.matches("[[package]]").count() - 1)
}
