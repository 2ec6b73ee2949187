//! The page as HTML: one file without network access, with a search that hides what does not match.

use super::page::{FieldPart, MessagePart, Page, TypePart};
use crate::graph::escaped;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn write(page: &Page) -> String {
    let name = escaped(&page.name);
    let doc = paragraph(page.doc.as_deref());
    let messages: String = page.messages.iter().map(message).collect();
    let types: String = page.types.iter().map(ty).collect();
    let routers: String = page.routers.iter().map(|(name, picture)| router(name, picture)).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{name}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{name}</h1>\n\
         <p>Version {}, talks to versions since {}.</p>\n{doc}\
         <input id=\"search\" type=\"search\" placeholder=\"Search messages, fields, types, services\" autofocus aria-label=\"Search\">\n\
         <p id=\"count\" role=\"status\"></p>\n</header>\n<main>\n{messages}{types}{routers}</main>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        page.version, page.min_compatible
    )
}

fn message(message: &MessagePart) -> String {
    let name = escaped(&message.name);
    let mut text = format!(
        "<section id=\"message-{name}\">\n<h2>{name} <small>message {}</small></h2>\n<p>Topic <code>{}</code>, {} bytes.</p>\n",
        message.id,
        escaped(&message.topic),
        message.size
    );
    text.push_str(&paragraph(message.doc.as_deref()));
    if let Some(reason) = &message.deprecated {
        text.push_str(&format!("<p class=\"deprecated\">Deprecated: {}</p>\n", escaped(reason)));
    }
    for (what, names) in [("Handled by", &message.handled_by), ("Emitted by", &message.emitted_by)] {
        let names: Vec<String> = names.iter().map(|name| format!("<code>{}</code>", escaped(name))).collect();
        if !names.is_empty() {
            text.push_str(&format!("<p>{what} {}.</p>\n", names.join(", ")));
        }
    }
    if !message.fields.is_empty() {
        let fields: String = message.fields.iter().map(field).collect();
        text.push_str(&table(&["field", "type", "offset", "size", "since", "rules", ""], &fields));
    }
    let layout = |(version, size, hash): &(u16, u64, String)| row(&[&version.to_string(), &size.to_string(), hash]);
    let layouts: String = message.layouts.iter().map(layout).collect();
    text + &table(&["layout since version", "bytes", "hash"], &layouts) + "</section>\n"
}

fn field(field: &FieldPart) -> String {
    let (offset, size, since) = (field.offset.to_string(), field.size.to_string(), field.since.to_string());
    let doc = field.doc.as_deref().unwrap_or_default();
    row(&[&field.name, &field.ty, &offset, &size, &since, &field.rules.join("; "), doc])
}

fn ty(ty: &TypePart) -> String {
    let name = escaped(&ty.name);
    let mut text = format!(
        "<section id=\"type-{name}\">\n<h2>{name} <small>type</small></h2>\n<p>{}, {} bytes.</p>\n{}",
        escaped(&ty.kind),
        ty.size,
        paragraph(ty.doc.as_deref())
    );
    if !ty.parts.is_empty() {
        let part = |(name, what, doc): &(String, String, Option<String>)| {
            row(&[name, what, doc.as_deref().unwrap_or_default()])
        };
        text.push_str(&table(&["name", "is", ""], &ty.parts.iter().map(part).collect::<String>()));
    }
    text + "</section>\n"
}

fn router(name: &str, picture: &str) -> String {
    let name = escaped(name);
    format!(
        "<section id=\"router-{name}\">\n<h2>{name} <small>router</small></h2>\n<div class=\"picture\">\n{picture}</div>\n</section>\n"
    )
}

fn table(heads: &[&str], rows: &str) -> String {
    let heads: String = heads.iter().map(|head| format!("<th>{head}</th>")).collect();
    format!("<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
}

fn row(cells: &[&str]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
    format!("<tr>{cells}</tr>\n")
}

/// A text of the contract, with its line breaks.
fn paragraph(text: Option<&str>) -> String {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() { String::new() } else { format!("<p class=\"doc\">{}</p>\n", escaped(text)) }
}
