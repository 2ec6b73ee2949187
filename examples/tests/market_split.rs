//! The desk in three processes comes to what the desk in one thread comes to, and leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
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

#[test]
fn no_process_outlives_the_one_that_started_it() {
    let folder = Folder::new("killed");
    // Nobody writes to this pipe, so the strategy waits for its bars until it is left alone.
    let pipe = folder.0.join("bars");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut parent = Command::new(env!("CARGO_BIN_EXE_market-split"))
        .arg("--sp500")
        .arg(&pipe)
        .env("TMPDIR", &folder.0)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let until = |what: &str, done: &dyn Fn() -> bool| {
        while !done() {
            assert!(Instant::now() < deadline, "not in time: {what}");
            std::thread::yield_now();
        }
    };
    until("all processes run", &|| processes_of(&folder.0).len() == 4);
    parent.kill().unwrap();
    parent.wait().unwrap();
    until("all processes are gone", &|| processes_of(&folder.0).is_empty());
    fs::remove_file(&pipe).unwrap();
    folder.assert_empty();
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
