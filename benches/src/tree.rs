//! A process and its descendants, as the kernel sees them.

use std::fs;
use std::io;
use std::time::Duration;

/// A process with its descendants.
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    root: u32,
}

/// The memory of a tree, in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// How many processes there are.
    pub processes: usize,
    /// Resident now, summed over processes: a page that two of them share counts twice.
    pub resident: u64,
    /// The same, with each page divided among all processes that share it, including those outside the tree.
    pub proportional: u64,
    /// The most that was ever resident, summed over processes.
    pub peak: u64,
}

impl Tree {
    /// Of the process with this id.
    pub fn of(root: u32) -> Self {
        Self { root }
    }

    /// The memory now.
    ///
    /// # Errors
    /// A process has ended, or the kernel gives no information.
    pub fn memory(self) -> io::Result<Memory> {
        let mut sum = Memory::default();
        for process in self.processes()? {
            let status = fs::read_to_string(format!("/proc/{process}/status"))?;
            sum.processes += 1;
            sum.resident += kibibytes(&status, "VmRSS:")?;
            sum.peak += kibibytes(&status, "VmHWM:")?;
            sum.proportional += kibibytes(&fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?, "Pss:")?;
        }
        Ok(sum)
    }

    /// The CPU time of all threads that still run.
    ///
    /// From the scheduler's account in nanoseconds: the ticks of `/proc/PID/stat` are 10 ms, a fifth of a per cent of five seconds.
    ///
    /// # Errors
    /// A process has ended, or the kernel gives no information.
    pub fn processor_time(self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for process in self.processes()? {
            for thread in fs::read_dir(format!("/proc/{process}/task"))? {
                let account = fs::read_to_string(thread?.path().join("schedstat"))?;
                nanoseconds += number(account.split_whitespace().next(), "schedstat")?;
            }
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The ids of all processes, parents before children.
    fn processes(self) -> io::Result<Vec<u32>> {
        let parents: Vec<(u32, u32)> = fs::read_dir("/proc")?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|process| Some((process, parent(process)?)))
            .collect();
        let mut found = vec![self.root];
        let mut next = 0;
        while let Some(&process) = found.get(next) {
            found.extend(parents.iter().filter(|(_, parent)| *parent == process).map(|(child, _)| child));
            next += 1;
        }
        Ok(found)
    }
}

/// The parent of a process; `None` if the process has ended.
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may contain any character.
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_whitespace().nth(1)?.parse().ok()
}

fn kibibytes(text: &str, field: &'static str) -> io::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    number(line.and_then(|line| line.split_whitespace().next()), field)
}

fn number(text: Option<&str>, what: &'static str) -> io::Result<u64> {
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("the kernel does not say `{what}`")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn memory_is_summed_over_a_process_and_what_it_has_started() {
        let alone = Tree::of(std::process::id());
        // A shell that waits for what it has started.
        let mut shell = Command::new("sh").args(["-c", "cat; true"]).stdin(Stdio::piped()).spawn().unwrap();
        let tree = Tree::of(shell.id());
        let both = loop {
            match tree.memory() {
                Ok(memory) if memory.processes == 2 => break memory,
                _ => std::thread::yield_now(),
            }
        };
        assert!(both.resident > 0 && both.proportional > 0, "{both:?}");
        assert!(both.peak >= both.resident && both.proportional <= both.resident, "{both:?}");
        let numbers = alone.processes().unwrap();
        assert!(numbers.contains(&shell.id()), "{numbers:?}");
        drop(shell.stdin.take());
        shell.wait().unwrap();
    }

    #[test]
    fn processor_time_grows_as_long_as_a_thread_works() {
        // Not this process, whose threads and children come and go with other tests.
        let mut busy = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        let tree = Tree::of(busy.id());
        let grown = tree.processor_time().and_then(|before| {
            while tree.processor_time()? < before + Duration::from_millis(5) {}
            Ok(())
        });
        busy.kill().unwrap();
        busy.wait().unwrap();
        grown.unwrap();
    }

    #[test]
    fn a_process_that_there_is_not_is_an_error() {
        assert!(Tree::of(u32::MAX).memory().is_err());
    }
}
