//! The tie between a process and the one that started it.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::ProcessError;

/// How long a process that was told to end may take before it is ended.
const GRACE: Duration = Duration::from_millis(500);

/// Knows whether the process is still wanted: its standard input is a pipe from the one that started it, which ends when that
/// one closes it, and also when that one dies, however that happens.
pub(super) struct Minder {
    told: Arc<AtomicBool>,
    released: Arc<AtomicBool>,
}

impl Minder {
    /// Listens to standard input from now on. A process that is left alone in the middle of a run may well wait for a peer that
    /// is gone: it is ended, and `folder` removed.
    pub(super) fn start(folder: PathBuf) -> Self {
        let told = Arc::new(AtomicBool::new(false));
        let released = Arc::new(AtomicBool::new(false));
        let (tell, release) = (Arc::clone(&told), Arc::clone(&released));
        thread::spawn(move || {
            // An error ends the pipe as well.
            for _ in io::stdin().lock().bytes().map_while(Result::ok) {
                release.store(true, Ordering::Relaxed);
            }
            tell.store(true, Ordering::Relaxed);
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

    /// Goes on with `poll` until the one that started this process gives word.
    pub(super) fn until_released(&self, mut poll: impl FnMut() -> usize) -> Result<(), ProcessError> {
        self.until(|| (poll(), self.released.load(Ordering::Relaxed)))
    }

    /// Repeats `step`, which says how much it did and whether that is all.
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

    /// Goes on with `poll`, so that links stay up, until the process is told to end.
    pub(super) fn until_told(&self, mut poll: impl FnMut() -> usize) {
        // Not by `until`, which takes a word that comes between its two looks for one that comes too early.
        while !self.is_told() {
            if poll() == 0 {
                thread::yield_now();
            }
        }
    }
}
