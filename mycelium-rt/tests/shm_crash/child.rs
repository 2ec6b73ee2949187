//! What the other process does.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mycelium_rt::Config;
use mycelium_rt::MessageInfo;
use mycelium_rt::link::{Address, Batch, InputSpec, Limits, LinkSpec, OnFull};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};

use crate::progress::Progress;

/// A message of eight words, each of which follows from the first.
pub(crate) const WORDS: usize = 8;
pub(crate) const NUMBER: &[MessageInfo] = &[MessageInfo {
    id: 7,
    name: "Number",
    topic: "test",
    version: 1,
    min_compatible: 1,
    layouts: &[(1, WORDS * 8, 0xabc)],
}];
/// Few, so that both ends meet a full ring all the time.
pub(crate) const SLOTS: usize = 64;

pub(crate) fn body(number: u64) -> [u8; WORDS * 8] {
    let mut body = [0; WORDS * 8];
    for (index, chunk) in body.chunks_exact_mut(8).enumerate() {
        chunk.copy_from_slice(&number.wrapping_mul(index as u64 * 2 + 1).to_le_bytes());
    }
    body
}

/// The number of a message, if all of it is there.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    let number = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
    (body(number) == bytes).then_some(number)
}

pub(crate) fn config(directory: &Path) -> Config {
    let limits =
        Limits { backoff: Duration::from_millis(1), backoff_max: Duration::from_millis(5), ..Limits::default() };
    Config::new().limits(limits).address("link", &directory.join("link.sock").to_string_lossy())
}

pub(crate) fn link(directory: &Path, on_full: OnFull) -> ShmLink {
    let spec =
        LinkSpec { on_full, batch: Batch::of(4), ..LinkSpec::new("link", Address::shm("/unused"), "test", NUMBER) };
    let options = ShmOptions { slots: SLOTS, ..ShmOptions::default() };
    ShmLink::open(spec, options, &config(directory)).expect("a link")
}

pub(crate) fn input(directory: &Path) -> ShmInput {
    let spec = InputSpec::new("link", Address::shm("/unused"), "test", NUMBER);
    ShmInput::open(spec, ShmOptions::default(), &config(directory)).expect("an input")
}

pub(crate) fn progress_of(directory: &Path, process: u32) -> PathBuf {
    directory.join(format!("progress-{process}"))
}

/// What a process that is started with `name` does.
pub(crate) fn role(name: &str) -> Option<fn(&Path)> {
    match name {
        "--sender" => Some(send),
        "--receiver" => Some(receive),
        _ => None,
    }
}

/// Sends numbers from 0 on for ever, and writes down how many it has committed after each.
fn send(directory: &Path) {
    let progress = Progress::create(&progress_of(directory, std::process::id()));
    let mut link = link(directory, OnFull::Block);
    for number in 0.. {
        link.send_bytes(7, &body(number)).expect("a peer sooner or later");
        progress.write([number + 1, 0]);
    }
}

/// Takes numbers for ever and writes down how many it got. Ends with a panic if one is broken or out of order, or if numbers are
/// missing that the sender did not say it dropped.
fn receive(directory: &Path) {
    let progress = Progress::create(&progress_of(directory, std::process::id()));
    let mut input = input(directory);
    let (mut received, mut next, mut missing) = (0, None, 0);
    loop {
        let before = (input.stats().gaps, next, missing);
        input.poll(|_, _, bytes| {
            let number = number(bytes).expect("a whole message");
            let expected = next.unwrap_or(number);
            assert!(number >= expected, "{number} after {expected}");
            missing += number - expected;
            received += 1;
            next = Some(number + 1);
            progress.write([received, number + 1]);
            Ok::<(), Infallible>(())
        });
        // What was lost before its first message this process cannot know.
        if before.1.is_some() {
            assert_eq!(
                input.stats().gaps - before.0,
                missing - before.2,
                "gaps that were told, and gaps that are there"
            );
        }
        input.wait(Duration::from_millis(1));
    }
}
