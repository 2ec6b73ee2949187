//! Every path beside the bare mechanism that it uses.
#![forbid(unsafe_code)]

mod direct;
mod lanes;
mod threads;

use std::process::ExitCode;

use mycelium_benches::options::Options;
use mycelium_benches::pairs::Question;
use mycelium_benches::program;

const ABOUT: &str = "\
Measures latency and rate of every path and of the bare mechanism that it uses, in turn, in one run.

Usage: paths [OPTIONS] [FILTER]

FILTER selects comparisons whose line in --list contains it. Messages within a thread and between lanes always have 64 bytes, whatever
--size says.
";

fn main() -> ExitCode {
    program::run("paths", ABOUT, questions)
}

fn questions(options: &Options) -> Vec<Question<'_>> {
    let mut questions = direct::questions(options);
    questions.extend(lanes::questions(options));
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
