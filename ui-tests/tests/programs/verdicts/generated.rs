//! What a program of a contract tells its peers, read from the text that it is compiled from.

use mycelium_rt::MessageInfo;

/// The name of the schema, and all messages, as generated code has them.
pub(crate) fn messages(text: &str) -> Vec<MessageInfo> {
    let mut parts = text.split("::Message for ");
    parts.next();
    parts.map(message).collect()
}

/// The constants of one impl. They live as long as the test, as those of a program do.
fn message(text: &str) -> MessageInfo {
    let number = |name| constant(text, name).parse().unwrap_or_else(|_| panic!("`{name}` is no number in\n{text}"));
    let name = |name| &*constant(text, name).trim_matches('"').to_owned().leak();
    MessageInfo {
        id: number("ID: u16"),
        name: name("NAME: &'static str"),
        topic: name("TOPIC: &'static str"),
        version: number("VERSION: u16"),
        min_compatible: number("MIN_COMPATIBLE: u16"),
        layouts: layouts(text).leak(),
    }
}

fn constant<'a>(text: &'a str, name: &str) -> &'a str {
    let start = format!("const {name} = ");
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no `{start}` in\n{text}"));
    rest.split(';').next().unwrap_or(rest)
}

fn layouts(text: &str) -> Vec<(u16, usize, u64)> {
    let (_, list) = text.split_once("const LAYOUTS: ").unwrap_or_else(|| panic!("no layouts in\n{text}"));
    let (_, list) = list.split_once("= &[").unwrap_or(("", list));
    let (list, _) = list.split_once("];").unwrap_or((list, ""));
    let entries = list.split('(').skip(1).map(|entry| {
        let entry = entry.split(')').next().unwrap_or(entry);
        let mut numbers = entry.split(',').map(str::trim);
        let mut next = || numbers.next().unwrap_or_else(|| panic!("three numbers, not `{entry}`"));
        let (version, size, hash) = (next(), next(), next());
        let hash = hash.trim_start_matches("0x").replace('_', "");
        Some((version.parse().ok()?, size.parse().ok()?, u64::from_str_radix(&hash, 16).ok()?))
    });
    let layouts: Option<Vec<_>> = entries.collect();
    layouts.filter(|layouts| !layouts.is_empty()).unwrap_or_else(|| panic!("layouts are no numbers: {list}"))
}
