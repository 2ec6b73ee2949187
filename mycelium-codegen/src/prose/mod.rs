//! The texts of a contract as Markdown that is safe in doc comments and on pages.
//!
//! The text of a contract is prose, with lists and code where its author wants them. Rustdoc would read more into it: code blocks
//! would become doc tests, and brackets broken links; a URL, a tag or a badly indented line of a list would be a warning for everyone
//! who builds the contract. So this module finds blocks as CommonMark does, and writes them in one form: code as
//! <code>```text</code>, the lines of an item indented as far as its text, and all other markup escaped.

mod block;

use std::borrow::Cow;

/// The lines of a text, safe for a doc comment.
pub fn lines(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.bytes().all(is_plain) && !starts_block(text) {
        return vec![text.to_owned()];
    }
    block::normalized(text)
}

/// Text within a sentence: one line, with code and links as the only markup.
pub(crate) fn inline(text: &str) -> String {
    escaped(&on_one_line(text))
}

/// Text on one line, not escaped.
pub(crate) fn on_one_line(text: &str) -> String {
    text.split_whitespace().map(clean).collect::<Vec<_>>().join(" ")
}

/// Text as a code span, whatever backticks it contains.
pub fn code(text: &str) -> String {
    let text = on_one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Bytes of a line that needs no escaping: nearly all texts consist of them.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'`' | b'<' | b'>' | b'[' | b']' | b'\\' | b':')
}

fn starts_block(text: &str) -> bool {
    text.starts_with(|c: char| !c.is_ascii_alphabetic())
}

/// The line without control characters, and without characters that change the direction of text.
fn clean(line: &str) -> Cow<'_, str> {
    let is_bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if line.contains(is_bad) { Cow::Owned(line.replace(is_bad, "")) } else { Cow::Borrowed(line) }
}

/// The only targets of links, so that rustdoc never looks for a Rust item.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Escapes text that rustdoc would read as tags and links. Keeps code and links to the web, and makes a bare URL a link.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = special(rest, &mut escaped).unwrap_or_else(|| {
            if matches!(first, '<' | '>' | '[' | ']') {
                escaped.push('\\');
            }
            escaped.push(first);
            first.len_utf8()
        });
        rest = &rest[taken..];
    }
    escaped
}

/// Writes the code, link or escape at the start of `rest`, and returns its length; `None` if there is none.
fn special(rest: &str, escaped: &mut String) -> Option<usize> {
    match rest.as_bytes()[0] {
        b'\\' => {
            let next = rest[1..].chars().next().filter(char::is_ascii_punctuation)?;
            escaped.extend(['\\', next]);
            Some(2)
        }
        b'`' => Some(code_span(rest, escaped)),
        b'<' => {
            let length = url_length(&rest[1..]).filter(|length| rest[1 + length..].starts_with('>'))?;
            escaped.push_str(&rest[..length + 2]);
            Some(length + 2)
        }
        b'[' if !escaped.ends_with('!') => link(rest, escaped),
        b'h' if !escaped.ends_with(|c: char| c.is_alphanumeric()) => {
            let length = url_length(rest)?;
            escaped.push_str(&format!("<{}>", &rest[..length]));
            Some(length)
        }
        _ => None,
    }
}

/// A code span, or backticks without an end.
fn code_span(rest: &str, escaped: &mut String) -> usize {
    let fence = rest.len() - rest.trim_start_matches('`').len();
    if let Some(length) = closing(&rest[fence..], fence) {
        let length = fence + length + fence;
        escaped.push_str(&rest[..length]);
        return length;
    }
    (0..fence).for_each(|_| escaped.push_str("\\`"));
    fence
}

/// The start of the first run of exactly `fence` backticks.
fn closing(text: &str, fence: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = text[at..].find('`').map(|start| start + at) {
        let run = text.len() - start - text[start..].trim_start_matches('`').len();
        if run == fence {
            return Some(start);
        }
        at = start + run;
    }
    None
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// `[text](https://…)`, if `rest` starts with one.
fn link(rest: &str, escaped: &mut String) -> Option<usize> {
    let end = rest.find(']')?;
    let (text, behind) = (&rest[1..end], rest[end..].strip_prefix("](")?);
    let target = behind.find(')').map(|end| &behind[..end])?;
    let is_web = SCHEMES.iter().any(|scheme| target.starts_with(scheme));
    let is_simple = !text.contains(['[', '`', '\\', '<', '>']) && !text.contains("://");
    if !is_web || !is_simple || target.contains(|c: char| c.is_whitespace() || matches!(c, '(' | '<' | '>' | '\\')) {
        return None;
    }
    let length = end + 2 + target.len() + 1;
    escaped.push_str(&rest[..length]);
    Some(length)
}

/// The length of the URL at the start, without the punctuation of the sentence around it.
fn url_length(text: &str) -> Option<usize> {
    let scheme = SCHEMES.iter().find(|scheme| text.starts_with(**scheme))?;
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '`' | '"' | '[' | ']');
    let mut url = &text[..text.find(ends).unwrap_or(text.len())];
    loop {
        let unbalanced = url.ends_with(')') && url.matches(')').count() > url.matches('(').count();
        if unbalanced || url.ends_with(['.', ',', ';', ':', '!', '?', '\'', '*', '_']) {
            url = &url[..url.len() - 1];
        } else {
            return Some(url.len()).filter(|length| *length > scheme.len());
        }
    }
}

#[cfg(test)]
mod tests;
