//! Where notices go.

use std::process::Command;

use crate::child::FLAG;

/// The tests, with their names.
macro_rules! tests {
    ($($test:ident,)*) => { [$((stringify!($test), $test as fn()),)*] };
}

pub(crate) const TESTS: &[(&str, fn())] = &tests![
    a_refused_handshake_is_reported_by_both_ends,
    a_message_that_is_not_accepted_is_reported_once,
    a_link_without_a_peer_reports_why_and_what_it_drops,
    messages_that_wait_for_a_peer_are_reported,
    a_flood_of_drops_is_reported_in_two_lines,
    messages_lost_with_a_link_are_reported,
    a_waiting_sender_reports_what_it_waits_for,
    a_sender_that_waits_for_another_thread_is_reported_once,
    a_sender_whose_receiver_is_gone_is_reported,
    messages_lost_with_a_queue_are_reported,
];

/// What a scene writes to standard output and to standard error.
fn heard(who: &str, scene: &str) -> (String, String) {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).args([FLAG, &format!("{who}/{scene}")]).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{who}/{scene}: {stdout}{stderr}");
    (stdout, stderr)
}

/// The lines of a scene on standard error; with a subscriber, and if the program is to be quiet, there are none.
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
        assert!(subscribed.lines().any(told), "a subscriber gets the same: `{line}` in {subscribed}");
    }
    lines
}

/// The single line that contains this text.
#[track_caller]
fn the_line<'a>(lines: &'a [String], text: &str) -> &'a str {
    let found: Vec<_> = lines.iter().filter(|line| line.contains(text)).collect();
    assert_eq!(found.len(), 1, "`{text}` in {lines:#?}");
    found[0]
}

fn a_message_that_is_not_accepted_is_reported_once() {
    let lines = lines("not-accepted");
    let line = the_line(&lines, "not_accepted");
    assert!(line.starts_with("WARN mycelium: the peer does not know this message") && line.contains("Halt"), "{line}");
}

fn a_refused_handshake_is_reported_by_both_ends() {
    let lines = lines("refused");
    let link = the_line(&lines, "ERROR mycelium: handshake refused (link = desk");
    assert!(link.contains("market") && link.contains("weather"), "{link}");
    the_line(&lines, "WARN mycelium: handshake refused (input = desk");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

fn a_link_without_a_peer_reports_why_and_what_it_drops() {
    let lines = lines("nobody_there");
    let line = the_line(&lines, "WARN mycelium: no peer: messages are dropped (place = link `desk` to unix:");
    assert!(line.contains("dropped = 100") && line.contains("No such file or directory"), "{line}");
    let last = the_line(&lines, "WARN mycelium: ended without a peer: messages are lost");
    assert!(last.contains("lost = 0, dropped = 100"), "{last}");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

fn messages_that_wait_for_a_peer_are_reported() {
    let lines = lines("held_for_nobody");
    let line = the_line(&lines, "WARN mycelium: no peer: messages wait (place = link `desk` to unix:");
    assert!(line.contains("No such file or directory"), "{line}");
    let last = the_line(&lines, "WARN mycelium: ended without a peer: messages are lost");
    assert!(last.contains("lost = 1"), "{last}");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

fn a_flood_of_drops_is_reported_in_two_lines() {
    let lines = lines("full");
    the_line(&lines, "WARN mycelium: full: messages are dropped (place = link `desk`");
    let last = the_line(&lines, "WARN mycelium: ended before its peer had taken everything: messages are lost");
    assert!(last.contains("dropped = 49999"), "{last}");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

fn messages_lost_with_a_link_are_reported() {
    let lines = lines("dropped");
    the_line(&lines, "WARN mycelium: full: messages are dropped (place = link `desk`");
    the_line(&lines, "WARN mycelium: ended before its peer had taken everything: messages are lost");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

fn a_waiting_sender_reports_what_it_waits_for() {
    let lines = lines("blocked");
    let line =
        the_line(&lines, "WARN mycelium: no peer: a sender waits (on_full = block) (place = link `desk` to unix:");
    assert!(line.contains("No such file or directory"), "{line}");
    assert_eq!(lines.iter().filter(|line| line.contains("a sender waits")).count(), 1, "{lines:#?}");
    the_line(&lines, "reason = the wait was interrupted, dropped = 1)");
}

fn a_sender_whose_receiver_is_gone_is_reported() {
    let (_, stderr) = heard("nobody", "refusing_ring");
    let lines: Vec<_> = stderr.lines().map(str::to_owned).collect();
    let first = the_line(&lines, "messages are dropped (place = ring `ticks`, reason = ");
    assert!(first.contains("the peer is gone") && first.contains("dropped = 1"), "{first}");
    the_line(&lines, "messages were dropped (place = ring `ticks`, dropped = ");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

fn a_sender_that_waits_for_another_thread_is_reported_once() {
    // A ring by itself has no configuration that could make it quiet.
    let (_, stderr) = heard("nobody", "blocked_ring");
    let line = "WARN mycelium: full: a sender waits for its receiver (on_full = block) (place = ring `ticks`, since = ";
    assert!(stderr.starts_with(line) && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(heard("subscribed", "blocked_ring").1, "");
}

fn messages_lost_with_a_queue_are_reported() {
    let lines = lines("router_queue");
    let line = the_line(&lines, "WARN mycelium: a queue ended with messages in it");
    assert!(line.contains("service = journal, left = 1"), "{line}");
    assert_eq!(lines.len(), 1, "{lines:#?}");
}
