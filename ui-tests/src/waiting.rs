//! What tests that wait for something share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take; far beyond what it needs, so that a busy machine fails no test.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Repeats `step` until it says that it is done.
#[track_caller]
pub fn until(what: &str, mut step: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !step() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        std::thread::yield_now();
    }
}

/// The path of a socket of this test alone, which is removed in the end.
pub struct Socket(PathBuf);

impl Socket {
    /// A path that no other test has.
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("mycelium-{}-{number}.sock", std::process::id())))
    }

    /// The path, as an address.
    pub fn text(&self) -> &str {
        self.0.to_str().expect("the path of the temporary directory is text")
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What a closed input has removed itself is gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}
