//! What the other process does.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use mycelium_rt::link::OnFull;
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::progress::Progress;
use crate::via::Via;

/// What a sender records after each message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    /// The number of messages that its link has taken.
    pub(crate) taken: u64,
    /// The number of those that cannot be taken back: committed to the ring, or handed to the kernel.
    pub(crate) committed: u64,
}

/// What a receiver records after each message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    pub(crate) messages: u64,
    /// The number of the first message.
    pub(crate) first: u64,
    /// The number after that of the last message.
    pub(crate) next: u64,
    /// Numbers that are missing between the two, as reported by the input.
    pub(crate) gaps: u64,
}

impl Sent {
    pub(crate) fn read(path: &Path) -> Self {
        let [taken, committed] = Progress::read(path);
        Self { taken, committed }
    }
}

impl Received {
    pub(crate) fn read(path: &Path) -> Self {
        let [messages, first, next, gaps] = Progress::read(path);
        Self { messages, first, next, gaps }
    }
}

/// Which of the two ends a process is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    Sender,
    Receiver,
}

/// Starts this program as another process; returns it and where its progress is.
pub(crate) fn start(role: Role, via: Via, address: &str, directory: &Path) -> (Child, PathBuf) {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let progress = directory.join(format!("progress-{number}"));
    let this = std::env::current_exe().expect("a path");
    let role = match role {
        Role::Sender => "--sender",
        Role::Receiver => "--receiver",
    };
    let mut command = Command::new(this);
    command.arg(role).arg(via.name()).arg(address).arg(&progress);
    (command.spawn().expect("a child process"), progress)
}

/// Runs as that other process, if the arguments say so.
pub(crate) fn run(args: &[String]) -> bool {
    let [role, via, address, progress] = args else { return false };
    let Some(via) = Via::named(via) else { return false };
    let run = match role.as_str() {
        "--sender" => send,
        "--receiver" => receive,
        _ => return false,
    };
    // If the tests fail, nothing else would end it.
    set_parent_process_death_signal(Some(Signal::KILL)).expect("a signal that exists");
    run(via, address, &Progress::create(progress.as_ref()));
    true
}

/// Sends numbers from 0 on, for ever.
fn send(via: Via, address: &str, progress: &Progress) {
    let mut link = via.link(address, OnFull::Block);
    for number in 0.. {
        link.send(number).expect("a peer sooner or later");
        let taken = number + 1;
        // In a ring, what was taken is committed. A socket may hold it back, for a batch or because the kernel takes no
        // more.
        let committed = if via == Via::Shm { taken } else { link.stats().sent };
        progress.write([taken, committed]);
    }
}

/// Receives numbers for ever. Panics if one is broken or out of order, or if numbers are missing that were not reported.
fn receive(via: Via, address: &str, progress: &Progress) {
    let mut input = via.input(address);
    let mut seen: Option<Received> = None;
    loop {
        // What is missing before its first message may have gone to another process.
        let (told, was_first) = (input.stats().gaps, seen.is_none());
        let mut missing = 0;
        input.take(&mut |number| {
            let seen = seen.get_or_insert(Received { messages: 0, first: number, next: number, gaps: 0 });
            assert!(number >= seen.next, "{number} after {}", seen.next - 1);
            missing += number - seen.next;
            seen.gaps += number - seen.next;
            seen.next = number + 1;
            seen.messages += 1;
            progress.write([seen.messages, seen.first, seen.next, seen.gaps]);
        });
        if !was_first {
            assert_eq!(input.stats().gaps - told, missing, "gaps that were told, and gaps that are there");
        }
        input.wait(Duration::from_millis(1));
    }
}
