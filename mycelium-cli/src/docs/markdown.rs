//! The page as Markdown.

use mycelium_codegen::internal::prose;

use super::page::{MessagePart, Page, TypePart};

pub(super) fn write(page: &Page) -> String {
    let mut text = format!(
        "# {}\n\nVersion {}, talks to versions since {}.\n",
        escaped(&page.name),
        page.version,
        page.min_compatible
    );
    text.push_str(&doc_text(page.doc.as_deref()));
    text.push_str("\n## Messages\n");
    page.messages.iter().for_each(|message| text.push_str(&message_text(message)));
    if !page.types.is_empty() {
        text.push_str("\n## Types\n");
        page.types.iter().for_each(|ty| text.push_str(&type_text(ty)));
    }
    text
}

fn message_text(message: &MessagePart) -> String {
    let mut text = format!(
        "\n### {}\n\nId {}, topic {}, {} bytes.\n",
        escaped(&message.name),
        message.id,
        prose::code(&message.topic),
        message.size
    );
    text.push_str(&doc_text(message.doc.as_deref()));
    let deprecated = message.deprecated.as_ref().map(|reason| format!("Deprecated: {reason}"));
    text.push_str(&doc_text(deprecated.as_deref()));
    for (what, names) in [("Handled by", &message.handled_by), ("Emitted by", &message.emitted_by)] {
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| prose::code(name)).collect();
            text.push_str(&format!("\n{what} {}.\n", names.join(", ")));
        }
    }
    if !message.fields.is_empty() {
        text.push_str(
            "\n| field | type | offset | size | since | rules | |\n| --- | --- | --- | --- | --- | --- | --- |\n",
        );
    }
    for field in &message.fields {
        let (ty, rules, doc) =
            (cell(&field.ty), cell(&field.rules.join("; ")), cell(field.doc.as_deref().unwrap_or_default()));
        text.push_str(&format!(
            "| {} | {ty} | {} | {} | {} | {rules} | {doc} |\n",
            cell(&field.name),
            field.offset,
            field.size,
            field.since
        ));
    }
    text.push_str("\n| layout since version | bytes | hash |\n| --- | --- | --- |\n");
    message
        .layouts
        .iter()
        .for_each(|(version, size, hash)| text.push_str(&format!("| {version} | {size} | `{hash}` |\n")));
    text
}

fn type_text(ty: &TypePart) -> String {
    let mut text = format!("\n### {}\n\n{}, {} bytes.\n", escaped(&ty.name), escaped(&ty.kind), ty.size);
    text.push_str(&doc_text(ty.doc.as_deref()));
    if !ty.parts.is_empty() {
        text.push_str("\n| name | is | |\n| --- | --- | --- |\n");
    }
    for (name, what, doc) in &ty.parts {
        text.push_str(&format!("| {} | {} | {} |\n", cell(name), cell(what), cell(doc.as_deref().unwrap_or_default())));
    }
    text
}

/// A text of the contract, as a block.
fn doc_text(doc: Option<&str>) -> String {
    doc.map(|doc| format!("\n{}\n", prose::lines(doc).join("\n"))).unwrap_or_default()
}

/// Text in a cell: one line.
fn cell(text: &str) -> String {
    escaped(text).split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// Text that is no markup.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '\\' | '*' | '`' | '[' | ']' | '#' => format!("\\{c}"),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
