//! Who hears what.

use std::process::Command;

use crate::child::FLAG;

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("a_refused_handshake_is_told_by_both_ends", a_refused_handshake_is_told_by_both_ends),
    ("a_message_that_is_not_accepted_is_told_once", a_message_that_is_not_accepted_is_told_once),
];

/// What a scene writes: standard output, standard error.
fn heard(who: &str, scene: &str) -> (String, String) {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).args([FLAG, &format!("{who}/{scene}")]).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{who}/{scene}: {stdout}{stderr}");
    (stdout, stderr)
}

/// The lines of a scene on standard error; where somebody has subscribed, and where the program is to be quiet, there are none.
fn lines(scene: &str) -> Vec<String> {
    let (stdout, stderr) = heard("nobody", scene);
    assert_eq!(stdout, "");
    let (_, quiet) = heard("quiet", scene);
    assert_eq!(quiet, "", "{scene}, quiet");
    let (subscribed, beside) = heard("subscribed", scene);
    assert_eq!(beside, "", "{scene}, with a subscriber");
    let lines: Vec<_> = stderr.lines().map(str::to_owned).collect();
    for line in &lines {
        let (level, rest) = line.split_once(' ').expect("a line begins with its level");
        let text = rest.trim_start_matches("mycelium: ").split(" (").next().expect("a text");
        let told = |event: &str| event.starts_with(level) && event.contains(text);
        assert!(subscribed.lines().any(told), "a subscriber is told the same: `{line}` in {subscribed}");
    }
    lines
}

/// The one line of these with this text.
#[track_caller]
fn the_line<'a>(lines: &'a [String], text: &str) -> &'a str {
    let found: Vec<_> = lines.iter().filter(|line| line.contains(text)).collect();
    assert_eq!(found.len(), 1, "`{text}` in {lines:#?}");
    found[0]
}

fn a_message_that_is_not_accepted_is_told_once() {
    let lines = lines("not-accepted");
    let line = the_line(&lines, "not_accepted");
    assert!(line.starts_with("WARN mycelium: the peer does not know this message") && line.contains("Halt"), "{line}");
}

fn a_refused_handshake_is_told_by_both_ends() {
    let lines = lines("refused");
    let link = the_line(&lines, "ERROR mycelium: handshake refused (link = desk");
    assert!(link.contains("market") && link.contains("weather"), "{link}");
    the_line(&lines, "WARN mycelium: handshake refused (input = desk");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}
