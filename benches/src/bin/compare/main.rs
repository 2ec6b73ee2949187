//! Every path compared with other libraries for it.
#![forbid(unsafe_code)]

mod bus;
mod chains;
mod counts;
mod direct;
#[cfg(feature = "heavy-peers")]
mod formats;
mod processes;
mod queues;
mod sizes;
mod streams;
mod tasks;

use std::process::ExitCode;

use mycelium_benches::processes::run_as_far_end;
use mycelium_benches::program;

const ABOUT: &str = "\
Compares the paths with other libraries, each in turn with ours, in one run.

Usage: compare [OPTIONS] [FILTER]

FILTER selects comparisons whose line in --list contains it. Messages have 64 bytes except where the name of a
comparison says otherwise.
";

/// How to get the peers that are not built in.
#[cfg(not(feature = "heavy-peers"))]
const LEFT_OUT: &str = "\
Left out, because they take minutes to build: iceoryx2, ipc-channel, zenoh, prost, flatbuffers, rkyv and bincode. With them:
    cargo run --release -p mycelium-benches --features heavy-peers --bin compare";

fn main() -> ExitCode {
    if let Some(code) = run_as_far_end(&processes::far_ends()) {
        return code;
    }
    let code = measure();
    #[cfg(not(feature = "heavy-peers"))]
    eprintln!("{LEFT_OUT}");
    code
}

fn measure() -> ExitCode {
    program::run("compare", ABOUT, |options| {
        let mut all = direct::questions(options);
        all.extend(queues::questions(options));
        all.extend(tasks::questions(options));
        all.extend(streams::questions(options));
        all.extend(bus::questions(options));
        #[cfg(feature = "heavy-peers")]
        all.extend(bus::heavy_questions(options));
        all.extend(processes::questions(options));
        #[cfg(feature = "heavy-peers")]
        all.extend(processes::heavy_questions(options));
        #[cfg(feature = "heavy-peers")]
        all.extend(formats::questions(options));
        all.extend(counts::questions(options));
        all.extend(chains::questions(options));
        all.extend(sizes::questions(options));
        all
    })
}
