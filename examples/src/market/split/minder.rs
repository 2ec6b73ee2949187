//! Ends a process when the one that started it closes its pipe, or dies.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::ProcessError;

/// How long a process may take to end before it is forced to.
const GRACE: Duration = Duration::from_millis(500);

/// Knows whether the process should go on. Its standard input is a pipe from the process that started it. The pipe ends when that
/// process closes it or dies, for whatever reason.
pub(super) struct Minder {
    told: Arc<AtomicBool>,
    released: Arc<AtomicBool>,
}

impl Minder {
    /// Begins to read standard input, for this thread. A process whose starter is gone in the middle of a run may wait for a peer that is gone, too:
    /// it is ended, and `folder` removed.
    pub(super) fn start(folder: PathBuf) -> Self {
        let told = Arc::new(AtomicBool::new(false));
        let released = Arc::new(AtomicBool::new(false));
        let (tell, release, starter) = (Arc::clone(&told), Arc::clone(&released), thread::current());
        thread::spawn(move || {
            // An error ends the pipe as well.
            for _ in io::stdin().lock().bytes().map_while(Result::ok) {
                release.store(true, Ordering::Relaxed);
            }
            tell.store(true, Ordering::Relaxed);
            starter.unpark();
            thread::sleep(GRACE);
            let _ = std::fs::remove_dir_all(folder);
            std::process::exit(1);
        });
        Self { told, released }
    }

    fn is_told(&self) -> bool {
        // Nothing but the flag itself is communicated.
        self.told.load(Ordering::Relaxed)
    }

    /// Repeats `poll` until the process that started this one releases it.
    pub(super) fn until_released(&self, mut poll: impl FnMut() -> usize) -> Result<(), ProcessError> {
        self.until(|| (poll(), self.released.load(Ordering::Relaxed)))
    }

    /// Repeats `step`, which returns how much it did and whether it is done.
    pub(super) fn until(&self, mut step: impl FnMut() -> (usize, bool)) -> Result<(), ProcessError> {
        loop {
            let (taken, done) = step();
            if done {
                return Ok(());
            }
            if self.is_told() {
                return Err(ProcessError::LeftAlone);
            }
            if taken == 0 {
                thread::yield_now();
            }
        }
    }

    /// Sleeps until the process should end.
    pub(super) fn until_told(&self) {
        while !self.is_told() {
            thread::park();
        }
    }
}
