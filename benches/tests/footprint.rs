//! The program that measures whole programs: its output, and its errors.

use std::process::{Command, Output};

fn footprint(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_footprint")).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Too short for meaningful figures, but every program starts, works, idles and ends.
#[test]
fn every_program_that_is_listed_is_measured() {
    let listed = printed(&footprint(&["--list"]));
    let json = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("footprint.json");
    let output = printed(&footprint(&["--starts", "1", "--seconds", "0.01", "--json", json.to_str().unwrap()]));
    let json = std::fs::read_to_string(json).unwrap();
    for name in listed.lines() {
        for figure in ["start", "resident", "shared", "peak", "idle"] {
            assert!(output.contains(&format!("value {figure}/{name} ")), "{figure} of {name}:\n{output}");
        }
        assert_eq!(output.contains(&format!("ratio start/{name}/")), name != "bare", "{output}");
        assert!(json.contains(&format!("\"name\":\"{name}\"")), "{json}");
    }
    let split = output.lines().find(|line| line.starts_with("market-split/shm")).unwrap();
    assert_eq!(split.split_whitespace().nth(1), Some("4"), "three processes, and who has started them: {split}");
}

#[test]
fn a_filter_keeps_what_the_rest_is_divided_by() {
    let output = printed(&footprint(&["--starts", "1", "--seconds", "0.01", "parked"]));
    assert!(output.contains("ratio start/lanes/parked/bare ") && !output.contains("market"), "{output}");
}

#[test]
fn mistakes_are_told() {
    for (arguments, code, reason) in [
        (["--seconds", "0"], 2, "a number of seconds from 0.01"),
        (["--starts", "x"], 2, "a whole number from 1"),
        (["--starts=1", "no-such-program"], 1, "no program is called `no-such-program`"),
    ] {
        let output = footprint(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(reason), "{stderr}");
    }
}
