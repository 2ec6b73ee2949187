//! Every path beside the bare mechanism of the machine that it is made of.
#![forbid(unsafe_code)]

mod direct;
mod threads;

use std::process::ExitCode;

use mycelium_benches::options::{self, Options};
use mycelium_benches::pairs::{Question, ask};
use mycelium_benches::report;

const ABOUT: &str = "\
Measures latency and rate of every path beside the bare mechanism that it is made of, in turn, in one run.

Usage: paths [OPTIONS] [FILTER]

FILTER leaves only comparisons whose name contains it; --list prints the names.
";

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{ABOUT}\n{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("paths: {error}\n\n{ABOUT}\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("paths: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let questions = questions(options);
    if options.list {
        for question in &questions {
            println!("{} against {}", question.name, question.peer);
        }
        return Ok(());
    }
    let Options { seed, pairs, round_trips, messages, size, cores, .. } = options;
    println!(
        "seed {seed}: {pairs} pairs, {round_trips} round trips, {messages} messages of {size} bytes, cores {} and {}\n",
        cores.near, cores.far
    );
    let comparisons = ask(options, questions);
    if comparisons.is_empty() {
        return Err(format!("no comparison is called `{}`; --list prints their names", options.filter));
    }
    print!("{}", report::text(&comparisons));
    if let Some(path) = &options.json {
        std::fs::write(path, report::json(options, &comparisons))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut questions = direct::questions(options);
    questions.extend(match options.size {
        16 => threads::questions::<2>(options),
        256 => threads::questions::<32>(options),
        1024 => threads::questions::<128>(options),
        4096 => threads::questions::<512>(options),
        16_384 => threads::questions::<2048>(options),
        65_528 => threads::questions::<8191>(options),
        _ => threads::questions::<8>(options),
    });
    questions
}
