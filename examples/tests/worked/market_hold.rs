//! With `--hold`, a desk keeps running until its standard input ends, and prints the same figures.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// The whole result, from the count of messages to the profit.
fn result(text: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| !line.starts_with("messages "));
    lines.take_while(|line| !line.starts_with("route cost ")).map(str::to_owned).collect()
}

/// Holds, is looked at, and is let go.
#[track_caller]
fn held(program: &str, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg("--hold").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("holding: ")), "{program} does not say that it holds");
    assert_eq!(child.try_wait().unwrap(), None, "{program} does not hold");
    drop(child.stdin.take());
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    let rest: Vec<String> = lines.collect();
    assert!(child.wait().unwrap().success(), "{rest:?}");
    result(&text)
}

#[test]
fn every_deployment_holds_and_then_comes_to_the_same() {
    let alone = held(env!("CARGO_BIN_EXE_market"), &["--runs", "1"]);
    assert!(alone.iter().any(|line| line.starts_with("profit and loss ")), "{alone:?}");
    assert_eq!(held(env!("CARGO_BIN_EXE_market-lanes"), &[]), alone);
    assert_eq!(held(env!("CARGO_BIN_EXE_market-bus"), &[]), alone);
    for via in ["shm", "unix", "tcp"] {
        assert_eq!(held(env!("CARGO_BIN_EXE_market-split"), &["--via", via]), alone, "{via}");
    }
}
