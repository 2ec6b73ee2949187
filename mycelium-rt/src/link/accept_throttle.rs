//! Accepting connections, with pauses while the process or the kernel has no resources for one.

use std::time::Instant;

use rustix::io::Errno;

use super::backoff::Backoff;
use super::{Counters, Limits};
use crate::notice::{self, Notices};
use crate::time::after;

/// The number of connections that broke before they were accepted, which are skipped in one call.
const BROKEN_AT_ONCE: usize = 16;

/// Decides whether an input asks its listener for connections. While descriptors or memory are used up it does not ask, and
/// the listener wakes nothing: newcomers stay in the kernel's queue, and connected peers are not affected.
#[derive(Debug)]
pub(crate) struct AcceptThrottle {
    name: &'static str,
    backoff: Backoff,
    /// While it is paused: when to try again.
    paused_until: Option<Instant>,
    notices: Notices,
    counters: Counters,
}

impl AcceptThrottle {
    pub(crate) fn new(name: &'static str, limits: &Limits, notices: Notices, counters: Counters) -> Self {
        Self { name, backoff: Backoff::new(limits.backoff, limits.backoff_max), paused_until: None, notices, counters }
    }

    /// The next connection from `accept`, if one is available now. This may change whether the throttle [is
    /// paused](Self::is_paused).
    pub(crate) fn next<T>(&mut self, mut accept: impl FnMut() -> Result<T, Errno>) -> Option<T> {
        if self.paused_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        for _ in 0..BROKEN_AT_ONCE {
            match accept() {
                Ok(accepted) => {
                    self.resume();
                    return Some(accepted);
                }
                Err(Errno::WOULDBLOCK) => {
                    self.resume();
                    return None;
                }
                Err(error) if is_of_one_connection(error) => {
                    self.counters.connect_failures.add(1);
                    tracing::debug!(input = self.name, %error, "a connection broke before it was accepted");
                }
                Err(error) => {
                    self.pause(error);
                    return None;
                }
            }
        }
        None
    }

    /// Whether no connections are asked for at the moment. The listener must not wake anything then: every wait would end at
    /// once.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused_until.is_some()
    }

    /// When to ask for [`next`](Self::next) again, if it is paused.
    pub(crate) fn timer(&self) -> Option<Instant> {
        self.paused_until
    }

    #[cold]
    fn pause(&mut self, error: Errno) {
        self.counters.accept_failures.add(1);
        if self.paused_until.replace(after(self.backoff.pause())).is_none() {
            notice::error!(self.notices, input = self.name, %error, "cannot accept connections for now, will keep trying");
        }
    }

    fn resume(&mut self) {
        if self.paused_until.take().is_some() {
            self.backoff.reset();
            tracing::info!(input = self.name, "accepting connections again");
        }
    }
}

/// Whether an error of `accept` belongs to the connection at the head of the queue, so that the next one may succeed. Linux
/// reports there what has happened on the network meanwhile, see accept(2).
fn is_of_one_connection(error: Errno) -> bool {
    matches!(
        error,
        Errno::CONNABORTED
            | Errno::INTR
            | Errno::NOPROTOOPT
            | Errno::OPNOTSUPP
            | Errno::NETDOWN
            | Errno::NETUNREACH
            | Errno::HOSTDOWN
            | Errno::HOSTUNREACH
    ) || is_of_linux(error)
}

#[cfg(target_os = "linux")]
fn is_of_linux(error: Errno) -> bool {
    matches!(error, Errno::PERM | Errno::PROTO | Errno::NONET)
}

/// Not all systems have these errors.
#[cfg(not(target_os = "linux"))]
fn is_of_linux(_: Errno) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Asks a throttle `times` times, with the results of `accept` in `script`. Returns what was accepted and the counted
    /// failures.
    fn ask(pause: Duration, times: usize, script: Vec<Result<u32, Errno>>) -> (Vec<u32>, u64, u64) {
        let counters = Counters::default();
        let limits = Limits { backoff: pause, backoff_max: pause, ..Limits::default() };
        let mut throttle = AcceptThrottle::new("feed", &limits, Notices::default(), counters.clone());
        let mut script = VecDeque::from(script);
        let next = |_| throttle.next(|| script.pop_front().unwrap_or(Err(Errno::WOULDBLOCK)));
        let accepted = (0..times).filter_map(next).collect();
        let stats = counters.snapshot();
        (accepted, stats.connect_failures, stats.accept_failures)
    }

    #[test]
    fn a_connection_that_broke_before_accept_is_skipped() {
        let script = vec![Err(Errno::CONNABORTED), Ok(1), Err(Errno::INTR), Err(Errno::HOSTUNREACH), Ok(2)];
        assert_eq!(ask(HOUR, 2, script), (vec![1, 2], 3, 0));
        assert_eq!(ask(HOUR, 1, vec![Err(Errno::CONNABORTED); 100]), (vec![], 16, 0));
    }

    #[test]
    fn accepting_pauses_while_descriptors_or_memory_are_used_up() {
        for error in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::BADF] {
            assert_eq!(ask(HOUR, 100, vec![Ok(1), Err(error), Ok(2)]), (vec![1], 0, 1), "{error}");
            assert_eq!(ask(Duration::ZERO, 4, vec![Err(error), Err(error), Ok(1), Ok(2)]), (vec![1, 2], 0, 2));
        }
    }

    #[test]
    fn accepting_stays_paused_until_a_connection_is_accepted_or_none_waits() {
        for end in [Ok(1), Err(Errno::WOULDBLOCK)] {
            let limits = Limits { backoff: Duration::ZERO, backoff_max: Duration::ZERO, ..Limits::default() };
            let mut throttle = AcceptThrottle::new("feed", &limits, Notices::default(), Counters::default());
            assert!(!throttle.is_paused() && throttle.timer().is_none());
            for _ in 0..2 {
                assert_eq!(throttle.next(|| Err::<u32, _>(Errno::MFILE)), None);
                assert!(throttle.is_paused() && throttle.timer().is_some());
            }
            assert_eq!(throttle.next(|| end), end.ok());
            assert!(!throttle.is_paused() && throttle.timer().is_none());
        }
    }
}
