//! Shared memory between real processes, which are killed at random moments and stopped.
//!
//! `cargo test --release -p mycelium-rt --test shm_crash -- --kills 1000 --stop-seconds 30` is the long form. What must hold:
//! what a killed sender had committed is received, in order, and nothing else; a sender outlives its receivers and accounts for what
//! they left unread; at the end no descriptor, mapping or file is left.
#![forbid(unsafe_code)]

mod child;
mod progress;
mod scenes;

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [role, directory] = args.as_slice()
        && let Some(run) = child::role(role)
    {
        run(directory.as_ref());
        return ExitCode::SUCCESS;
    }
    let number = |name: &str, default: u64| {
        let at = args.iter().position(|arg| arg == name);
        at.and_then(|at| args.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let kills = number("--kills", 60);
    let stop = Duration::from_secs(number("--stop-seconds", 1));
    let before = scenes::Holdings::now();
    let directory = std::env::temp_dir().join(format!("mycelium-crash-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory for sockets");
    scenes::kill_senders(&directory, kills / 2);
    scenes::kill_receivers(&directory, kills - kills / 2);
    scenes::stop_sender(&directory, stop);
    scenes::stop_receiver(&directory, stop);
    let files = scenes::files_left(&directory);
    let leaked = scenes::Holdings::now().beyond(&before);
    println!("leaked descriptors {}, mappings {}; files left {files}", leaked.descriptors, leaked.mappings);
    std::fs::remove_dir_all(&directory).expect("the directory is ours");
    assert!(leaked.is_nothing() && files == 0);
    println!("4 passed, 0 failed");
    ExitCode::SUCCESS
}
