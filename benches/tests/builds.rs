//! The program that measures builds: its names, and its errors. The builds themselves take minutes.

use std::process::{Command, Output};

fn builds(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_builds")).args(arguments).output().unwrap()
}

#[test]
fn names_are_listed_and_filtered() {
    let list = |arguments: &[&str]| String::from_utf8(builds(arguments).stdout).unwrap();
    assert_eq!(
        list(&["--list"]),
        "hello/tonic\nhello/iceoryx2\ngrowth/messages-plain\ngrowth/messages-mixed\ngrowth/routes\n"
    );
    assert_eq!(list(&["--list", "hello"]), "hello/tonic\nhello/iceoryx2\n");
}

#[test]
fn sizes_of_kinds_are_listed_and_limited() {
    let list =
        |arguments: &[&str]| String::from_utf8(builds(&[&["slopes", "--list"], arguments].concat()).stdout).unwrap();
    assert_eq!(
        list(&[]),
        "services 25 50 100 200 300\nservices-unstarted 25 50 100 200 300\nall-to-all 60x12 120x12 240x12 300x10\n\
         routes 75 150 300 600\nlanes 12 24 36 48\noneof-variants 60 125 250 500\nenum-variants 2500 5000 10000 20000\n"
    );
    assert_eq!(list(&["--short", "--kind", "services,lanes"]), "services 25 50 100\nlanes 12 24\n");
    assert_eq!(list(&["--most", "100", "--kind=services"]), "services 25 50 100\n");
    assert_eq!(list(&["--most", "60", "--kind=all-to-all,routes"]), "all-to-all 30x12 60x12\nroutes 30 60\n");
    assert_eq!(list(&["--most", "1", "--kind=lanes"]), "lanes 1\n");
}

#[test]
fn messages_are_listed_with_their_numbers() {
    let list =
        |arguments: &[&str]| String::from_utf8(builds(&[&["messages", "--list"], arguments].concat()).stdout).unwrap();
    assert_eq!(list(&[]), "plain 100\nmavlink 234\n");
    assert_eq!(list(&["--short", "--kind", "mavlink, plain"]), "plain 20\nmavlink 234\n");
    assert_eq!(list(&["--kind=mavlink"]), "mavlink 234\n");
}

#[test]
fn help_names_the_commands_and_each_tells_its_own() {
    for (arguments, told) in [
        (&["--help"][..], "builds messages [OPTIONS]"),
        (&["--help"], "builds slopes [OPTIONS]"),
        (&["slopes", "--help"], "--runs N"),
        (&["messages", "--help"], "ratio build/messages/KIND/check"),
    ] {
        let output = builds(arguments);
        let help = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && help.contains(told), "{arguments:?}: {help}");
    }
}

#[test]
fn in_the_place_of_rustc_it_runs_the_command_passes_its_code_on_and_notes_the_crate() {
    let log = std::env::temp_dir().join(format!("mycelium-builds-{}-rustc.log", std::process::id()));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_builds"));
        command.args(arguments).env("MYCELIUM_BUILDS_RUSTC_LOG", &log).output().unwrap()
    };
    let output = run(&["sh", "-c", "echo \"$@\"; exit 3", "sh", "--crate-name", "contracts"]);
    assert_eq!((output.status.code(), &*output.stdout), (Some(3), &b"--crate-name contracts\n"[..]));
    run(&["true", "--version"]);
    let log_text = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(log).unwrap();
    let (name, seconds) = log_text.trim_end().split_once(' ').unwrap();
    assert!(name == "contracts" && seconds.parse::<f64>().is_ok(), "{log_text}");
}

#[test]
fn mistakes_are_told() {
    for (arguments, code, error) in [
        (&["no-such-build"][..], 1, "nothing is called `no-such-build`"),
        (&["--pairs", "0"], 2, "must be 1 or more"),
        (&["--sizes", "1,two"], 2, "`two`"),
        (&["--sizes", "100000"], 2, "more than 10,000"),
        (&["--fast"], 2, "--fast"),
        (&["slopes", "--kind", "services,cycles"], 2, "no kind is called `cycles`"),
        (&["slopes", "--timeout", "0"], 2, "a number of seconds from 0.01"),
        (&["slopes", "--runs=0"], 2, "must be 1 or more"),
        (&["slopes", "hello"], 2, "hello"),
        (&["messages", "--kind", "plain,fancy"], 2, "no kind is called `fancy`"),
        (&["messages", "--pairs=0"], 2, "must be 1 or more"),
        (&["messages", "mavlink"], 2, "mavlink"),
        (&["slopes", "--beside", "src"], 1, "src` is not a checkout of this repository: it has no `Cargo.lock`"),
    ] {
        let output = builds(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && told.contains(error), "{arguments:?}: {told}");
    }
}
