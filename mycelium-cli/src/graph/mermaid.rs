//! Mermaid, which Markdown shows.

use super::{Drawing, Kind, Node};

pub(super) fn draw(drawings: &[Drawing]) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (router, drawing) in drawings.iter().enumerate() {
        text.push_str(&format!("    subgraph r{router} [\"{}\"]\n", escaped(&drawing.name)));
        for (index, (lane, nodes)) in drawing.by_lane().into_iter().enumerate() {
            if let Some(lane) = lane {
                text.push_str(&format!("        subgraph r{router}l{index} [\"lane {}\"]\n", escaped(lane)));
            }
            let indent = if lane.is_some() { "            " } else { "        " };
            for at in nodes {
                text.push_str(&format!("{indent}r{router}n{at}{}\n", shape(&drawing.nodes[at])));
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

fn shape(node: &Node) -> String {
    let label = format!("\"{}<br/><small>{}</small>\"", escaped(&node.name), escaped(&node.detail));
    match node.kind {
        Kind::Caller => format!("(({label}))"),
        Kind::Input | Kind::Link => format!("([{label}])"),
        Kind::Service => format!("[{label}]"),
    }
}

/// Entities of Mermaid, which has no other escapes.
fn escaped(text: &str) -> String {
    let entity = |c: char| match c {
        '"' | '<' | '>' | '&' | '#' | '|' | '`' => format!("#{};", u32::from(c)),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(entity).collect()
}
