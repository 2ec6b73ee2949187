//! The two cores that a measurement runs on.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Where the two ends of a path run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cores {
    /// The core of the end that is timed.
    pub near: usize,
    /// The core of the other end.
    pub far: usize,
}

impl Cores {
    /// The last two cores that this process may use: the first one gets most interrupts.
    ///
    /// # Errors
    /// There are fewer than two.
    pub fn any() -> io::Result<Self> {
        let set = sched_getaffinity(None)?;
        let mut allowed = (0..CpuSet::MAX_CPU).rev().filter(|&core| set.is_set(core));
        match (allowed.next(), allowed.next()) {
            (Some(near), Some(far)) => Ok(Self { near, far }),
            _ => Err(io::Error::other("a path needs two cores; this process may use one")),
        }
    }

    /// Whether this process may run on both.
    ///
    /// # Errors
    /// It may not, or they are one and the same.
    pub fn check(self) -> io::Result<()> {
        let set = sched_getaffinity(None)?;
        let missing = [self.near, self.far].into_iter().find(|&core| core >= CpuSet::MAX_CPU || !set.is_set(core));
        match missing {
            Some(core) => Err(io::Error::other(format!("this process may not run on core {core}"))),
            None if self.near == self.far => Err(io::Error::other("the two ends need a core each")),
            None => Ok(()),
        }
    }
}

/// Pins the calling thread to `core`.
pub fn pin(core: usize) {
    keep_on(&[core]);
}

/// Lets the calling thread run on both cores again, and with it the threads that it starts.
pub fn unpin(cores: Cores) {
    keep_on(&[cores.near, cores.far]);
}

fn keep_on(cores: &[usize]) {
    let mut set = CpuSet::new();
    cores.iter().for_each(|&core| set.set(core));
    // The core was allowed when the run began; if it was taken away since, the spread of the figures shows it.
    let _ = sched_setaffinity(None, &set);
}
