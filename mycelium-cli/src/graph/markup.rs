//! The picture as text that another program lays out: DOT of Graphviz, and Mermaid.

use super::{Drawing, Kind, Node};

/// DOT, the language of Graphviz.
pub(super) fn dot(drawings: &[Drawing]) -> String {
    let mut text =
        "digraph routes {\n    rankdir=LR;\n    node [fontname=\"monospace\"];\n    edge [fontname=\"monospace\"];\n"
            .to_owned();
    for (router, drawing) in drawings.iter().enumerate() {
        text.push_str(&format!("    subgraph cluster_{router} {{\n        label={};\n", quoted(&drawing.name)));
        for (index, (lane, nodes)) in drawing.by_lane().into_iter().enumerate() {
            if let Some(lane) = lane {
                let label = quoted(&format!("lane {lane}"));
                text.push_str(&format!("        subgraph cluster_{router}_{index} {{\n            label={label};\n"));
            }
            let indent = if lane.is_some() { "            " } else { "        " };
            for at in nodes {
                text.push_str(&format!("{indent}r{router}n{at} {};\n", dot_shape(&drawing.nodes[at])));
            }
            if lane.is_some() {
                text.push_str("        }\n");
            }
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

fn dot_shape(node: &Node) -> String {
    let shape = match node.kind {
        Kind::Caller => "circle",
        Kind::Input | Kind::Link => "oval",
        Kind::Service => "box",
    };
    format!("[shape={shape}, label={}]", quoted(&format!("{}\n{}", node.name, node.detail)))
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

/// Mermaid, which many Markdown renderers draw.
pub(super) fn mermaid(drawings: &[Drawing]) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (router, drawing) in drawings.iter().enumerate() {
        text.push_str(&format!("    subgraph r{router} [\"{}\"]\n", escaped(&drawing.name)));
        for (index, (lane, nodes)) in drawing.by_lane().into_iter().enumerate() {
            if let Some(lane) = lane {
                text.push_str(&format!("        subgraph r{router}l{index} [\"lane {}\"]\n", escaped(lane)));
            }
            let indent = if lane.is_some() { "            " } else { "        " };
            for at in nodes {
                text.push_str(&format!("{indent}r{router}n{at}{}\n", mermaid_shape(&drawing.nodes[at])));
            }
            if lane.is_some() {
                text.push_str("        end\n");
            }
        }
        text.push_str("    end\n");
        for edge in &drawing.edges {
            let arrow = if edge.is_direct { "-->" } else { "-.->" };
            let label = escaped(&edge.labels.join(", "));
            text.push_str(&format!("    r{router}n{} {arrow}|\"{label}\"| r{router}n{}\n", edge.from, edge.to));
        }
    }
    text
}

fn mermaid_shape(node: &Node) -> String {
    let label = format!("\"{}<br/><small>{}</small>\"", escaped(&node.name), escaped(&node.detail));
    match node.kind {
        Kind::Caller => format!("(({label}))"),
        Kind::Input | Kind::Link => format!("([{label}])"),
        Kind::Service => format!("[{label}]"),
    }
}

/// Text with the entities of Mermaid, which has no other escapes.
fn escaped(text: &str) -> String {
    let entity = |c: char| match c {
        '"' | '<' | '>' | '&' | '#' | '|' | '`' => format!("#{};", u32::from(c)),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(entity).collect()
}
