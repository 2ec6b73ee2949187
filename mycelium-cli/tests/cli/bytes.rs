//! `decode` and `encode`. That they agree with generated code is tested beside the generated fixtures.

use std::fs;

use insta::assert_snapshot;

use super::support::{Run, data, folder, mycelium_reads};

const CONTRACT: [&str; 2] = ["--contract", "desk.yaml"];

fn encode(arguments: &[&str], input: &str) -> Run {
    mycelium_reads(["encode"].iter().chain(&CONTRACT).chain(arguments), input.as_bytes())
}

fn decode(arguments: &[&str], input: &[u8]) -> Run {
    mycelium_reads(["decode"].iter().chain(&CONTRACT).chain(arguments), input)
}

fn messages() -> String {
    fs::read_to_string(data("messages.json")).unwrap()
}

#[test]
fn encode_writes_a_line_of_hexadecimal_for_each_message() {
    assert_snapshot!(encode(&[], &messages()).shown());
}

#[test]
fn decode_prints_a_line_of_json_for_each_frame() {
    let frames = encode(&["--to", "raw"], &messages()).stdout;
    assert_snapshot!(decode(&["--from", "raw"], &frames).shown());
    assert_snapshot!("decode_pretty", decode(&["--from", "raw", "--pretty", "--reveal"], &frames).shown());
}

#[test]
fn what_was_decoded_is_encoded_to_the_same_bytes_in_every_writing() {
    let raw = encode(&["--to", "raw"], &messages()).stdout;
    for (encoding, detected) in [("hex", true), ("base64", true), ("raw", false)] {
        let written = encode(&["--to", encoding], &messages());
        assert_eq!(written.code, Some(0));
        let read = decode(if detected { &["--reveal"] } else { &["--reveal", "--from", "raw"] }, &written.stdout);
        assert_eq!(read.code, Some(0), "{encoding}: {}", read.stderr);
        assert_eq!(encode(&["--to", "raw"], read.text()).stdout, raw, "{encoding}");
    }
}

#[test]
fn files_are_read_and_written_as_bytes() {
    let path = folder("frames").join("capture.frames");
    let path = path.to_str().unwrap();
    assert_eq!(encode(&["--file", "messages.json", "--output", path], "").shown(), "exit code 0\n");
    assert_eq!(fs::read(path).unwrap(), encode(&["--to", "raw"], &messages()).stdout);
    assert_eq!(decode(&["--file", path], b"").text().lines().count(), 3);
}

#[test]
fn a_body_can_stand_without_its_header() {
    let body = encode(&["--body"], r#"[{ "message": "Stop" }, { "message": "Place", "fields": { "account": 7 } }]"#);
    let body = body.text().trim();
    assert_eq!(decode(&["--message", "Place", body], b"").text().matches("<redacted>").count(), 1);
    // An older body is widened, a longer one cut.
    let quote = encode(&["--body"], r#"{ "message": "Quote" }"#);
    let older = &quote.text()[..160];
    let longer = format!("{}ffffffffffffffff", quote.text().trim());
    let expected = decode(&["--message", "Quote", quote.text()], b"");
    for body in [older, &longer] {
        assert_eq!(decode(&["--message", "Quote", body], b"").shown(), expected.shown());
    }
}

#[test]
fn what_cannot_be_decoded_is_a_line_of_its_own_and_the_rest_goes_on() {
    let frames = encode(&["--to", "raw"], &messages()).stdout;
    let unknown = [&[0, 0, 0, 0, 9, 0, 1, 0][..], &[0; 8]].concat();
    let mut broken = frames.clone();
    // The side of the quote, a closed enum.
    let side = broken.len() - 16 - 64 - 104 + 16 + 11;
    broken[side] = 9;
    assert_snapshot!(decode(&["--from", "raw"], &[&unknown, &broken[..], &[1, 2, 3]].concat()).shown());
}

#[test]
fn input_that_is_no_text_of_bytes_is_a_failure() {
    assert_eq!(decode(&[], b"not bytes!").code, Some(2));
    assert_eq!(decode(&["--message", "Qoute", "00"], b"").code, Some(2));
    assert_eq!(encode(&[], "{").code, Some(2));
    let wrong = encode(&[], r#"{ "message": "Stop" } { "message": "Quote", "fields": { "side": "Sel" } }"#);
    assert_eq!((wrong.code, wrong.text()), (Some(1), ""), "nothing is written if not all can be");
    assert_eq!(wrong.stderr, "message 2: `side`: unknown variant `Sel`; did you mean `Sell`?\n");
    for wrong in ["1", "{}", r#"{ "message": "Stop", "id": 1 }"#, r#"{ "message": "Stop", "version": 70000 }"#] {
        assert_eq!(encode(&[], wrong).code, Some(1), "{wrong}");
    }
}

#[test]
fn nothing_of_what_is_to_be_encoded_is_passed_over() {
    for (wrong, why) in [
        (r#"{ "message": "Stop", "message": "Quote" }"#, "the key `message` is given twice at line 1 column 30"),
        (
            r#"{ "message": "Place", "fields": { "account": 7, "account": 8 } }"#,
            "the key `account` is given twice at line 1 column 57",
        ),
        (
            r#"{ "message": "Place", "feilds": { "account": 7 } }"#,
            "message 1: unknown key `feilds`; did you mean `fields`?",
        ),
        (
            r#"{ "offset": 3, "message": "Place", "error": "bad" }"#,
            "message 1: `decode` could not read this frame, so it can't be encoded",
        ),
    ] {
        let run = encode(&[], wrong);
        assert_eq!((run.code, run.text(), run.stderr.trim_end()), (Some(1), "", why), "{wrong}");
    }
}

#[test]
fn a_number_that_32_bits_do_not_hold_is_refused() {
    let path = folder("single").join("contracts.yaml");
    fs::write(&path, "messages: { Bar: { id: 1, fields: { f: f32 } } }").unwrap();
    let encode = |text: &str| {
        let fields = format!(r#"{{ "message": "Bar", "fields": {{ "f": {text} }} }}"#);
        mycelium_reads(["encode", "--body", "--contract", path.to_str().unwrap()], fields.as_bytes())
    };
    assert_eq!(encode("1e39").stderr, "message 1: `f`: 1e+39 does not fit an `f32`\n");
    assert_eq!(encode("-1e39").code, Some(1));
    assert_eq!(encode("3.4028235e38").text(), encode("3.4028234663852886e38").text());
    assert_eq!(encode("\"inf\"").code, Some(0));
}
