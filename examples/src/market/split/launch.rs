//! Starts the three processes, and supervises them until they end.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::{Role, Run};

/// How often to check whether a process has ended. The result is printed before that, so nothing waits for this.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The folder for sockets could not be made.
    #[error("no folder for sockets: {0}")]
    Folder(io::Error),
    /// A process could not be started, or watched.
    #[error("the process `{role}`: {source}")]
    Start {
        /// The process.
        role: Role,
        /// What the operating system said.
        source: io::Error,
    },
    /// A process has failed; it has reported why on standard error.
    #[error("the process `{role}` has failed: {status}")]
    Failed {
        /// The process.
        role: Role,
        /// How it ended.
        status: ExitStatus,
    },
    /// The run took too long.
    #[error("no result after {0:?}")]
    TooLate(Duration),
}

/// Runs the three processes: this program again for each, with arguments that say which role it has.
///
/// The first one that fails ends the others. When this returns, no process and no file of the run is left.
///
/// # Errors
/// See [`LaunchError`].
pub fn launch(run: &Run) -> Result<(), LaunchError> {
    let folder = Folder::new().map_err(LaunchError::Folder)?;
    let mut deadline = Instant::now() + run.deadline;
    let mut processes = Processes::default();
    for role in Role::ALL {
        let started = start(role, run, &folder).map_err(|source| LaunchError::Start { role, source })?;
        processes.0.push(started);
    }
    let mut held = run.hold.then(Input::watch);
    while processes.look()? {
        if held.as_ref().is_some_and(Input::has_ended) {
            held = None;
            processes.release();
            deadline = Instant::now() + run.deadline;
        }
        if held.is_none() && Instant::now() >= deadline {
            return Err(LaunchError::TooLate(run.deadline));
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// The standard input of a run that holds.
struct Input(Arc<AtomicBool>);

impl Input {
    fn watch() -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        thread::spawn(move || {
            // An error ends the input as well.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            end.store(true, Ordering::Relaxed);
        });
        Self(ended)
    }

    fn has_ended(&self) -> bool {
        // Nothing but the flag itself is communicated.
        self.0.load(Ordering::Relaxed)
    }
}

fn start(role: Role, run: &Run, folder: &Folder) -> io::Result<Process> {
    // All of 127.0.0.0/8 is this host. No other current run has the id of this process.
    let [_, a, b, c] = std::process::id().to_be_bytes();
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--role", role.name(), "--via", run.via.name(), "--host", &format!("127.{a}.{b}.{c}")])
        .arg("--folder")
        .arg(folder.path())
        .arg("--sp500")
        .arg(&run.files.sp500)
        .arg("--nasdaq")
        .arg(&run.files.nasdaq)
        .args(run.hold.then_some("--hold"))
        .stdin(Stdio::piped())
        .stdout(if role == Role::Books { Stdio::inherit() } else { Stdio::null() })
        .spawn()?;
    let tie = child.stdin.take();
    Ok(Process { role, child, tie, has_ended: false })
}

struct Process {
    role: Role,
    child: Child,
    /// A byte on this pipe releases a process that holds; closing it tells the process to end.
    tie: Option<ChildStdin>,
    has_ended: bool,
}

/// The processes that were started. Those that still run are killed when this is dropped.
#[derive(Default)]
struct Processes(Vec<Process>);

impl Processes {
    /// Whether one still runs. Once the books have ended, the others are told to end.
    fn look(&mut self) -> Result<bool, LaunchError> {
        for Process { role, child, has_ended, .. } in &mut self.0 {
            let role = *role;
            match child.try_wait().map_err(|source| LaunchError::Start { role, source })? {
                Some(status) if status.success() => *has_ended = true,
                Some(status) => return Err(LaunchError::Failed { role, status }),
                None => {}
            }
        }
        if self.0.iter().any(|process| process.role == Role::Books && process.has_ended) {
            self.0.iter_mut().for_each(|process| process.tie = None);
        }
        Ok(self.0.iter().any(|process| !process.has_ended))
    }
}

impl Processes {
    /// Lets the strategy finish.
    fn release(&mut self) {
        for process in self.0.iter_mut().filter(|process| process.role == Role::Strategy) {
            if let Some(tie) = &mut process.tie {
                // An error: it has ended.
                let _ = tie.write_all(b"\n");
            }
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for process in &mut self.0 {
            // An error: it has ended already.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}
