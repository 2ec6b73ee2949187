//! `graph`, from what the worked example prints of itself.

use std::fs;

use insta::assert_snapshot;

use super::support::{data, folder, mycelium, mycelium_reads};

#[test]
fn graph_draws_mermaid() {
    assert_snapshot!(mycelium(["graph", "market.jsonl"]).shown());
}

#[test]
fn graph_draws_dot() {
    assert_snapshot!(mycelium(["graph", "market.jsonl", "--format", "dot"]).shown());
}

#[test]
fn graph_draws_svg() {
    assert_snapshot!(mycelium(["graph", "market.jsonl", "--format", "svg"]).shown());
}

#[test]
fn graph_gives_machines_nodes_and_edges() {
    assert_snapshot!(mycelium(["graph", "linked.jsonl", "--format", "json"]).shown());
}

#[test]
fn graph_draws_lanes_as_boxes_and_what_goes_between_them_as_no_call() {
    for format in ["mermaid", "dot", "svg", "json"] {
        assert_snapshot!(format!("lanes_in_{format}"), mycelium(["graph", "lanes.jsonl", "--format", format]).shown());
    }
}

#[test]
fn graph_reads_standard_input_and_writes_a_file() {
    let path = folder("graph").join("routes.svg");
    let routes = fs::read(data("market.jsonl")).unwrap();
    let written = mycelium_reads(["graph", "--format", "svg", "--output", path.to_str().unwrap()], &routes);
    assert_eq!(written.shown(), "exit code 0\n");
    assert_eq!(fs::read(path).unwrap(), mycelium(["graph", "market.jsonl", "--format", "svg"]).stdout);
}

#[test]
fn routes_may_be_anything_and_are_still_drawn() {
    let odd = r#"{"router":"<Odd> \"&\" | #"}
        {"service":"a|b","type":"A<'_>","handles":[{"message":"M","emits":[{"message":"M"},{"message":"N"}]}]}
        {"service":"c","type":"C","handles":[{"message":"N","emits":[{"message":"M"}]}]}
        {"route":"M","to":"a|b","path":"local","room":1}
        {"route":"M","to":"nobody","path":"direct"}
        {"route":"N","to":"c","path":"direct"}
        {"router":"Second"}"#;
    for format in ["mermaid", "dot", "svg", "json"] {
        let run = mycelium_reads(["graph", "--format", format], odd.as_bytes());
        assert_eq!(run.code, Some(0), "{format}: {}", run.stderr);
        assert!(run.text().contains("Second"), "{format}");
        assert!(!run.text().contains("<Odd>") || format == "dot" || format == "json", "{format}: {}", run.text());
    }
}

#[test]
fn what_is_no_output_of_a_program_is_a_failure() {
    for wrong in ["", "hello", "{}", r#"{"router":"A"}{"service":1}"#] {
        let run = mycelium_reads(["graph"], wrong.as_bytes());
        assert_eq!((run.code, run.text()), (Some(2), ""), "{wrong}");
    }
}
