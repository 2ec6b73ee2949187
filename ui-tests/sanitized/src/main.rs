//! Plain programs for the sanitizers: the ring, links, lanes, hostile peers and messages, with real threads.
//!
//! `.ci/sanitize` builds it with the address and the thread sanitizer, and runs it. It uses no channel of `std`, which is not built
//! with a sanitizer: what the thread sanitizer does not see there it would take for races.
#![forbid(unsafe_code)]

mod hostile;
mod lanes;
mod links;
mod reading;
mod ring;

use std::process::ExitCode;
use std::time::Instant;

const HELP: &str = "\
Runs what is unsafe, and what threads share, under a sanitizer. A plain build shows only that the scenes pass.

Usage: scenes [SCENE]...

Scenes, all of them by default:
  ring     two threads over a ring, parking and spinning, rings of 1 to 64 messages
  links    both ends of links over shared memory and Unix sockets, on two threads
  lanes    a router on two lanes, fed from outside, with panics and restarts, and its end
  hostile  peers that send anything, over sockets and shared memory
  reading  messages of every kind of type, from any bytes";

/// A name, and what is to be done under it; it says what it has done.
type Scene = (&'static str, fn() -> String);

const SCENES: [Scene; 5] = [
    ("ring", ring::run),
    ("links", links::run),
    ("lanes", lanes::run),
    ("hostile", hostile::run),
    ("reading", reading::run),
];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if asked.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) = asked.iter().find(|name| !SCENES.iter().any(|(scene, _)| scene == name)) {
        eprintln!("scenes: unknown scene `{unknown}`, see `--help`");
        return ExitCode::from(2);
    }
    for (name, run) in SCENES.iter().filter(|(name, _)| asked.is_empty() || asked.iter().any(|asked| asked == name)) {
        let begin = Instant::now();
        let done = run();
        println!("{name}: {done}, {} ms", begin.elapsed().as_millis());
    }
    ExitCode::SUCCESS
}
