//! Two systems of lanes, joined by links, live through panics, slow handlers and broken connections; and their ledger balances.
//!
//! `cargo test --release -p mycelium-ui-tests --test soak -- --seconds 600` is the long form; `--help` tells the rest.
#![forbid(unsafe_code)]

mod chaos;
mod ledger;
mod options;
mod round;
mod router;
mod services;
mod tally;
mod troubles;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use chaos::Plan;
use options::{Asked, HELP, Options};
use round::Done;

/// How often a long run says that it goes on.
const PROGRESS: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    match options::read(std::env::args().skip(1)) {
        Ok(Asked::Run(options)) => soak(&options),
        Ok(Asked::Help) => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(Asked::Nothing) => ExitCode::SUCCESS,
        Err(mistake) => {
            eprintln!("soak: {mistake}");
            ExitCode::from(2)
        }
    }
}

fn soak(options: &Options) -> ExitCode {
    if !options.verbose {
        // Thousands of them are meant.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (begin, mut seed, mut rounds, mut told, mut sum) =
        (Instant::now(), options.seed, 0, Instant::now(), Done::default());
    println!("seed {seed}");
    loop {
        let plan = Plan::of(seed);
        match round::run(&plan, runtime.handle()) {
            Ok((done, ledger)) if ledger.balances() => {
                sum += done;
                if options.verbose {
                    println!("{plan}\n{ledger}");
                }
            }
            Ok((_, ledger)) => return failed(&plan, &format!("the ledger does not balance:\n{ledger}")),
            Err(reason) => return failed(&plan, &reason),
        }
        (rounds, seed) = (rounds + 1, seed.wrapping_add(1));
        let is_over = begin.elapsed() >= options.time;
        if is_over || told.elapsed() >= PROGRESS {
            told = Instant::now();
            println!("{:>4} s, {rounds} rounds, {sum}", begin.elapsed().as_secs());
        }
        if is_over {
            println!("every ledger balances");
            return ExitCode::SUCCESS;
        }
    }
}

fn failed(plan: &Plan, reason: &str) -> ExitCode {
    println!("FAILED with {plan}\n{reason}\nagain: --seed {} --seconds 0", plan.seed);
    ExitCode::FAILURE
}
