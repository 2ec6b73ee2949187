//! `docs`. That the search of the HTML page works is tried in a browser by `.ci/browser`.

use std::fs;

use insta::assert_snapshot;

use super::support::{folder, mycelium};

const MARKET: &str = "../../../../contracts/contracts.yaml";

#[test]
fn docs_write_a_page_for_browsers() {
    let page = mycelium(["docs", "desk.yaml"]);
    assert_snapshot!(page.shown());
    for outside in ["http://", "https://", "src=", "href="] {
        assert!(!page.text().contains(outside), "the page needs `{outside}`");
    }
}

#[test]
fn docs_write_markdown() {
    assert_snapshot!(mycelium(["docs", "desk.yaml", "--format", "markdown"]).shown());
}

#[test]
fn docs_give_machines_the_same() {
    assert_snapshot!(mycelium(["docs", "desk.yaml", "--format", "json"]).shown());
}

#[test]
fn docs_say_who_handles_and_emits_what() {
    let page = mycelium(["docs", MARKET, "--routes", "market.jsonl", "--format", "markdown"]);
    let expected = "Handled by `Market.report`, `Market.spread via local(4)`.\n\nEmitted by `Market.risk`.\n";
    assert!(page.text().contains(expected), "{}", page.text());
    let html = mycelium(["docs", MARKET, "--routes", "market.jsonl"]);
    assert!(html.text().contains("<section id=\"router-Market\">") && html.text().contains("<svg "));
}

#[test]
fn docs_name_lanes() {
    let page = mycelium(["docs", MARKET, "--routes", "lanes.jsonl", "--format", "markdown"]);
    let expected = "Handled by `Split.spread on lane hot`, `Split.report on lane cold`.\n\n\
                    Emitted by `Split.feed from unix(\"/run/feed.sock\") on lane hot`.\n";
    assert!(page.text().contains(expected), "{}", page.text());
}

#[test]
fn what_the_contract_says_is_no_markup() {
    let folder = folder("markup");
    let path = folder.join("odd.yaml");
    fs::write(
        &path,
        "messages: { Bar: { id: 1, topic: \"<b>\", doc: \"<script>alert(1)</script> | \\\\ [x](y)\", fields: {} } }",
    )
    .unwrap();
    for format in ["html", "markdown"] {
        let page = mycelium(["docs", path.to_str().unwrap(), "--format", format]);
        assert_eq!(page.code, Some(0));
        assert!(!page.text().contains("<script>alert"), "{format}");
        assert!(!page.text().contains("[x](y)") || format == "html", "{format}");
    }
}

/// The documentation in a contract is text, wherever it has back-ticks and brackets.
#[test]
fn texts_put_no_markup_into_the_page() {
    let contract = r#"messages:
  Bar:
    id: 1
    topic: "a` <img src=x> `b"
    doc: "A lone ` and <img src=x>\n\n- one\n- two\nand on\n\n```\ncode <img>\n```"
    deprecated: "<img src=x> [y]"
    fields: { a: { type: u8, doc: "` <img src=x>", unit: "<img>" } }
"#;
    let path = folder("texts").join("texts.yaml");
    fs::write(&path, contract).unwrap();
    let path = path.to_str().unwrap();
    let markdown = mycelium(["docs", path, "--format", "markdown"]);
    let text = markdown.text();
    assert!(text.contains("topic ``a` <img src=x> `b``, "), "{text}");
    assert!(
        text.contains("A lone \\` and \\<img src=x\\>\n\n- one\n- two\n  and on\n\n```text\ncode <img>\n```\n"),
        "{text}"
    );
    assert!(text.contains("Deprecated: \\<img src=x\\> \\[y\\]\n"), "{text}");
    let html = mycelium(["docs", path]);
    assert!(!html.text().contains("<img"), "{}", html.text());
}
