//! The layout of a picture: columns from left to right, in the order of direct calls.
//!
//! Nodes are in the even columns. An edge passes through a stop in every column between its ends. The first stop, which is in an odd
//! column, holds the label, so that no label covers another and no edge crosses a box. Within a column, the order follows the
//! neighbours to the left and right, so that few edges cross. All coordinates are whole numbers, and ties go to the first declaration,
//! so that a program always gives the same picture.

use super::{Drawing, Edge};

/// A rectangle in the picture, by its upper left corner, in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Place {
    pub(super) fn middle(&self) -> usize {
        self.y + self.height / 2
    }

    pub(super) fn right(&self) -> usize {
        self.x + self.width
    }
}

/// The course of an edge.
pub(super) struct Run {
    /// Its label.
    pub(super) label: Place,
    /// The places that it passes from left to right, including its ends; empty for an edge from a node to itself.
    pub(super) stops: Vec<Place>,
    /// Whether it points from right to left.
    pub(super) is_back: bool,
}

pub(super) struct Layout {
    pub(super) nodes: Vec<Place>,
    /// In the order of the edges.
    pub(super) runs: Vec<Run>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Pixels between two items of a column.
const GAP: usize = 14;
/// Pixels between two columns.
const COLUMN_GAP: usize = 26;
/// The size of a stop without a label, in pixels.
const BARE: usize = 10;
/// How often each column is sorted by its neighbours.
const SWEEPS: usize = 8;

/// An item of a column: a node or a stop.
struct Item {
    column: usize,
    size: (usize, usize),
    /// What it is connected to in the column before, and in the one after.
    left: Vec<usize>,
    right: Vec<usize>,
}

/// Places everything; the sizes of nodes and labels are given.
pub(super) fn lay_out(drawing: &Drawing, nodes: &[(usize, usize)], labels: &[(usize, usize)]) -> Layout {
    let layers = layers(drawing);
    let item = |(node, size): (usize, &(usize, usize))| Item {
        column: layers[node] * 2,
        size: *size,
        left: Vec::new(),
        right: Vec::new(),
    };
    let mut items: Vec<Item> = nodes.iter().enumerate().map(item).collect();
    let stops: Vec<Vec<usize>> =
        drawing.edges.iter().zip(labels).map(|(edge, label)| stops(edge, *label, &mut items)).collect();
    let columns = ordered(&items);
    let places = placed(&items, &columns);
    let run = |(edge, stops): (&Edge, &Vec<usize>)| Run {
        label: stops.get(1).or(stops.first()).map(|stop| places[*stop]).unwrap_or_default(),
        stops: if edge.from == edge.to { Vec::new() } else { stops.iter().map(|stop| places[*stop]).collect() },
        is_back: edge.from > edge.to,
    };
    let runs = drawing.edges.iter().zip(&stops).map(run).collect();
    let width = places.iter().map(Place::right).max().unwrap_or_default();
    let height = places.iter().map(|place| place.y + place.height).max().unwrap_or_default();
    Layout { nodes: places[..nodes.len()].to_vec(), runs, width, height }
}

/// The layer of each node: after all connected nodes that are declared before it. Nodes without such a node are in the first layer.
fn layers(drawing: &Drawing) -> Vec<usize> {
    let mut layers = vec![0; drawing.nodes.len()];
    for node in 0..layers.len() {
        let before = drawing.edges.iter().filter_map(|edge| {
            let (low, high) = (edge.from.min(edge.to), edge.from.max(edge.to));
            (high == node && low < node).then(|| layers[low] + 1)
        });
        layers[node] = before.max().unwrap_or(0);
    }
    layers
}

/// Adds a stop to each column between the ends of an edge. Returns all stops from left to right, including the ends. An edge from a node
/// to itself has one stop, its label, in the column after the node.
fn stops(edge: &Edge, label: (usize, usize), items: &mut Vec<Item>) -> Vec<usize> {
    let (start, end) = (edge.from.min(edge.to), edge.from.max(edge.to));
    let mut stops = vec![start];
    let first = items[start].column + 1;
    let last = if start == end { first + 1 } else { items[end].column };
    for column in first..last {
        let size = if column == first { label } else { (BARE, BARE) };
        items.push(Item { column, size, left: Vec::new(), right: Vec::new() });
        stops.push(items.len() - 1);
    }
    if start != end {
        stops.push(end);
    }
    for pair in stops.windows(2) {
        items[pair[0]].right.push(pair[1]);
        items[pair[1]].left.push(pair[0]);
    }
    stops
}

/// The items of each column, from top to bottom.
fn ordered(items: &[Item]) -> Vec<Vec<usize>> {
    let count = items.iter().map(|item| item.column + 1).max().unwrap_or_default();
    let mut columns: Vec<Vec<usize>> = (0..count).map(|column| members(items, column)).collect();
    let mut rows = vec![0; items.len()];
    for sweep in 0..SWEEPS {
        columns.iter().for_each(|column| column.iter().enumerate().for_each(|(row, item)| rows[*item] = row));
        let forward = sweep % 2 == 0;
        for step in 0..count {
            let column = &mut columns[if forward { step } else { count - 1 - step }];
            column.sort_by_key(|item| {
                let neighbours = if forward { &items[*item].left } else { &items[*item].right };
                wanted_row(neighbours, &rows).unwrap_or(rows[*item] * PRECISION)
            });
            column.iter().enumerate().for_each(|(row, item)| rows[*item] = row);
        }
    }
    columns
}

fn members(items: &[Item], column: usize) -> Vec<usize> {
    (0..items.len()).filter(|item| items[*item].column == column).collect()
}

/// Rows are averaged in whole numbers, in units of 1/1024.
const PRECISION: usize = 1024;

/// The average row of the neighbours.
fn wanted_row(neighbours: &[usize], rows: &[usize]) -> Option<usize> {
    let sum: usize = neighbours.iter().map(|neighbour| rows[*neighbour] * PRECISION).sum();
    sum.checked_div(neighbours.len())
}

/// Stacks the items of each column, centred on the tallest column.
fn placed(items: &[Item], columns: &[Vec<usize>]) -> Vec<Place> {
    let mut places = vec![Place::default(); items.len()];
    let height = |column: &Vec<usize>| column.iter().map(|item| items[*item].size.1 + GAP).sum::<usize>();
    let tallest = columns.iter().map(height).max().unwrap_or_default();
    let mut x = 0;
    for column in columns {
        let width = column.iter().map(|item| items[*item].size.0).max().unwrap_or_default();
        let mut y = (tallest - height(column)) / 2;
        for item in column {
            let mut size = items[*item].size;
            if size == (BARE, BARE) {
                // An edge runs straight past the boxes of a column.
                size.0 = width;
            }
            places[*item] = Place { x: x + (width - size.0) / 2, y, width: size.0, height: size.1 };
            y += size.1 + GAP;
        }
        x += width + COLUMN_GAP;
    }
    places
}
