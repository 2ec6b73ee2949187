//! The compiled contracts.

use std::fmt::Write as _;

/// Messages `M1`, `M2` and so on, with one number each, for all programs.
pub(super) fn messages(count: usize) -> String {
    let mut text = String::from("messages:\n");
    for id in 1..=count {
        let _ =
            writeln!(text, "  M{id}: {{ id: {id}, doc: One., fields: {{ value: {{ type: u64, doc: A value. }} }} }}");
    }
    text
}

/// A message with a oneof of this many variants, each with a number.
pub(super) fn oneof(variants: usize) -> String {
    with_a_message("oneof:", variants, |it| format!("V{it}: {{ value: u64 }}"))
}

/// A message with a closed enum of this many variants.
pub(super) fn an_enum(variants: usize) -> String {
    with_a_message("enum: u16\n    variants:", variants, |it| format!("V{it}: {it}"))
}

fn with_a_message(what: &str, variants: usize, variant: impl Fn(usize) -> String) -> String {
    let mut text = format!("types:\n  Many:\n    doc: One of many.\n    {what}\n");
    for it in 0..variants {
        let _ = writeln!(text, "      {}", variant(it));
    }
    text + "messages:\n  It: { id: 1, doc: Has one of many., fields: { one: { type: Many, doc: One of many. } } }\n"
}
