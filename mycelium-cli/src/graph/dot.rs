//! The language of Graphviz.

use super::{Drawing, Kind, Node};

pub(super) fn draw(drawings: &[Drawing]) -> String {
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
                text.push_str(&format!("{indent}r{router}n{at} {};\n", shape(&drawing.nodes[at])));
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

fn shape(node: &Node) -> String {
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
