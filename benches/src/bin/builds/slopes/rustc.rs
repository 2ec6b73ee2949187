//! A run of rustc, and what it takes.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// What became of a run.
pub(super) enum Outcome {
    /// User CPU time, in seconds.
    Took(f64),
    /// It was not done in time.
    Stopped,
    /// What it wrote to standard error.
    Failed(String),
}

/// Runs the command until it ends or `timeout` is over; what it says goes to the file `errors`.
pub(super) fn run(command: &mut Command, timeout: Duration, errors: &Path) -> io::Result<Outcome> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(errors)?);
    let mut child = command.spawn()?;
    let looked = ends_within(&child, timeout).and_then(|ended| ended.then(|| user_time(child.id())).transpose());
    // Whatever happened, it neither runs on nor stays a zombie.
    let _ = child.kill();
    let status = child.wait()?;
    match looked? {
        None => Ok(Outcome::Stopped),
        Some(time) if status.success() => Ok(Outcome::Took(time)),
        Some(_) => Ok(Outcome::Failed(fs::read_to_string(errors)?)),
    }
}

/// Whether the process ends in this time. It stays a zombie then, so that the kernel still knows what it took.
fn ends_within(child: &Child, timeout: Duration) -> io::Result<bool> {
    let process = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&left)) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => (),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The user CPU time of all threads that the process has had, in seconds.
///
/// By `/proc/PID/stat`, whose ticks are 10 ms: threads that have ended are in no finer account that safe code can read.
fn user_time(process: u32) -> io::Result<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Its name, in brackets, may hold spaces; behind it come the third field and so on, and user time is the fourteenth.
    let ticks = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(11)?.parse::<u32>().ok());
    // Less than a tick is not nothing.
    ticks
        .map(|ticks| f64::from(ticks.max(1)) / TICKS_PER_SECOND)
        .ok_or_else(|| io::Error::other("stat has no user time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(script: &str, timeout: Duration, name: &str) -> Outcome {
        let errors = std::env::temp_dir().join(format!("mycelium-builds-{}-{name}", std::process::id()));
        let outcome = run(Command::new("sh").args(["-c", script]), timeout, &errors).unwrap();
        fs::remove_file(errors).unwrap();
        outcome
    }

    #[test]
    fn a_run_that_ends_has_its_user_time() {
        let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done";
        let Outcome::Took(time) = outcome(busy, Duration::from_secs(600), "busy") else {
            panic!("it did not end well")
        };
        assert!(time > 0.02, "{time} s");
    }

    #[test]
    fn a_run_that_takes_too_long_is_stopped() {
        assert!(matches!(outcome("exec sleep 600", Duration::from_millis(50), "sleep"), Outcome::Stopped));
    }

    #[test]
    fn a_run_that_fails_says_why() {
        let Outcome::Failed(said) = outcome("echo why >&2; exit 1", Duration::from_secs(600), "fail") else {
            panic!("it did not fail")
        };
        assert_eq!(said, "why\n");
    }
}
