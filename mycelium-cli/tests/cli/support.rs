//! Runs the command and shows all that came of it.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run of the command left behind.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the output is text")
    }

    /// Everything, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let mut shown = format!("exit code {}\n", self.code.map_or("none".to_owned(), |code| code.to_string()));
        for (name, text) in [("stdout", self.text()), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                shown.push_str(&format!("--- {name}\n{text}"));
            }
        }
        shown
    }
}

/// The command, in the folder of these tests' data.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mycelium"));
    command.current_dir(data("")).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Runs it with these arguments.
pub(crate) fn mycelium<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    run(command().args(arguments), b"")
}

/// Runs it with something to read.
pub(crate) fn mycelium_reads<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
    run(command().args(arguments), input)
}

pub(crate) fn run(command: &mut Command, input: &[u8]) -> Run {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // A command that does not read its input closes the pipe.
        scope.spawn(move || drop(stdin.write_all(input)));
        let output = child.wait_with_output().expect("the command ends");
        let stderr = String::from_utf8(output.stderr).expect("messages are text");
        Run { code: output.status.code(), stdout: output.stdout, stderr }
    })
}

/// A file among these tests' data.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data").join(name)
}

/// An empty folder of one test's own.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
