//! Figures over a size: the lines of a plot, and their slopes.

use std::collections::BTreeMap;

use crate::line::Distance;
use crate::pairs::{Comparison, Unit};
use crate::samples::Spread;

/// One plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves<'a> {
    /// The title of the plot.
    pub title: &'a str,
    /// The name of the comparisons, without the size at its end.
    pub name: &'a str,
    /// The unit of the vertical axis.
    pub unit: Unit,
    /// Our line, and one for each peer.
    pub lines: BTreeMap<&'a str, Line>,
}

/// The points of a line, by size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line(pub Vec<(f64, f64)>);

/// The lines of each plot, ours and every peer's, at the distance at which most pairs were measured.
pub fn curves(comparisons: &[Comparison]) -> Vec<Curves<'_>> {
    let mut all: Vec<Curves<'_>> = Vec::new();
    for comparison in comparisons {
        let Some((title, x)) = comparison.plot else { continue };
        let known = all.iter().position(|it| it.title == title && it.unit == comparison.unit);
        let at = known.unwrap_or_else(|| {
            let name = comparison.name.rsplit_once('/').map_or(&*comparison.name, |(name, _)| name);
            all.push(Curves { title, name, unit: comparison.unit, lines: BTreeMap::new() });
            all.len() - 1
        });
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for distance in [Distance::Near, Distance::Far] {
            ours.extend(comparison.spread(distance, |pair| pair.ours));
            theirs.extend(comparison.spread(distance, |pair| pair.theirs));
        }
        let median = |spreads: Vec<Spread>| Spread::of(spreads.iter().map(|it| it.median)).map(|it| it.median);
        for (line, value) in [("ours", median(ours)), (comparison.peer, median(theirs))] {
            let line = all[at].lines.entry(line).or_default();
            line.0.extend(value.map(|value| (x, value)));
        }
    }
    all
}

impl Line {
    /// The slope of the least-squares line through the points: nanoseconds per message for one more of the size. `None` for fewer than
    /// two sizes.
    ///
    /// ```
    /// use mycelium_benches::curves::Line;
    /// use mycelium_benches::pairs::Unit;
    ///
    /// let line = Line(vec![(1.0, 12.0), (4.0, 18.0), (16.0, 42.0)]);
    /// assert_eq!(line.slope(Unit::Nanoseconds), Some(2.0));
    /// assert_eq!(Line(vec![(1.0, 500.0), (3.0, 100.0)]).slope(Unit::MillionsPerSecond), Some(4.0));
    /// ```
    pub fn slope(&self, unit: Unit) -> Option<f64> {
        let cost = |value: f64| match unit {
            Unit::Nanoseconds => value,
            Unit::MillionsPerSecond => 1e3 / value,
        };
        let count = self.0.len() as f64;
        let mean_x = self.0.iter().map(|point| point.0).sum::<f64>() / count;
        let mean_y = self.0.iter().map(|point| cost(point.1)).sum::<f64>() / count;
        let spread: f64 = self.0.iter().map(|point| (point.0 - mean_x).powi(2)).sum();
        let both: f64 = self.0.iter().map(|point| (point.0 - mean_x) * (cost(point.1) - mean_y)).sum();
        (spread > 0.0).then(|| both / spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::{Goal, Pair};
    use crate::samples::Samples;

    #[test]
    fn points_of_one_plot_become_a_line_each_for_us_and_for_every_peer() {
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
        let points = [point("broadcast", 1.0), point("broadcast", 64.0), point("dyn", 64.0)];
        let all = curves(&points);
        assert_eq!((all.len(), all[0].title, all[0].name), (1, "cost by handlers", "handlers"));
        assert_eq!(all[0].lines["broadcast"].0, [(1.0, 9.0), (64.0, 576.0)]);
        assert_eq!(all[0].lines["ours"].0, [(1.0, 1.0), (64.0, 64.0), (64.0, 64.0)]);
        assert_eq!(all[0].lines["dyn"].slope(Unit::Nanoseconds), None, "one size has no slope");
    }
}
