//! Pictures of a program's routes.

mod layout;
mod markup;
mod svg;

pub(super) use self::svg::escaped;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::output::{self, Out, Result, Verdict};
use super::routes::{self, Router};

/// Draw the routes of a program from what the program prints
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo run -- --routes | mycelium graph                       (Mermaid, for Markdown)
  mycelium graph routes.jsonl --format svg --output routes.svg
  mycelium graph routes.jsonl --format dot | dot -Tpng > routes.png

A program prints its routes with `mycelium_rt::routing::print_routes::<Router>()`. Solid arrows are direct
calls; dashed arrows are queues, links, and routes between lanes.")]
pub(super) struct Graph {
    /// The routes that the program printed; `-` reads standard input
    #[arg(default_value = "-")]
    routes: PathBuf,
    /// The format of the picture
    #[arg(long, value_enum, default_value_t)]
    format: Picture,
    /// The file to write; by default the picture is printed
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// The formats of pictures.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Picture {
    /// Mermaid, which Markdown shows
    #[default]
    Mermaid,
    /// Graphviz
    Dot,
    /// A picture for browsers
    Svg,
    /// Nodes and edges
    Json,
}

impl Graph {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let pictures: Vec<Drawing> = routes::read(&self.routes)?.iter().map(Drawing::of).collect();
        let text = match self.format {
            Picture::Mermaid => markup::mermaid(&pictures),
            Picture::Dot => markup::dot(&pictures),
            Picture::Svg => svg::draw(&pictures),
            Picture::Json => json(&pictures),
        };
        match &self.output {
            Some(path) => output::write(path, text)?,
            None => out.print(text),
        }
        Ok(Verdict::Fine)
    }
}

/// The picture of a router, for a page.
pub(super) fn svg_of(router: &Router) -> String {
    svg::draw(&[Drawing::of(router)])
}

/// A router as nodes and edges.
struct Drawing {
    name: String,
    /// Inputs first, then services in declared order, then links: the direction in which direct calls go.
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

struct Node {
    kind: Kind,
    name: String,
    /// The type of a service, the address of a link.
    detail: String,
    /// The lane of a service, or the lane that polls an input, if the program names it.
    lane: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The code that calls `route_…`.
    Caller,
    Input,
    Service,
    Link,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Input => "input",
            Self::Service => "service",
            Self::Link => "link",
        }
    }
}

/// All messages that go from one node to another on paths of one kind.
struct Edge {
    from: usize,
    to: usize,
    labels: Vec<String>,
    is_direct: bool,
}

impl Drawing {
    fn of(router: &Router) -> Self {
        let mut drawing = Self { name: router.name.clone(), nodes: nodes(router), edges: Vec::new() };
        for route in &router.routes {
            let Some(to) = drawing.node(if route.is_link { Kind::Link } else { Kind::Service }, &route.to) else {
                continue;
            };
            let is_called = route.path == "direct";
            let label = match is_called || route.is_link {
                true => route.message.clone(),
                false => format!("{} via {}", route.message, route.path),
            };
            for from in drawing.senders(router, &route.message) {
                drawing.connect(from, to, &label, is_called && !drawing.are_apart(from, to));
            }
        }
        drawing
    }

    fn node(&self, kind: Kind, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.kind == kind && node.name == name)
    }

    /// Whether two nodes are on different lanes, so that messages between them pass a ring.
    fn are_apart(&self, from: usize, to: usize) -> bool {
        let lanes = (&self.nodes[from].lane, &self.nodes[to].lane);
        matches!(lanes, (Some(from), Some(to)) if from != to)
    }

    /// The lanes in the order of first mention, each with its nodes, and before them the nodes on no lane.
    fn by_lane(&self) -> Vec<(Option<&str>, Vec<usize>)> {
        let mut lanes: Vec<(Option<&str>, Vec<usize>)> = vec![(None, Vec::new())];
        for (at, node) in self.nodes.iter().enumerate() {
            match lanes.iter_mut().find(|(lane, _)| *lane == node.lane.as_deref()) {
                Some((_, nodes)) => nodes.push(at),
                None => lanes.push((node.lane.as_deref(), vec![at])),
            }
        }
        lanes
    }

    /// The senders of a message: inputs and services, or else the caller of the router.
    fn senders(&self, router: &Router, message: &str) -> Vec<usize> {
        let inputs = router.sources(message).filter_map(|input| self.node(Kind::Input, &input.name));
        let services = router.emitters(message).filter_map(|service| self.node(Kind::Service, &service.name));
        let senders: Vec<usize> = inputs.chain(services).collect();
        if senders.is_empty() { self.node(Kind::Caller, CALLER).into_iter().collect() } else { senders }
    }

    fn connect(&mut self, from: usize, to: usize, label: &str, is_direct: bool) {
        let same = |edge: &&mut Edge| (edge.from, edge.to, edge.is_direct) == (from, to, is_direct);
        match self.edges.iter_mut().find(same) {
            Some(edge) => edge.labels.push(label.to_owned()),
            None => self.edges.push(Edge { from, to, labels: vec![label.to_owned()], is_direct }),
        }
    }
}

/// The name of the caller of `route_…`, which no service can have.
const CALLER: &str = "(caller)";

fn nodes(router: &Router) -> Vec<Node> {
    let mut nodes = Vec::new();
    let is_called =
        |message: &str| router.sources(message).next().is_none() && router.emitters(message).next().is_none();
    if router.routes.iter().any(|route| is_called(&route.message)) {
        let detail = format!("{}::route_…", router.name);
        nodes.push(Node { kind: Kind::Caller, name: CALLER.to_owned(), detail, lane: None });
    }
    nodes.extend(router.inputs.iter().map(|input| Node {
        kind: Kind::Input,
        name: input.name.clone(),
        detail: input.address.clone(),
        lane: input.lane.clone(),
    }));
    nodes.extend(router.services.iter().map(|service| Node {
        kind: Kind::Service,
        name: service.name.clone(),
        detail: service.ty.clone(),
        lane: service.lane.clone(),
    }));
    for route in router.routes.iter().filter(|route| route.is_link) {
        if !nodes.iter().any(|node| node.kind == Kind::Link && node.name == route.to) {
            let (name, detail) = (route.to.clone(), route.path.clone());
            nodes.push(Node { kind: Kind::Link, name, detail, lane: None });
        }
    }
    nodes
}

fn json(drawings: &[Drawing]) -> String {
    let router = |drawing: &Drawing| {
        let name = |at: usize| &drawing.nodes[at].name;
        let nodes = drawing.nodes.iter().map(|node| {
            let mut shown = json!({ "kind": node.kind.name(), "name": node.name, "detail": node.detail });
            if let Some(lane) = &node.lane {
                shown["lane"] = json!(lane);
            }
            shown
        });
        let edges = drawing.edges.iter().map(
            |edge| json!({ "from": name(edge.from), "to": name(edge.to), "messages": edge.labels, "direct": edge.is_direct }),
        );
        json!({ "router": drawing.name, "nodes": nodes.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>() })
    };
    format!("{:#}\n", json!(drawings.iter().map(router).collect::<Vec<_>>()))
}
