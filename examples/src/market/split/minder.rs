//! Ends a process when the one that started it closes its pipe, or dies.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::ProcessError;

/// How long a process may take to end before it is forced to.
const GRACE: Duration = Duration::from_millis(500);

/// Knows whether the process should go on. Its standard input is a pipe from the process that started it. The pipe ends when that
/// process closes it or dies, for whatever reason.
pub(super) struct Minder {
    told: Arc<(Mutex<bool>, Condvar)>,
    released: Arc<AtomicBool>,
}

impl Minder {
    /// Begins to read standard input. A process whose starter is gone in the middle of a run may wait for a peer that is gone, too: it is
    /// ended, and `folder` removed.
    pub(super) fn start(folder: PathBuf) -> Self {
        let told = Arc::new((Mutex::new(false), Condvar::new()));
        let released = Arc::new(AtomicBool::new(false));
        let (tell, release) = (Arc::clone(&told), Arc::clone(&released));
        thread::spawn(move || {
            // An error ends the pipe as well.
            for _ in io::stdin().lock().bytes().map_while(Result::ok) {
                release.store(true, Ordering::Relaxed);
            }
            *tell.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            tell.1.notify_all();
            thread::sleep(GRACE);
            let _ = std::fs::remove_dir_all(folder);
            std::process::exit(1);
        });
        Self { told, released }
    }

    fn is_told(&self) -> bool {
        *self.told.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Repeats `poll` until the process that started this one releases it.
    pub(super) fn until_released(&self, mut poll: impl FnMut() -> usize) -> Result<(), ProcessError> {
        // Nothing but the flag itself is communicated.
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

    /// Repeats `flush` until it returns that nothing is left. A process that is told to end flushes once more: the books end when they have
    /// everything, so whether anything was lost is a question for the counters.
    ///
    /// It calls `poll` meanwhile: a link connects in polls, and nothing before has waited for the link to the books.
    pub(super) fn until_flushed<R>(
        &self,
        router: &mut R,
        flush: impl Fn(&mut R) -> bool,
        poll: impl Fn(&mut R) -> usize,
    ) {
        loop {
            let is_told = self.is_told();
            if flush(router) || is_told {
                return;
            }
            if poll(router) == 0 {
                thread::yield_now();
            }
        }
    }

    /// Sleeps until the process should end.
    pub(super) fn until_told(&self) {
        let (told, changed) = &*self.told;
        let told = told.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_while(told, |told| !*told).unwrap_or_else(PoisonError::into_inner));
    }
}
