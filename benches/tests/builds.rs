//! What measures builds: its names, and how it refuses. The builds themselves take minutes.

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
fn mistakes_are_told() {
    for (arguments, code, error) in [
        (&["no-such-build"][..], 1, "nothing is called `no-such-build`"),
        (&["--pairs", "0"], 2, "must be 1 or more"),
        (&["--sizes", "1,two"], 2, "`two`"),
        (&["--sizes", "100000"], 2, "more than 10,000"),
        (&["--fast"], 2, "--fast"),
    ] {
        let output = builds(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && told.contains(error), "{arguments:?}: {told}");
    }
}
