//! What each command prints, and how it ends.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use super::support::{command, data, folder, mycelium, run};

#[test]
fn check_says_that_a_contract_is_valid() {
    assert_snapshot!(mycelium(["check", "desk.yaml"]).shown());
}

#[test]
fn check_draws_errors_and_lints() {
    assert_snapshot!(mycelium(["check", "broken.yaml", "lints.yaml"]).shown());
}

#[test]
fn check_gives_machines_all_findings() {
    assert_snapshot!(mycelium(["check", "broken.yaml", "--format", "json"]).shown());
}

#[test]
fn lints_fail_a_check_only_if_they_are_denied() {
    assert_eq!(mycelium(["check", "lints.yaml"]).code, Some(0));
    assert_eq!(mycelium(["check", "lints.yaml", "--deny-lints"]).code, Some(1));
    let without = mycelium(["check", "lints.yaml", "--no-lints"]);
    assert_eq!((without.code, without.text()), (Some(0), "lints.yaml: valid, 1 message, 0 types\n"));
}

#[test]
fn a_file_that_is_not_there_and_wrong_usage_end_with_2() {
    assert_snapshot!(mycelium(["check", "none.yaml"]).shown());
    for arguments in [&["chekc"][..], &["check", "--formt", "json"], &["generate", "--check"], &[]] {
        assert_eq!(mycelium(arguments).code, Some(2), "{arguments:?}");
    }
    assert_eq!(mycelium(["--help"]).code, Some(0));
}

#[test]
fn colours_are_for_terminals() {
    let escapes = |command: &mut Command| run(command, b"").text().contains('\x1b');
    assert!(!escapes(command().args(["check", "broken.yaml"])));
    assert!(escapes(command().args(["check", "broken.yaml"]).env("CLICOLOR_FORCE", "1")));
    assert!(!escapes(command().args(["check", "broken.yaml"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let line = format!("{} explain MYC0001 | true; echo ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_mycelium"));
    let output = Command::new("bash").args(["-c", &line]).output().unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"0\n"[..], &b""[..]));
}

#[test]
fn help_shows_every_command_with_examples() {
    let help = mycelium(["--help"]);
    assert_snapshot!(help.shown());
    let commands = help.text().lines().skip_while(|line| *line != "Commands:").skip(1);
    for command in commands.map_while(|line| line.split_whitespace().next()).filter(|command| *command != "help") {
        let help = mycelium([command, "--help"]);
        assert_snapshot!(format!("help_{command}"), help.shown());
    }
}

#[test]
fn the_guide_lists_every_command() {
    let guide = include_str!("../../../docs/cli.md");
    let help = mycelium(["--help"]);
    let commands = help.text().lines().skip_while(|line| *line != "Commands:").skip(1);
    for command in commands.map_while(|line| line.split_whitespace().next()).filter(|command| *command != "help") {
        assert!(guide.contains(&format!("| `{command}")), "{command}");
    }
}

#[test]
fn cargo_runs_it_as_a_command_of_its_own() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mycelium"));
    let run = run(command.args(["mycelium", "check", "desk.yaml"]).current_dir(data("")), b"");
    assert_eq!((run.code, run.text()), (Some(0), "desk.yaml: valid, 3 messages, 7 types\n"));
}

#[test]
fn explain_prints_the_section_of_a_code() {
    assert_snapshot!(mycelium(["explain", "MYC0003"]).shown());
    assert_eq!(mycelium(["explain", "3"]).stdout, mycelium(["explain", "myc0003"]).stdout);
    let unknown = mycelium(["explain", "MYC9999"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.starts_with("error: unknown code `MYC9999`"), "{}", unknown.stderr);
}

#[test]
fn explain_knows_every_code() {
    let source = include_str!("../../../mycelium-codegen/src/code.rs");
    let declared = source.split('"').filter(|word| word.starts_with("MYC") && word.len() == 7);
    let listed = mycelium(["explain"]);
    for code in declared {
        assert!(listed.text().lines().any(|line| line.starts_with(code)), "{code}");
        let page = mycelium(["explain", code]);
        assert!(page.code == Some(0) && page.text().starts_with(&format!("{code}: ")), "{code}");
        assert!(!page.text().contains("\n## "), "{code}");
    }
}

#[test]
fn generate_prints_what_the_build_script_writes() {
    let printed = mycelium(["generate", "desk.yaml"]);
    let expected = mycelium_codegen::Builder::new().generate(data("desk.yaml")).unwrap();
    assert_eq!((printed.code, printed.text()), (Some(0), expected.as_str()));
    let renamed = mycelium(["generate", "desk.yaml", "--runtime", "rt"]);
    assert!(renamed.text().contains("::rt::") && !renamed.text().contains("mycelium_rt"));
}

#[test]
fn generate_refuses_a_contract_with_errors() {
    let broken = mycelium(["generate", "broken.yaml"]);
    assert_eq!((broken.code, broken.text()), (Some(1), ""));
    assert!(broken.stderr.starts_with("error[MYC0014]: unknown type `Prise`"), "{}", broken.stderr);
}

#[test]
fn generate_check_tells_code_that_is_out_of_date() {
    let folder = folder("generate");
    let path = folder.join("desk.rs");
    let path = path.to_str().unwrap();
    let check = || mycelium(["generate", "desk.yaml", "--output", path, "--check"]);
    assert_eq!(check().code, Some(1), "it is not there");
    assert_eq!(mycelium(["generate", "desk.yaml", "--output", path]).code, Some(0));
    assert_eq!(check().code, Some(0));
    fs::write(path, "// changed by hand").unwrap();
    let changed = check();
    assert_eq!(changed.code, Some(1));
    assert!(changed.text().contains("desk.rs: out of date; run `mycelium generate desk.yaml --output "));
    assert_eq!(fs::read_to_string(path).unwrap(), "// changed by hand", "a check writes nothing");
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = mycelium(["completions", shell]);
        assert_eq!(run.code, Some(0));
        assert!(run.text().contains("explain"), "{shell}");
    }
    assert_eq!(mycelium(["completions", "cmd"]).code, Some(2));
}

#[test]
fn the_published_crate_holds_the_pages_on_errors() {
    let list = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    let files = String::from_utf8_lossy(&list.stdout);
    assert!(files.lines().any(|file| file == "src/errors.md"), "{files}{}", String::from_utf8_lossy(&list.stderr));
}

#[test]
fn machines_are_told_in_json_why_a_command_stopped() {
    for (arguments, wanted) in [
        (&["check", "nowhere.yaml", "--format", "json"][..], "can't read `nowhere.yaml`"),
        (&["graph", "nowhere.jsonl", "--format=json"], "can't read `nowhere.jsonl`"),
        (&["check", "--format", "json", "--colour"], "unexpected argument '--colour'"),
        (&["docs", "--format", "json", "broken.yaml", "--output"], "a value is required"),
    ] {
        let run = mycelium(arguments.iter().copied());
        let told: serde_json::Value = serde_json::from_str(run.text()).unwrap();
        let error = told["error"].as_str().unwrap_or_default();
        assert!(error.contains(wanted) && !error.contains('\u{1b}'), "{arguments:?}: {error}");
        assert_eq!((run.code, run.stderr.as_str()), (Some(2), ""), "{arguments:?}");
    }
}
