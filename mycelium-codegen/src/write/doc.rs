//! Texts of the contract as doc comments.

use std::borrow::Cow;

/// The lines of a doc comment, each with what follows `///`.
///
/// A contract's text is prose, not Rust: code blocks would become doc tests, and brackets links that lead nowhere, so
/// neither is left as such. What a comment must not hold (a bare carriage return, characters that turn the direction of
/// text) goes.
pub(super) fn lines(doc: &str) -> impl Iterator<Item = String> {
    doc.trim().lines().map(|line| {
        let line = escape(line.trim());
        if line.is_empty() { String::new() } else { format!(" {line}") }
    })
}

fn escape(line: &str) -> Cow<'_, str> {
    if line.bytes().all(is_plain) {
        return Cow::Borrowed(line);
    }
    let mut escaped = String::with_capacity(line.len());
    let mut in_code = false;
    for character in line.replace("```", "'''").replace("~~~", "'''").chars() {
        match character {
            '`' => in_code = !in_code,
            '<' | '>' | '[' | ']' if !in_code => escaped.push('\\'),
            '\t' => {
                escaped.push(' ');
                continue;
            }
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => continue,
            _ if character.is_control() => continue,
            _ => {}
        }
        escaped.push(character);
    }
    Cow::Owned(escaped.trim_end().to_owned())
}

/// Nearly all text: what never needs a second look.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'`' | b'~' | b'<' | b'>' | b'[' | b']')
}

/// Prose within a sentence: one line.
pub(super) fn inline(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
