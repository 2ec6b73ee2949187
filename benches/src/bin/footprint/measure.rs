//! The measurement of each figure.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mycelium_benches::tree::{Memory, Tree};

/// How long a process that holds is left alone before it is measured: lanes spin for a moment before they sleep, and pages are
/// returned.
const SETTLE: Duration = Duration::from_millis(300);

/// The resources of an idle process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    pub(crate) memory: Memory,
    /// CPU time, in per cent of a core.
    pub(crate) idle: f64,
}

/// From the call that starts the process to the first line of its result, in milliseconds.
pub(crate) fn start_up(mut command: Command) -> io::Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let mut output = BufReader::new(child.stdout.take().ok_or_else(|| io::Error::other("no standard output"))?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    let time = begin.elapsed();
    output.read_to_string(&mut line)?;
    ended_well(&command, &mut child)?;
    if line.is_empty() {
        return Err(io::Error::other(format!("{command:?} printed nothing")));
    }
    Ok(time.as_secs_f64() * 1e3)
}

/// Lets the process do its work, and then measures it for the time `watch`.
pub(crate) fn at_rest(mut command: Command, watch: Duration) -> io::Result<Rest> {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let looked = await_hold(&mut child).and_then(|()| look(child.id(), watch));
    // Standard input ends, and so does the hold.
    drop(child.stdin.take());
    ended_well(&command, &mut child)?;
    looked
}

/// Waits until the process reports that it holds. Nothing is read after that, because it prints nothing more.
fn await_hold(child: &mut Child) -> io::Result<()> {
    let errors = child.stderr.as_mut().ok_or_else(|| io::Error::other("no standard error"))?;
    for line in BufReader::new(errors).lines() {
        if line?.starts_with("holding") {
            return Ok(());
        }
    }
    Err(io::Error::other("the process ended before it held"))
}

fn look(process: u32, watch: Duration) -> io::Result<Rest> {
    thread::sleep(SETTLE);
    let tree = Tree::of(process);
    let memory = tree.memory()?;
    let (before, begin) = (tree.processor_time()?, Instant::now());
    thread::sleep(watch);
    let (after, time) = (tree.processor_time()?, begin.elapsed());
    let idle = after.saturating_sub(before).as_secs_f64() / time.as_secs_f64() * 100.0;
    Ok(Rest { memory, idle })
}

fn ended_well(command: &Command, child: &mut Child) -> io::Result<()> {
    match child.wait()? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("{command:?}: {status}"))),
    }
}
