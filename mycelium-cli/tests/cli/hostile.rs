//! Paths that lead to no regular file: a command says what is there and ends, without waiting and without reading on.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{Run, data, folder, run};

/// Runs the command with little memory, and ends it if it waits. Code 124 says that it had to be.
fn bounded(folder: &Path, arguments: &[&str], stdin: Option<&Path>) -> Run {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 3000000; exec timeout -k 1 120 \"$@\"", "sh", env!("CARGO_BIN_EXE_mycelium")]);
    command.args(arguments).current_dir(folder);
    match stdin {
        None => run(&mut command, b""),
        Some(path) => {
            let output = command.stdin(fs::File::open(path).unwrap()).stdout(Stdio::piped()).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            Run { code: output.status.code(), stdout: output.stdout, stderr }
        }
    }
}

/// A folder with `good.yaml` and one of each kind of thing: its path, and what it is called.
fn things(test: &str) -> (PathBuf, Vec<(&'static str, &'static str)>, UnixListener) {
    let folder = folder(test);
    fs::copy(data("desk.yaml"), folder.join("good.yaml")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("fifo.yaml")).status().unwrap().success());
    fs::create_dir(folder.join("folder.yaml")).unwrap();
    symlink("/dev/zero", folder.join("zero.yaml")).unwrap();
    // A path of a socket is short; the folder of these tests may lie deep.
    let short = std::env::temp_dir().join(format!("mycelium-hostile-{}", std::process::id()));
    let _ = fs::remove_file(&short);
    let listener = UnixListener::bind(&short).unwrap();
    fs::rename(&short, folder.join("socket.yaml")).unwrap();
    let things = vec![
        ("fifo.yaml", "a FIFO"),
        ("folder.yaml", "a directory"),
        ("zero.yaml", "a character device"),
        ("socket.yaml", "a socket"),
    ];
    (folder, things, listener)
}

#[test]
fn what_is_no_regular_file_is_refused_wherever_a_path_is_read() {
    let (folder, things, _listener) = things("hostile-reads");
    for (path, what) in things {
        for arguments in [
            &["check", path][..],
            &["lock", path],
            &["diff", path, "good.yaml"],
            &["diff", "good.yaml", path],
            &["generate", path],
            &["generate", "good.yaml", "--output", path, "--check"],
            &["decode", "--contract", "good.yaml", "--file", path],
            &["decode", "--contract", path, "00"],
            &["encode", "--contract", "good.yaml", "--file", path],
            &["graph", path],
            &["docs", path],
            &["docs", "good.yaml", "--routes", path],
        ] {
            let run = bounded(&folder, arguments, None);
            let wanted = format!("can't read `{path}`: it is {what}, not a regular file");
            assert!(run.code == Some(2) && run.stderr.contains(&wanted), "{arguments:?}: {}", run.shown());
        }
    }
}

#[test]
fn nothing_is_written_into_what_would_keep_a_command_waiting() {
    let (folder, things, _listener) = things("hostile-writes");
    for (path, what) in things.into_iter().filter(|(_, what)| *what != "a character device") {
        for arguments in [&["generate", "good.yaml", "--output", path][..], &["docs", "good.yaml", "--output", path]] {
            let run = bounded(&folder, arguments, None);
            let wanted = format!("can't write `{path}`: it is {what}, not a regular file");
            assert!(run.code == Some(2) && run.stderr.contains(&wanted), "{arguments:?}: {}", run.shown());
        }
    }
    assert_eq!(bounded(&folder, &["generate", "good.yaml", "--output", "/dev/null"], None).code, Some(0));
}

#[test]
fn a_lock_that_is_no_regular_file_is_refused_and_left_alone() {
    let (folder, things, _listener) = things("hostile-locks");
    for (path, what) in things {
        let lock = folder.join("good.lock");
        let _ = fs::remove_file(&lock);
        symlink(path, &lock).unwrap();
        for command in ["check", "lock"] {
            let run = bounded(&folder, &[command, "good.yaml"], None);
            assert_eq!(run.code, Some(1), "{command} {what}: {}", run.shown());
            assert!(run.text().contains(&format!("can't read good.lock: it is {what}")), "{command}: {}", run.shown());
        }
        assert!(fs::symlink_metadata(&lock).unwrap().is_symlink());
    }
}

#[test]
fn standard_input_is_read_up_to_a_bound() {
    let folder = folder("hostile-input");
    fs::copy(data("desk.yaml"), folder.join("contracts.yaml")).unwrap();
    for arguments in [&["decode"][..], &["encode"], &["graph"], &["docs", "--routes", "-"]] {
        let run = bounded(&folder, arguments, Some(Path::new("/dev/zero")));
        let wanted = "can't read standard input: it has more than 268435456 bytes";
        assert!(run.code == Some(2) && run.stderr.contains(wanted), "{arguments:?}: {}", run.shown());
    }
}
