//! The printed results.

use std::fmt::Write as _;

use mycelium_benches::samples::Spread;

use crate::measure::Rest;
use crate::subject::Subject;

/// One program and its figures.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) subject: Subject,
    /// Milliseconds, in order.
    pub(crate) starts: Vec<f64>,
    pub(crate) rest: Option<Rest>,
}

impl Row {
    pub(crate) fn new(subject: Subject) -> Self {
        Self { subject, starts: Vec::new(), rest: None }
    }

    fn start(&self) -> Option<Spread> {
        Spread::of(self.starts.iter().copied())
    }
}

/// The table, and lines `ratio NAME VALUE` and `value NAME VALUE` for programs to read.
pub(crate) fn text(rows: &[Row]) -> String {
    let columns = ["program", "processes", "start", "start/base", "resident", "shared", "peak", "idle"];
    let mut table = vec![columns.map(str::to_owned)];
    table.extend(rows.iter().filter_map(|row| cells(rows, row)));
    let widths: [usize; 8] =
        std::array::from_fn(|at| table.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
    let mut out = String::new();
    for row in &table {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    out.push('\n');
    rows.iter().for_each(|row| lines(rows, row, &mut out));
    out
}

fn cells(rows: &[Row], row: &Row) -> Option<[String; 8]> {
    let (start, rest) = (row.start()?, row.rest?);
    let mebibytes = |kibibytes: u64| format!("{:.1} MiB", kibibytes as f64 / 1024.0);
    let verdict = row.subject.idle_goal.map_or(String::new(), |goal| {
        format!(", wanted <= {goal} {}", if rest.idle <= goal { "met" } else { "MISSED" })
    });
    Some([
        row.subject.name.clone(),
        rest.memory.processes.to_string(),
        format!("{:.2} ({:.2}–{:.2}) ms", start.median, start.low, start.high),
        ratio(rows, row)
            .map_or(String::new(), |ratio| format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.low, ratio.high)),
        mebibytes(rest.memory.resident),
        mebibytes(rest.memory.proportional),
        mebibytes(rest.memory.peak),
        format!("{:.3} %{verdict}", rest.idle),
    ])
}

/// Its start time divided by that of its base, each pair in one turn.
fn ratio(rows: &[Row], row: &Row) -> Option<Spread> {
    let base =
        rows.iter().find(|other| other.subject.name == row.subject.base && row.subject.name != row.subject.base)?;
    Spread::of(row.starts.iter().zip(&base.starts).map(|(own, base)| own / base))
}

fn lines(rows: &[Row], row: &Row, out: &mut String) {
    let name = &row.subject.name;
    if let Some(ratio) = ratio(rows, row) {
        let _ = writeln!(out, "ratio start/{name}/{} {:.3}", row.subject.base, ratio.median);
    }
    if let Some((start, rest)) = row.start().zip(row.rest) {
        let _ = writeln!(out, "value start/{name} {:.3} ms", start.median);
        let _ = writeln!(out, "value resident/{name} {} KiB", rest.memory.resident);
        let _ = writeln!(out, "value shared/{name} {} KiB", rest.memory.proportional);
        let _ = writeln!(out, "value peak/{name} {} KiB", rest.memory.peak);
        let _ = writeln!(out, "value idle/{name} {:.4} %", rest.idle);
    }
}

/// All figures as JSON. Names are ours and hold nothing that JSON escapes.
pub(crate) fn json(rows: &[Row]) -> String {
    let program = |row: &Row| {
        let rest = row.rest?;
        let starts: Vec<_> = row.starts.iter().map(|time| format!("{time:.3}")).collect();
        Some(format!(
            "{{\"name\":\"{}\",\"processes\":{},\"start_ms\":[{}],\"resident_kib\":{},\"shared_kib\":{},\"peak_kib\":{},\
             \"idle_percent\":{:.4}}}",
            row.subject.name,
            rest.memory.processes,
            starts.join(","),
            rest.memory.resident,
            rest.memory.proportional,
            rest.memory.peak,
            rest.idle
        ))
    };
    format!("{{\"programs\":[\n{}\n]}}\n", rows.iter().filter_map(program).collect::<Vec<_>>().join(",\n"))
}
