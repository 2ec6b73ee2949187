//! Every path beside other libraries that do the same.
#![forbid(unsafe_code)]

mod bus;
mod counts;
mod queues;
mod sizes;
mod tasks;

use std::process::ExitCode;

use mycelium_benches::program;

const ABOUT: &str = "\
Measures the paths beside other libraries that do the same, each in turn with ours, in one run.

Usage: compare [OPTIONS] [FILTER]

FILTER leaves only comparisons whose name contains it; --list prints the names. Messages have 64 bytes except where the name of a
comparison says otherwise.
";

fn main() -> ExitCode {
    program::run("compare", ABOUT, |options| {
        let mut all = queues::questions(options);
        all.extend(tasks::questions(options));
        all.extend(bus::questions(options));
        all.extend(counts::questions(options));
        all.extend(sizes::questions(options));
        all
    })
}
