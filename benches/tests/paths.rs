//! The measuring programs: their output, and their errors.

use std::process::{Command, Output};

fn paths(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_paths")).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Too short for meaningful times, but every path delivers its messages.
const LITTLE: [&str; 6] = ["--pairs", "1", "--round-trips", "50", "--messages", "4000"];

#[test]
fn every_comparison_that_is_listed_is_measured() {
    let listed = printed(&paths(&["--list"]));
    let (json, file) = json_file("all");
    let output = printed(&paths(&[&LITTLE[..], &["--json", &json]].concat()));
    for line in listed.lines() {
        let (name, peer) = line.split_once(" against ").unwrap();
        let row = format!("ratio {name}/{peer}/");
        let moved = format!("{name} against {peer}: the cores moved during 1 of 1 pairs");
        assert!(output.contains(&row) || output.contains(&moved), "`{name}` is missing:\n{output}");
        assert!(file().contains(&format!("\"name\":\"{name}\",\"peer\":\"{peer}\"")), "{name}");
    }
    assert!(listed.lines().count() > 10, "{listed}");
}

#[test]
fn large_messages_go_over_every_path() {
    let output = printed(&paths(&[&LITTLE[..], &["--size", "16384", "rate"]].concat()));
    assert!(output.contains("of 16384 bytes") && output.contains("tcp/rate/batched"), "{output}");
}

#[test]
fn the_seed_is_printed_so_that_a_run_can_be_repeated() {
    let output = printed(&paths(&[&LITTLE[..], &["direct"]].concat()));
    assert!(output.starts_with("seed "), "{output}");
    let again = printed(&paths(&["--seed", "77", "--pairs", "1", "--quick", "direct"]));
    assert!(again.starts_with("seed 77: 1 pairs, "), "{again}");
}

#[test]
fn a_filter_that_matches_nothing_and_an_unknown_option_are_errors() {
    let output = paths(&["no-such-path"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no comparison is called `no-such-path`"));
    let output = paths(&["--fast"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--fast"));
}

#[test]
fn every_peer_is_compared_with_and_drawn() {
    let compare = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().unwrap();
    let listed = printed(&compare(&["--list"]));
    let page = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare.html");
    let output = printed(&compare(&[&LITTLE[..], &["--html", &page.display().to_string()]].concat()));
    for line in listed.lines() {
        let (name, peer) = line.split_once(" against ").unwrap();
        let row = format!("ratio {name}/{peer}/");
        let moved = format!("{name} against {peer}: the cores moved during 1 of 1 pairs");
        assert!(output.contains(&row) || output.contains(&moved), "`{name}` is missing:\n{output}");
    }
    let page = std::fs::read_to_string(page).unwrap();
    for plot in
        ["number of its handlers", "number of links", "by bytes of a message", "how one-way times are distributed"]
    {
        assert!(page.contains(plot), "no plot of {plot}");
    }
    assert!(page.matches("<polyline").count() >= 10, "a line for us and one for each peer");
}

fn json_file(name: &str) -> (String, impl Fn() -> String) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    (path.display().to_string(), move || std::fs::read_to_string(&path).unwrap())
}
