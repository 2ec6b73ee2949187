//! The desk on a bus comes to what the desk in one thread comes to.

use std::process::{Command, Output};

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

fn on_a_bus(arguments: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_market-bus"), arguments)
}

/// The whole result, from the count of messages to the profit.
fn result(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with("messages "));
    lines.take_while(|line| !line.starts_with("route cost ")).map(str::to_owned).collect()
}

#[test]
fn any_number_of_threads_comes_to_the_same() {
    let alone = result(&run(env!("CARGO_BIN_EXE_market"), &["--runs", "1"]));
    assert!(alone.iter().any(|line| line.starts_with("profit and loss ")), "{alone:?}");
    for threads in ["1", "2", "4"] {
        let output = on_a_bus(&["--threads", threads]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(result(&output), alone, "{threads} threads");
    }
}

#[test]
fn what_goes_wrong_is_explained() {
    for (arguments, code, reason) in [
        (["--sp500", "nowhere.csv"], 1, "nowhere.csv: "),
        (["--threads", "0"], 2, "a whole number from 1 to 64"),
        (["--threads", "many"], 2, "a whole number from 1 to 64"),
    ] {
        let output = on_a_bus(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{stderr}");
        assert!(stderr.contains(reason), "{stderr}");
    }
    assert!(on_a_bus(&["--help"]).status.success());
}
