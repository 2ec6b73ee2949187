//! Relays between the links and their inputs, and who makes trouble with them.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use fastrand::Rng;
use mycelium_rt::testing::{Relay, RelayStats};

use crate::chaos::Plan;

/// Where the inputs are, and the relays before them.
pub(crate) struct Ways {
    /// From the desk to the other system.
    pub(crate) audit: Relay,
    /// The other way.
    pub(crate) feed: Relay,
    // Behind the relays, which are dropped first.
    directory: Directory,
}

/// A folder for sockets.
struct Directory(PathBuf);

/// The socket at which the other system takes what it audits.
pub(crate) fn audit_socket(directory: &Path) -> String {
    directory.join("audit.sock").to_string_lossy().into_owned()
}

/// A host of 127.0.0.0/8 that no other process has, and a port that the kernel gives to nobody by itself.
pub(crate) fn feed_address() -> String {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    format!("127.{}.{middle}.{low}:17404", high | 128)
}

impl Ways {
    pub(crate) fn new() -> std::io::Result<Self> {
        let directory = std::env::temp_dir().join(format!("mycelium-soak-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let audit = Relay::unix(directory.join("relay.sock"), audit_socket(&directory))?;
        Ok(Self { audit, feed: Relay::tcp(&feed_address())?, directory: Directory(directory) })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory.0
    }

    /// Makes trouble until the returned end is dropped; then all is well again, once the thread has ended.
    pub(crate) fn trouble(&self, plan: &Plan, end: &std::sync::mpsc::Receiver<()>) {
        let mut random = Rng::with_seed(plan.seed ^ 0x7e1a);
        // What comes next comes after a moment, or at once if this is the end.
        while end.recv_timeout(Duration::from_micros(random.u64(100..4000))) == Err(RecvTimeoutError::Timeout) {
            let relay = if random.bool() { &self.audit } else { &self.feed };
            match random.u8(..8) {
                0 => relay.close(),
                1 => relay.hold(),
                2 => relay.refuse(true),
                3 => relay.drop_next(random.u64(1..50)),
                4 => relay.drop_at_random(random.u64(..), plan.drops),
                5 => relay.delay(Duration::from_micros(random.u64(..100))),
                _ => heal(relay),
            }
        }
        heal(&self.audit);
        heal(&self.feed);
    }

    pub(crate) fn stats(&self) -> (RelayStats, RelayStats) {
        (self.audit.stats(), self.feed.stats())
    }
}

fn heal(relay: &Relay) {
    relay.release();
    relay.refuse(false);
    relay.drop_next(0);
    relay.drop_at_random(0, 0);
    relay.delay(Duration::ZERO);
}

/// Makes trouble with `ways` on a thread of its own, while `work` goes on with the sender whose drop ends it.
pub(crate) fn while_trouble<T>(ways: &Ways, plan: &Plan, work: impl FnOnce(Troubles<'_>) -> T) -> T {
    std::thread::scope(|scope| {
        let (end, ended) = channel();
        let thread = scope.spawn(move || ways.trouble(plan, &ended));
        work(Troubles { end: Some(end), thread: Some(thread) })
    })
}

/// Troubles that go on.
pub(crate) struct Troubles<'scope> {
    end: Option<Sender<()>>,
    thread: Option<std::thread::ScopedJoinHandle<'scope, ()>>,
}

impl Troubles<'_> {
    /// Ends them, and waits until all is well.
    pub(crate) fn end(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("nothing there panics");
        }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // One that is gone is as wanted.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
