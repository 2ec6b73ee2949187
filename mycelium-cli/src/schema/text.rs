//! Readable JSON: a value is on one line if it fits.

use serde_json::Value;

/// Characters in a line.
const WIDTH: usize = 120;

pub(super) fn of(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0, 0);
    text.push('\n');
    text
}

/// Writes a value that begins `before` characters behind the indentation.
fn write(text: &mut String, value: &Value, indent: usize, before: usize) {
    let line = on_one_line(value);
    // A comma may follow.
    if indent + before + line.chars().count() < WIDTH {
        return text.push_str(&line);
    }
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            let entries = entries.iter().map(|(key, value)| (format!("{}: ", quoted(key)), value));
            block(text, indent, ('{', '}'), entries);
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            block(text, indent, ('[', ']'), items.iter().map(|item| (String::new(), item)));
        }
        Value::Array(items) => filled(text, indent, items),
        _ => text.push_str(&line),
    }
}

fn block<'v>(
    text: &mut String,
    indent: usize,
    (open, close): (char, char),
    entries: impl Iterator<Item = (String, &'v Value)>,
) {
    text.push(open);
    for (at, (key, value)) in entries.enumerate() {
        text.push_str(if at > 0 { ",\n" } else { "\n" });
        text.push_str(&" ".repeat(indent + 2));
        text.push_str(&key);
        write(text, value, indent + 2, key.chars().count());
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
}

/// Many short items, as many to a line as fit.
fn filled(text: &mut String, indent: usize, items: &[Value]) {
    let margin = format!("\n{}", " ".repeat(indent + 2));
    text.push('[');
    let mut column = WIDTH;
    for (at, item) in items.iter().enumerate() {
        let item = format!("{item}{}", if at + 1 < items.len() { "," } else { "" });
        if column + 1 + item.chars().count() > WIDTH {
            text.push_str(&margin);
            column = indent + 2;
        } else {
            text.push(' ');
            column += 1;
        }
        column += item.chars().count();
        text.push_str(&item);
    }
    text.push_str(&format!("\n{}]", " ".repeat(indent)));
}

fn on_one_line(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| format!("{}: {}", quoted(key), on_one_line(value));
            format!("{{ {} }}", joined(entries.iter().map(entry).collect()))
        }
        Value::Array(items) => format!("[{}]", joined(items.iter().map(on_one_line).collect())),
        scalar => scalar.to_string(),
    }
}

fn quoted(key: &str) -> String {
    Value::from(key).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_filled_and_not_overfull() {
        let value =
            json!({ "a": {}, "b": [], "numbers": (1000..1100).collect::<Vec<_>>(), "c": { "d": [{ "e": null }] } });
        let text = of(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.lines().count(), 5 + 2 + 6, "{text}");
        assert!(text.ends_with("  \"c\": { \"d\": [{ \"e\": null }] }\n}\n"), "{text}");
    }
}
