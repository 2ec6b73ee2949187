//! Links and inputs within one process, and peers that lie.

mod handshake;
mod hostile;
mod links;
mod memory;

use std::convert::Infallible;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{ShmInput, ShmLink, ShmOptions};
use crate::Config;
use crate::MessageInfo;
use crate::link::{Address, InputSpec, Interest, Limits, LinkSpec, OnFull, wait};

const TICK: MessageInfo =
    MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0xfeed)] };
const WIDE: MessageInfo =
    MessageInfo { id: 9, name: "Wide", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 600, 0xbeef)] };
const BOTH: &[MessageInfo] = &[TICK, WIDE];

/// Long enough for any machine: a test that waits this long has found a defect.
const FAR_TOO_LONG: Duration = Duration::from_secs(120);

/// A socket path of its own for each test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("mycelium-shm-{}-{number}.sock", std::process::id())))
    }

    fn config(&self) -> Config {
        let limits =
            Limits { backoff: Duration::from_millis(1), backoff_max: Duration::from_millis(20), ..Limits::default() };
        Config::new().address("it", &self.0.to_string_lossy()).limits(limits)
    }

    fn input(&self) -> ShmInput {
        self.input_of(BOTH, &self.config())
    }

    fn input_of(&self, messages: &'static [MessageInfo], config: &Config) -> ShmInput {
        let spec = InputSpec::new("it", Address::shm("/unused"), "demo", messages);
        ShmInput::open(spec, ShmOptions::default(), config).unwrap()
    }

    fn link(&self, on_full: OnFull, slots: usize) -> ShmLink {
        self.link_of(BOTH, on_full, slots)
    }

    fn link_of(&self, messages: &'static [MessageInfo], on_full: OnFull, slots: usize) -> ShmLink {
        let spec = LinkSpec { on_full, ..LinkSpec::new("it", Address::shm("/unused"), "demo", messages) };
        ShmLink::open(spec, ShmOptions { slots, ..ShmOptions::default() }, &self.config()).unwrap()
    }
}

/// Calls `step` until it returns that it is done.
#[track_caller]
fn until(what: &str, mut step: impl FnMut() -> bool) {
    let start = Instant::now();
    while !step() {
        assert!(start.elapsed() < FAR_TOO_LONG, "{what}: not in time");
        std::thread::yield_now();
    }
}

#[track_caller]
fn connect(link: &mut ShmLink, input: &mut ShmInput) {
    let peers = input.peers();
    until("connect", || {
        link.poll();
        assert_eq!(take(input), []);
        link.is_connected() && input.peers() == peers + 1
    });
}

/// The ticks that one poll delivers.
fn take(input: &mut ShmInput) -> Vec<u64> {
    let mut ticks = Vec::new();
    input.poll(|id, version, body| {
        assert_eq!((id, version), (7, 1));
        ticks.push(u64::from_le_bytes(body.try_into().unwrap()));
        Ok::<(), Infallible>(())
    });
    ticks
}

/// Whether nothing wakes the owner of an input that has nothing to do. What is kept of a connection that is over keeps its
/// socket open.
fn sleeps_on(input: &mut ShmInput) -> bool {
    let is_idle = input.park();
    let interest = Interest { descriptor: input.as_fd(), readable: true, writable: false };
    let is_woken = wait(Some(interest), Some(Duration::from_millis(20))).unwrap();
    input.unpark();
    is_idle && !is_woken
}

fn send(link: &mut ShmLink, tick: u64) -> Result<(), crate::link::SendError> {
    link.send_bytes(7, &tick.to_le_bytes())
}
