//! The desk in three processes comes to what the desk in one thread comes to, and leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder for everything that one run keeps in files.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("split-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Runs the program with its files in this folder; afterwards no file and no process of it is left.
    fn split(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_market-split"));
        let output = command.args(arguments).env("TMPDIR", &self.0).output().unwrap();
        self.assert_empty();
        assert_eq!(processes_of(&self.0), Vec::<String>::new());
        output
    }

    fn assert_empty(&self) {
        assert_eq!(fs::read_dir(&self.0).unwrap().count(), 0, "files are left");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The command lines that name `folder`, of all processes that run.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).into_owned()).filter(|line| line.contains(folder)).collect()
}

/// The whole result, from the count of messages to the profit.
fn result(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with("messages "));
    lines.take_while(|line| !line.starts_with("route cost ")).map(str::to_owned).collect()
}

fn in_one_process(arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_market"));
    result(&command.args(["--runs", "1"]).args(arguments).output().unwrap())
}

#[track_caller]
fn comes_to_the_same(via: &str) {
    let output = Folder::new(via).split(&["--via", via]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(!stderr.contains("WARN"), "an orderly end is no reason to warn: {stderr}");
    let (alone, split) = (in_one_process(&[]), result(&output));
    assert!(alone.iter().any(|line| line.starts_with("profit and loss ")), "{alone:?}");
    assert_eq!(split, alone);
    for line in alone.iter().filter(|line| line.starts_with("fills ") || line.starts_with("profit ")) {
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text.lines().filter(|other| other == line).count(), 1, "`{line}` in {text}");
        assert!(!stderr.contains(line.as_str()), "{stderr}");
    }
}

#[test]
fn shared_memory_comes_to_the_same() {
    comes_to_the_same("shm");
}

#[test]
fn unix_sockets_come_to_the_same() {
    comes_to_the_same("unix");
}

#[test]
fn tcp_comes_to_the_same() {
    comes_to_the_same("tcp");
}

#[test]
fn a_process_that_fails_ends_the_run() {
    for via in ["shm", "unix", "tcp"] {
        let output = Folder::new(&format!("fails-{via}")).split(&["--via", via, "--sp500", "nowhere.csv"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("strategy: nowhere.csv: "), "{stderr}");
        assert!(stderr.contains("the process `strategy` has failed"), "{stderr}");
        assert_eq!(output.stdout, b"");
    }
}

/// A run whose strategy waits for its bars: nobody writes to the pipe that they come from.
struct Waiting {
    folder: Folder,
    parent: Child,
}

impl Waiting {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let folder = Folder::new(name);
        let pipe = folder.0.join("bars");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut command = Command::new(env!("CARGO_BIN_EXE_market-split"));
        command.arg("--sp500").arg(&pipe).args(arguments).env("TMPDIR", &folder.0).stderr(Stdio::piped());
        let waiting = Self { parent: command.spawn().unwrap(), folder };
        until("all processes run", || processes_of(&waiting.folder.0).len() == 4);
        waiting
    }

    /// Sends a signal to the process of the desk.
    fn signal_desk(&self, signal: &str) {
        let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let is_desk = |process: &fs::DirEntry| {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            line.contains("\0--role\0desk\0") && line.contains(self.folder.0.to_str().unwrap())
        };
        let desk: Vec<_> = processes.filter(is_desk).map(|process| process.file_name()).collect();
        assert_eq!(desk.len(), 1);
        assert!(Command::new("kill").arg(signal).arg(&desk[0]).status().unwrap().success());
    }

    /// What the program says at its end; no process is left, and no file but the pipe.
    fn end(self) -> String {
        let Self { folder, parent } = self;
        let output = parent.wait_with_output().unwrap();
        assert!(!output.status.success());
        until("all processes are gone", || processes_of(&folder.0).is_empty());
        fs::remove_file(folder.0.join("bars")).unwrap();
        folder.assert_empty();
        String::from_utf8(output.stderr).unwrap()
    }
}

#[track_caller]
fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn no_process_outlives_the_one_that_started_it() {
    let mut run = Waiting::start("orphans", &[]);
    run.parent.kill().unwrap();
    run.end();
}

#[test]
fn a_process_that_is_killed_ends_the_run() {
    for via in ["shm", "unix", "tcp"] {
        let run = Waiting::start(&format!("killed-{via}"), &["--via", via]);
        run.signal_desk("-KILL");
        let said = run.end();
        assert!(said.contains("the process `desk` has failed: signal: 9"), "{said}");
    }
}

#[test]
fn a_process_that_is_stopped_ends_the_run_at_its_deadline() {
    let run = Waiting::start("stopped", &["--deadline", "2"]);
    run.signal_desk("-STOP");
    let said = run.end();
    assert!(said.contains("no result after 2s"), "{said}");
}

#[test]
fn wrong_options_are_explained() {
    for (arguments, reason) in
        [(["--via", "pigeon"], "`shm`, `unix` or `tcp`"), (["--deadline", "0"], "a whole number of seconds")]
    {
        let output = Folder::new(arguments[1]).split(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr.contains(reason), "{stderr}");
    }
    assert!(Folder::new("help").split(&["--help"]).status.success());
}
