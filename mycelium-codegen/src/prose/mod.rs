//! The texts of a contract as Markdown that is safe wherever it is put: in doc comments and on pages.
//!
//! A contract's text is prose, with lists and code where its author wants them. Rustdoc would take more from it: code blocks would be
//! doc tests, brackets links that lead nowhere, and a URL, a tag or a line that is not indented as far as its list a warning in
//! whoever builds the contract. So blocks are found as CommonMark finds them and written again in one form: code as
//! <code>```text</code>, lines of an item indented as far as its text, and everything else escaped.

mod block;
mod span;

use std::borrow::Cow;

/// The lines of a text, without what must not stand in a comment.
pub fn lines(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.bytes().all(is_plain) && !starts_block(text) {
        return vec![text.to_owned()];
    }
    block::normalized(text)
}

/// Text within a sentence: one line, and no markup but code and links.
pub(crate) fn inline(text: &str) -> String {
    span::escaped(&on_one_line(text))
}

/// Text on one line, as it is.
pub(crate) fn on_one_line(text: &str) -> String {
    text.split_whitespace().map(clean).collect::<Vec<_>>().join(" ")
}

/// Text as code, whatever back-ticks it has.
pub fn code(text: &str) -> String {
    let text = on_one_line(text);
    let fence = "`".repeat(span::longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Nearly all texts: one line that never needs a second look.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'`' | b'<' | b'>' | b'[' | b']' | b'\\' | b':')
}

fn starts_block(text: &str) -> bool {
    text.starts_with(|c: char| !c.is_ascii_alphabetic())
}

/// Without characters that turn the direction of text, and without control characters.
fn clean(line: &str) -> Cow<'_, str> {
    let is_bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if line.contains(is_bad) { Cow::Owned(line.replace(is_bad, "")) } else { Cow::Borrowed(line) }
}

#[cfg(test)]
mod tests;
