//! What stands within a paragraph: code, links, and what must not be read as either.

/// Where links of a text lead: nowhere else, so that none is looked for among Rust's items.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Escapes what rustdoc would take for tags and links. Code and links to the web stay; a bare URL becomes a link.
pub(super) fn escaped(text: &str) -> String {
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

/// Writes what is more than a character at the start of `rest`, and says how long it is.
fn special(rest: &str, escaped: &mut String) -> Option<usize> {
    match rest.as_bytes()[0] {
        b'\\' => {
            let next = rest[1..].chars().next().filter(char::is_ascii_punctuation)?;
            escaped.extend(['\\', next]);
            Some(2)
        }
        b'`' => Some(code(rest, escaped)),
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

/// A code span, or back-ticks that nothing closes.
fn code(rest: &str, escaped: &mut String) -> usize {
    let fence = rest.len() - rest.trim_start_matches('`').len();
    if let Some(length) = closing(&rest[fence..], fence) {
        let length = fence + length + fence;
        escaped.push_str(&rest[..length]);
        return length;
    }
    (0..fence).for_each(|_| escaped.push_str("\\`"));
    fence
}

/// Where the first run of exactly so many back-ticks begins.
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

/// The most back-ticks side by side.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// `[text](https://…)`, if that is what follows.
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

/// How long the URL at the start is, without what ends the sentence around it.
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
