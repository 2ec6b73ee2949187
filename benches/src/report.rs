//! The printed results.

use std::fmt::Write as _;

use crate::curves::curves;
use crate::line::Distance;
use crate::options::Options;
use crate::pairs::{Comparison, Goal, Pair};
use crate::samples::{Samples, Spread};

/// The table; for programs to read, a line `ratio NAME VALUE` per comparison and distance, and a line `slope NAME VALUE` per curve, in
/// nanoseconds for one more of the size.
pub fn text(comparisons: &[Comparison]) -> String {
    let mut out = String::new();
    let columns = ["path", "peer", "cores", "ours", "theirs", "ours/theirs", "wanted", "ours p99", "theirs p99"];
    let mut rows = vec![columns.map(str::to_owned)];
    for comparison in comparisons {
        for distance in [Distance::Near, Distance::Far] {
            rows.extend(row(comparison, distance));
        }
    }
    let widths: [usize; 9] = std::array::from_fn(|at| rows.iter().map(|row| row[at].len()).max().unwrap_or(0));
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for comparison in comparisons.iter().filter(|it| it.moved() > 0) {
        let (name, peer, moved, all) = (&comparison.name, comparison.peer, comparison.moved(), comparison.pairs.len());
        let _ = writeln!(out, "{name} against {peer}: the cores moved during {moved} of {all} pairs, left out");
    }
    out.push('\n');
    for comparison in comparisons {
        for distance in [Distance::Near, Distance::Far] {
            if let Some(ratio) = comparison.spread(distance, Pair::ratio) {
                let _ = writeln!(
                    out,
                    "ratio {}/{}/{} {:.3}",
                    comparison.name,
                    comparison.peer,
                    distance.name(),
                    ratio.median
                );
            }
        }
    }
    for curves in curves(comparisons) {
        for (name, line) in &curves.lines {
            if let Some(slope) = line.slope(curves.unit) {
                let _ = writeln!(out, "slope {}/{name} {slope:.4}", curves.name);
            }
        }
    }
    out
}

fn row(comparison: &Comparison, distance: Distance) -> Option<[String; 9]> {
    let ours = comparison.spread(distance, |pair| pair.ours)?;
    let theirs = comparison.spread(distance, |pair| pair.theirs)?;
    let ratio = comparison.spread(distance, Pair::ratio)?;
    let unit = comparison.unit.name();
    let verdict = |met: bool| if met { "met" } else { "MISSED" };
    let wanted = match comparison.goal {
        Goal::AtMost(most) => format!("<= {most} {}", verdict(ratio.median <= most)),
        Goal::AtLeast(least) => format!(">= {least} {}", verdict(ratio.median >= least)),
        Goal::AtLeastEach { near, far } => {
            let least = if distance == Distance::Near { near } else { far };
            format!(">= {least} {}", verdict(ratio.median >= least))
        }
        Goal::None => String::new(),
    };
    let tail = |samples: &Samples| samples.percentile(0.99).map_or(String::new(), |time| format!("{time:.0} ns"));
    Some([
        comparison.name.clone(),
        comparison.peer.to_owned(),
        distance.name().to_owned(),
        format!("{} {unit}", spread(ours)),
        format!("{} {unit}", spread(theirs)),
        spread(ratio),
        wanted,
        tail(&comparison.our_times),
        tail(&comparison.their_times),
    ])
}

fn spread(it: Spread) -> String {
    let digits = if it.median < 10.0 { 2 } else { 1 };
    format!("{:.digits$} ({:.digits$}–{:.digits$})", it.median, it.low, it.high)
}

/// All figures as JSON.
pub fn json(options: &Options, comparisons: &[Comparison]) -> String {
    let all: Vec<_> = comparisons.iter().map(comparison_json).collect();
    let Options { seed, pairs, round_trips, messages, size, cores, .. } = options;
    format!(
        "{{\"seed\":{seed},\"pairs\":{pairs},\"round_trips\":{round_trips},\"messages\":{messages},\"size\":{size},\
         \"cores\":[{},{}],\"comparisons\":[\n{}\n]}}\n",
        cores.near,
        cores.far,
        all.join(",\n")
    )
}

// Names are ours and hold nothing that JSON escapes.
fn comparison_json(it: &Comparison) -> String {
    let pairs: Vec<_> = it.pairs.iter().map(pair_json).collect();
    format!(
        "{{\"name\":\"{}\",\"peer\":\"{}\",\"unit\":\"{}\",\"pairs\":[{}]}}",
        it.name,
        it.peer,
        it.unit.name(),
        pairs.join(",")
    )
}

fn pair_json(it: &Pair) -> String {
    let cores = it.distance.map_or("moved", Distance::name);
    let (before, after) = it.line;
    format!(
        "{{\"cores\":\"{cores}\",\"line_ns\":[{before:.1},{after:.1}],\"ours\":{:.3},\"theirs\":{:.3}}}",
        it.ours, it.theirs
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::Unit;

    fn comparison(pairs: &[(Option<Distance>, f64, f64)]) -> Comparison {
        let pair = |&(distance, ours, theirs)| Pair { distance, line: (50.0, 50.0), ours, theirs };
        Comparison {
            name: "queue/latency".to_owned(),
            peer: "rtrb",
            unit: Unit::Nanoseconds,
            goal: Goal::AtMost(1.1),
            plot: None,
            pairs: pairs.iter().map(pair).collect(),
            our_times: Samples::default(),
            their_times: Samples::default(),
        }
    }

    #[test]
    fn near_and_far_pairs_are_told_apart_and_pairs_that_moved_are_left_out() {
        let (near, far) = (Some(Distance::Near), Some(Distance::Far));
        let text = text(&[comparison(&[(near, 50.0, 50.0), (far, 300.0, 200.0), (None, 900.0, 1.0)])]);
        assert!(text.contains("ratio queue/latency/rtrb/near 1.000\n"), "{text}");
        assert!(text.contains("ratio queue/latency/rtrb/far 1.500\n"), "{text}");
        assert!(text.contains("<= 1.1 met") && text.contains("<= 1.1 MISSED"), "{text}");
        assert!(text.contains("the cores moved during 1 of 3 pairs"), "{text}");
    }

    #[test]
    fn the_ratio_is_the_median_of_the_ratios_of_pairs() {
        let near = Some(Distance::Near);
        let text = text(&[comparison(&[(near, 10.0, 10.0), (near, 30.0, 10.0), (near, 80.0, 40.0)])]);
        assert!(text.contains("ratio queue/latency/rtrb/near 2.000\n"), "{text}");
    }

    #[test]
    fn json_has_every_pair() {
        let json = comparison_json(&comparison(&[(Some(Distance::Far), 3.0, 2.0)]));
        assert_eq!(
            json,
            r#"{"name":"queue/latency","peer":"rtrb","unit":"ns","pairs":[{"cores":"far","line_ns":[50.0,50.0],"ours":3.000,"theirs":2.000}]}"#
        );
    }
}
