//! Links between real processes, which are killed at random moments and stopped.
//!
//! `cargo test --release -p mycelium-rt --test crash -- --via unix --kills 1000 --stop-seconds 30` is the long form; without
//! `--via` each path has its turn. What must hold: what a killed sender had committed is received, in order, and nothing
//! else; a sender outlives its receivers, finds the next one, and accounts for what was lost; a process that is stopped
//! affects no other; at the end no descriptor, mapping or file is left.
#![forbid(unsafe_code)]

mod child;
mod holdings;
mod progress;
mod scenes;
mod via;

use std::process::ExitCode;
use std::time::Duration;

use holdings::Holdings;
use scenes::Scene;
use via::Via;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if child::run(&args) {
        return ExitCode::SUCCESS;
    }
    let option = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let number = |name: &str, default: f64| option(name).map_or(default, |it| it.parse().expect("a number"));
    let vias = match option("--via") {
        Some(name) => vec![Via::named(name).expect("one of shm, unix and tcp")],
        None => Via::ALL.to_vec(),
    };
    let kills = number("--kills", 40.0) as u64;
    let stop = Duration::try_from_secs_f64(number("--stop-seconds", 0.5)).unwrap();
    for &via in &vias {
        run(via, kills, stop);
    }
    println!("{} passed, 0 failed", 4 * vias.len());
    ExitCode::SUCCESS
}

fn run(via: Via, kills: u64, stop: Duration) {
    let directory = std::env::temp_dir().join(format!("mycelium-crash-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory for sockets");
    let before = Holdings::now(&directory);
    let scene = Scene::new(via, &directory);
    scene.kill_senders(kills / 2);
    scene.kill_receivers(kills - kills / 2);
    scene.stop_sender(stop);
    scene.stop_receiver(stop);
    let leaked = Holdings::now(&directory).beyond(&before);
    println!("{}: leaked {leaked}", via.name());
    std::fs::remove_dir_all(&directory).expect("the directory is ours");
    assert!(leaked.is_nothing());
}
