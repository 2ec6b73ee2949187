//! The picture as SVG, readable on light and dark backgrounds.

use super::layout::{Layout, Place, Run, lay_out};
use super::{Drawing, Kind, Node};

/// The width of a letter in pixels: the fonts are monospaced.
const LETTER: usize = 8;
const LINE: usize = 16;
const MARGIN: usize = 16;
/// The name of a router above its picture.
const TITLE: usize = 28;

const STYLE: &str = "\
text { font: 13px ui-monospace, monospace; fill: #1c2733; }
text.title { font-weight: bold; }
text.detail { font-size: 11px; fill: #5b6b7b; }
text.label { font-size: 12px; }
rect { fill: #f5f8fb; stroke: #3d5a73; }
rect.ground { fill: #ffffff; stroke: none; }
rect.input, rect.link { fill: #eef7ee; stroke: #3f7a4c; }
rect.caller { fill: #fdf6e7; stroke: #93712a; }
path { fill: none; stroke: #3d5a73; stroke-width: 1.3; }
path.queued { stroke-dasharray: 5 4; }
path.head { fill: #3d5a73; stroke: none; }";

pub(super) fn draw(drawings: &[Drawing]) -> String {
    let mut body = String::new();
    let (mut width, mut top) = (0, MARGIN);
    for drawing in drawings {
        let layout = laid_out(drawing);
        body.push_str(&format!("<g transform=\"translate({MARGIN} {top})\">\n"));
        body.push_str(&text("title", 0, 13, &drawing.name));
        body.push_str(&format!("<g transform=\"translate(0 {TITLE})\">\n{}</g>\n</g>\n", router(drawing, &layout)));
        width = width.max(layout.width).max(drawing.name.chars().count() * LETTER);
        top += TITLE + layout.height + MARGIN;
    }
    let width = width + 2 * MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {top}\" width=\"{width}\" height=\"{top}\" role=\"img\">\n\
         <style>{STYLE}</style>\n<rect class=\"ground\" width=\"{width}\" height=\"{top}\"/>\n{body}</svg>\n"
    )
}

fn laid_out(drawing: &Drawing) -> Layout {
    let node = |node: &Node| {
        let lane = lane(node);
        let letters = [&node.name, &node.detail, &lane].map(|line| line.chars().count());
        let lines = if lane.is_empty() { 2 } else { 3 };
        (letters.into_iter().max().unwrap_or_default() * LETTER + 20, lines * LINE + 14)
    };
    let label = |labels: &Vec<String>| {
        let letters = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
        (letters * LETTER + 8, labels.len() * LINE + 4)
    };
    let nodes: Vec<_> = drawing.nodes.iter().map(node).collect();
    let labels: Vec<_> = drawing.edges.iter().map(|edge| label(&edge.labels)).collect();
    lay_out(drawing, &nodes, &labels)
}

fn router(drawing: &Drawing, layout: &Layout) -> String {
    let mut parts = String::new();
    for (edge, run) in drawing.edges.iter().zip(&layout.runs) {
        let class = if edge.is_direct { "direct" } else { "queued" };
        parts.push_str(&line(class, run, &layout.nodes[edge.from]));
    }
    for (edge, run) in drawing.edges.iter().zip(&layout.runs) {
        let Place { x, y, width, height } = run.label;
        parts
            .push_str(&format!("<rect class=\"ground\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>\n"));
        for (row, label) in edge.labels.iter().enumerate() {
            parts.push_str(&text("label", x + 4, y + 14 + row * LINE, label));
        }
    }
    for (node, place) in drawing.nodes.iter().zip(&layout.nodes) {
        parts.push_str(&drawn(node, place));
    }
    parts
}

fn drawn(node: &Node, place: &Place) -> String {
    let Place { x, y, width, height } = *place;
    let round = if node.kind == Kind::Service { 3 } else { height / 2 };
    let class = node.kind.name();
    let lane = lane(node);
    let lane = if lane.is_empty() { lane } else { text("detail", x + 10, y + 53, &lane) };
    format!(
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>\n{}{}{lane}",
        text("name", x + 10, y + 20, &node.name),
        text("detail", x + 10, y + 37, &node.detail)
    )
}

/// The lane of a node as text. Columns follow calls and not lanes, so each box names its lane.
fn lane(node: &Node) -> String {
    node.lane.as_ref().map(|lane| format!("lane {lane}")).unwrap_or_default()
}

/// A curve through all stops, with its head at the receiver.
fn line(class: &str, run: &Run, node: &Place) -> String {
    let (Some(first), Some(last)) = (run.stops.first(), run.stops.last()) else {
        return loop_at(class, node, &run.label);
    };
    let mut path = format!("M {} {}", first.right(), first.middle());
    for pair in run.stops.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let middle = (from.right() + to.x) / 2;
        path.push_str(&format!(" C {middle} {} {middle} {} {} {}", from.middle(), to.middle(), to.x, to.middle()));
        if to != *last {
            path.push_str(&format!(" L {} {}", to.right(), to.middle()));
        }
    }
    let head = match run.is_back {
        true => head(first.right(), first.middle(), true),
        false => head(last.x, last.middle(), false),
    };
    format!("<path class=\"{class}\" d=\"{path}\"/>\n{head}")
}

/// From a node to its label and back below.
fn loop_at(class: &str, node: &Place, label: &Place) -> String {
    let (x, y) = (node.right(), node.y + node.height - 8);
    let (far, low) = (label.x + label.width / 2, label.middle());
    let path = format!(
        "M {x} {} C {far} {} {far} {low} {far} {low} C {far} {} {far} {y} {x} {y}",
        node.middle(),
        node.middle(),
        low + 8
    );
    format!("<path class=\"{class}\" d=\"{path}\"/>\n{}", head(x, y, true))
}

/// The head of an arrow that touches a side of a box from the right or from the left.
fn head(x: usize, y: usize, from_right: bool) -> String {
    let back = if from_right { x + 8 } else { x.saturating_sub(8) };
    format!("<path class=\"head\" d=\"M {x} {y} L {back} {} L {back} {} Z\"/>\n", y.saturating_sub(4), y + 4)
}

fn text(class: &str, x: usize, y: usize, text: &str) -> String {
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(text))
}

/// Text in XML and HTML.
pub(crate) fn escaped(text: &str) -> String {
    let entity = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        c if c.is_control() && c != '\n' => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(entity).collect()
}
