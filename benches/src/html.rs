//! The page with plots: text and inline drawings, without external resources.

use std::fmt::Write as _;

use crate::curves::curves;
use crate::pairs::{Comparison, Unit};
use crate::report;
use crate::samples::{Samples, Spread};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const MARGIN: f64 = 56.0;
const COLOURS: [&str; 8] = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf", "#7f7f7f"];

/// A named line of points.
type Series = (String, Vec<(f64, f64)>);

/// The whole page.
pub fn page(name: &str, setting: &str, comparisons: &[Comparison]) -> String {
    let mut out = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>{name}</title>\
         <style>body{{font:14px sans-serif;margin:2em;max-width:70em}}pre{{overflow-x:auto}}svg{{background:#fafafa}}</style>\
         <h1>{name}</h1><p>{}</p><pre>{}</pre>",
        escape(setting),
        escape(&report::text(comparisons))
    );
    for curves in curves(comparisons) {
        let series: Vec<Series> = curves.lines.into_iter().map(|(name, line)| (name.to_owned(), line.0)).collect();
        let _ = write!(out, "<h2>{}</h2>{}", escape(curves.title), drawing(axis(curves.unit), &series));
    }
    for comparison in comparisons.iter().filter(|it| it.our_times.count() > 0) {
        let title = format!("{}: how one-way times are distributed", comparison.name);
        let series = vec![
            ("ours".to_owned(), distribution(&comparison.our_times)),
            (comparison.peer.to_owned(), distribution(&comparison.their_times)),
        ];
        let drawn = drawing("percentile, as messages of which one is slower; nanoseconds one way", &series);
        let _ = write!(out, "<h2>{}</h2>{drawn}", escape(&title));
    }
    out
}

fn axis(unit: Unit) -> &'static str {
    match unit {
        Unit::Nanoseconds => "nanoseconds",
        Unit::MillionsPerSecond => "millions of messages per second",
    }
}

/// Percentiles over the share of slower messages, as far as there are enough samples.
fn distribution(samples: &Samples) -> Vec<(f64, f64)> {
    let rarity = (0..).map(|step| 2_f64.powi(step));
    let point = |rarity: f64| Some((rarity, samples.percentile(1.0 - 1.0 / rarity)?));
    rarity.map_while(point).filter(|(_, time)| *time > 0.0).collect()
}

/// Lines over two logarithmic axes.
fn drawing(unit: &str, series: &[Series]) -> String {
    let points = || series.iter().flat_map(|(_, points)| points);
    let (Some(x), Some(y)) =
        (Spread::of(points().map(|point| point.0)), Spread::of(points().map(|point| point.1).filter(|&y| y > 0.0)))
    else {
        return "<p>no figures</p>".to_owned();
    };
    let scale = |value: f64, spread: Spread, length: f64| {
        let (low, high) = (spread.low.ln(), spread.high.ln());
        if high > low { (value.ln() - low) / (high - low) * length } else { length / 2.0 }
    };
    let across = |value| MARGIN + scale(value, x, WIDTH - 2.0 * MARGIN);
    let up = |value| HEIGHT - MARGIN - scale(value, y, HEIGHT - 2.0 * MARGIN);
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" font-size=\"11\">");
    let mut text = |x: f64, y: f64, colour: &str, text: &str| {
        let _ = write!(out, "<text x=\"{x:.0}\" y=\"{y:.0}\" fill=\"{colour}\">{}</text>", escape(text));
    };
    text(MARGIN, 14.0, "#000", unit);
    for value in [y.low, y.high] {
        text(2.0, up(value), "#000", &number(value));
    }
    let mut ticks: Vec<f64> = points().map(|point| point.0).collect();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    for value in ticks {
        text(across(value), HEIGHT - MARGIN + 16.0, "#000", &number(value));
    }
    for (at, (name, _)) in series.iter().enumerate() {
        text(MARGIN + 90.0 * at as f64, HEIGHT - 8.0, COLOURS[at % COLOURS.len()], name);
    }
    for (at, (_, points)) in series.iter().enumerate() {
        let path: Vec<_> = points.iter().map(|&(x, y)| format!("{:.1},{:.1}", across(x), up(y))).collect();
        let colour = COLOURS[at % COLOURS.len()];
        let _ = write!(out, "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\"/>", path.join(" "));
    }
    out.push_str("</svg>");
    out
}

fn number(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Distance;
    use crate::pairs::{Goal, Pair};

    #[test]
    fn names_are_text_and_plots_are_drawn() {
        let point = |peer, x: f64| Comparison {
            name: format!("handlers/{x}"),
            peer,
            unit: Unit::Nanoseconds,
            goal: Goal::None,
            plot: Some(("cost by handlers", x)),
            pairs: vec![Pair { distance: Some(Distance::Near), line: (50.0, 50.0), ours: x, theirs: 9.0 * x }],
            our_times: Samples::default(),
            their_times: Samples::default(),
        };
        let page = page("compare", "seed 1", &[point("<b>", 2.0)]);
        assert!(page.contains("<polyline") && page.contains("&lt;b&gt;") && !page.contains("<b>"), "{page}");
    }
}
