//! What the tests of lanes share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mycelium_rt::service;
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

/// How long anything may take; far beyond what it needs, so that a busy machine fails no test.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Repeats `step` until it says that it is done.
#[track_caller]
pub(crate) fn until(what: &str, mut step: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !step() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        std::thread::yield_now();
    }
}

/// The path of a socket of this test alone, which is removed in the end.
pub(crate) struct Socket(PathBuf);

impl Socket {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("mycelium-lanes-{}-{number}.sock", std::process::id())))
    }

    pub(crate) fn text(&self) -> &str {
        self.0.to_str().expect("the path of the temporary directory is text")
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What a closed input has removed itself is gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Keeps what it is given, in order.
#[derive(Default)]
pub(crate) struct Log(pub(crate) Vec<(&'static str, u64)>);

#[service]
impl Log {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.0.push(("Bar", bar.value));
    }

    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.0.push(("Signal", signal.value));
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(("Fill", fill.value));
    }

    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.0.push(("Breach", breach.value));
    }
}
