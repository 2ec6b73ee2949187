//! The language of Graphviz.

use super::{Drawing, Kind};

pub(super) fn draw(drawings: &[Drawing]) -> String {
    let mut text =
        "digraph routes {\n    rankdir=LR;\n    node [fontname=\"monospace\"];\n    edge [fontname=\"monospace\"];\n"
            .to_owned();
    for (router, drawing) in drawings.iter().enumerate() {
        text.push_str(&format!("    subgraph cluster_{router} {{\n        label={};\n", quoted(&drawing.name)));
        for (at, node) in drawing.nodes.iter().enumerate() {
            let shape = match node.kind {
                Kind::Caller => "circle",
                Kind::Input | Kind::Link => "oval",
                Kind::Service => "box",
            };
            let label = quoted(&format!("{}\n{}", node.name, node.detail));
            text.push_str(&format!("        r{router}n{at} [shape={shape}, label={label}];\n"));
        }
        for edge in &drawing.edges {
            let style = if edge.is_direct { "solid" } else { "dashed" };
            let (from, to, label) = (edge.from, edge.to, quoted(&edge.labels.join("\n")));
            text.push_str(&format!("        r{router}n{from} -> r{router}n{to} [style={style}, label={label}];\n"));
        }
        text.push_str("    }\n");
    }
    text + "}\n"
}

fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}
