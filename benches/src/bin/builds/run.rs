//! A run of a command, and its CPU time.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// The outcome of a run.
pub(super) enum Outcome {
    /// It ended well.
    Took(Cpu),
    /// It did not end in time.
    Stopped,
    /// It failed; its standard error.
    Failed(String),
}

/// The CPU time of all threads of a process, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cpu {
    pub(super) user: f64,
    /// User and system time of the processes that it started and waited for, and of those that these waited for.
    pub(super) children: f64,
}

/// Runs the command until it ends or `timeout` is over; its output goes to the file `errors`.
pub(super) fn run(command: &mut Command, timeout: Duration, errors: &Path) -> io::Result<Outcome> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(errors)?);
    let mut child = command.spawn()?;
    let looked = ends_within(&child, timeout).and_then(|ended| ended.then(|| Cpu::of(child.id())).transpose());
    // In every case, it neither runs on nor stays a zombie.
    let _ = child.kill();
    let status = child.wait()?;
    match looked? {
        None => Ok(Outcome::Stopped),
        Some(time) if status.success() => Ok(Outcome::Took(time)),
        Some(_) => Ok(Outcome::Failed(fs::read_to_string(errors)?)),
    }
}

/// Whether the process ends in this time. It stays a zombie then, so that the kernel keeps its CPU time.
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

impl Cpu {
    /// Of a process that has ended and is not waited for yet, or of one that runs.
    ///
    /// From `/proc/PID/stat`, whose ticks are 10 ms: no finer account that safe code can read includes threads that have ended.
    fn of(process: u32) -> io::Result<Self> {
        const TICKS_PER_SECOND: f64 = 100.0;
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        // Its name, in parentheses, may contain spaces. The third field follows it; user time is the fourteenth.
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').skip(11).take(4));
        let ticks: Vec<u32> = fields.into_iter().flatten().filter_map(|field| field.parse().ok()).collect();
        let [user, _, user_of_children, system_of_children] = ticks[..] else {
            return Err(io::Error::other("stat has no times"));
        };
        let seconds = |ticks: u32| f64::from(ticks) / TICKS_PER_SECOND;
        Ok(Self {
            // Less than a tick is not zero.
            user: seconds(user.max(1)),
            children: seconds(user_of_children + system_of_children),
        })
    }

    /// Of this process.
    pub(super) fn of_this_process() -> io::Result<Self> {
        Self::of(std::process::id())
    }
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
    fn a_run_that_ends_has_its_time_and_that_of_its_children() {
        let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done";
        for (script, name) in [(busy.to_owned(), "busy"), (format!("sh -c '{busy}'; exit 0"), "busy-child")] {
            let Outcome::Took(time) = outcome(&script, Duration::from_secs(600), name) else {
                panic!("it did not end well")
            };
            let [of, not_of] = if name == "busy" { [time.user, time.children] } else { [time.children, time.user] };
            assert!(of > 0.02 && not_of < of, "{name}: {time:?}");
        }
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
