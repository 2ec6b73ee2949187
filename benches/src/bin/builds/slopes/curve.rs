//! The times of one kind in one checkout, and the lines that are printed for them.

use std::fmt;

use mycelium_benches::samples::Spread;

use super::kind::Size;

/// The times of one kind in one checkout, from small to large.
pub(super) struct Curve {
    name: String,
    points: Vec<Point>,
    /// Where and why it ended before the largest size.
    end: Option<(Size, String)>,
}

/// The times at one size, in seconds.
struct Point {
    size: Size,
    times: Vec<f64>,
}

impl Curve {
    pub(super) fn new(name: String) -> Self {
        Self { name, points: Vec::new(), end: None }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    pub(super) fn push(&mut self, size: Size, seconds: f64) {
        match self.points.last_mut() {
            Some(point) if point.size == size => point.times.push(seconds),
            _ => self.points.push(Point { size, times: vec![seconds] }),
        }
    }

    /// Ends the curve: what was measured at this size does not count.
    pub(super) fn end(&mut self, size: Size, why: impl Into<String>) {
        self.points.retain(|point| point.size != size);
        self.end = Some((size, why.into()));
    }

    /// The slope of the least-squares line through the logarithms of sizes and times; `None` for fewer than two sizes.
    fn slope(&self) -> Option<f64> {
        let logarithms = |point: &Point| Some((point.size.extent().ln(), point.median()?.ln()));
        let points: Vec<(f64, f64)> = self.points.iter().filter_map(logarithms).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
        let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
        let spread: f64 = points.iter().map(|point| (point.0 - mean_x).powi(2)).sum();
        let both: f64 = points.iter().map(|point| (point.0 - mean_x) * (point.1 - mean_y)).sum();
        (spread > 0.0).then(|| both / spread)
    }

    /// The median of the ratios of each turn at this size; `None` unless both have times there.
    pub(super) fn ratio(&self, other: &Self, size: Size) -> Option<f64> {
        let times = |curve: &Self| Some(curve.points.iter().find(|point| point.size == size)?.times.clone());
        let pairs = times(self)?.into_iter().zip(times(other)?);
        Spread::of(pairs.map(|(ours, theirs)| ours / theirs)).map(|spread| spread.median)
    }

    /// Why there is no time at this size, if it should have been measured.
    fn missing(&self, size: Size) -> Option<String> {
        let (end, why) = self.end.as_ref()?;
        (end.extent() <= size.extent()).then(|| format!("{} {why} at {end}", self.name))
    }

    /// The line with the ratio of these times to those of another at one size.
    pub(super) fn beside(&self, other: &Self, size: Size) -> String {
        let name = format!("{}-{size}", self.name);
        match self.ratio(other, size) {
            Some(ratio) => format!("ratio {name} {ratio:.2}"),
            None => {
                let why: Vec<String> = [self, other].iter().filter_map(|curve| curve.missing(size)).collect();
                format!("ratio {name} - ({})", why.join(", "))
            }
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |point: &Point| point.median().map(|median| format!("{median:.2} s at {}", point.size));
        let mut parts: Vec<String> = self.points.iter().filter_map(time).collect();
        parts.extend(self.end.iter().map(|(size, why)| format!("{why} at {size}")));
        let slope = self.slope().map_or("-".to_owned(), |slope| format!("{slope:.2}"));
        write!(f, "slope {} {slope} ({})", self.name, parts.join(", "))
    }
}

impl Point {
    fn median(&self) -> Option<f64> {
        Spread::of(self.times.iter().copied()).map(|spread| spread.median)
    }
}

#[cfg(test)]
mod tests {
    use super::super::kind::Kind;
    use super::*;

    fn curve(name: &str, times: &[(Size, &[f64])]) -> Curve {
        let mut curve = Curve::new(name.to_owned());
        for (size, times) in times {
            times.iter().for_each(|&time| curve.push(*size, time));
        }
        curve
    }

    fn sizes(kind: Kind) -> Vec<Size> {
        kind.sizes(false, None)
    }

    #[test]
    fn the_slope_of_medians_is_one_where_time_doubles_with_the_size_and_two_where_it_quadruples() {
        let at = sizes(Kind::Services);
        let linear = curve("services", &[(at[0], &[1.0, 9.0, 0.1]), (at[1], &[2.0]), (at[2], &[4.0])]);
        assert_eq!(linear.to_string(), "slope services 1.00 (1.00 s at 25, 2.00 s at 50, 4.00 s at 100)");
        let quadratic = curve("services", &[(at[0], &[1.0]), (at[1], &[4.0]), (at[2], &[16.0])]);
        assert!(quadratic.to_string().starts_with("slope services 2.00 "), "{quadratic}");
    }

    #[test]
    fn the_slope_of_all_to_all_is_over_messages_times_services() {
        let at = sizes(Kind::AllToAll);
        let curve = curve("all-to-all", &[(at[0], &[7.2]), (at[3], &[30.0])]);
        assert_eq!(curve.to_string(), "slope all-to-all 1.00 (7.20 s at 60x12, 30.00 s at 300x10)");
    }

    #[test]
    fn a_curve_that_ended_early_tells_why_and_has_no_slope_of_one_size() {
        let at = sizes(Kind::Lanes);
        let mut curve = curve("lanes", &[(at[0], &[1.0]), (at[1], &[4.0])]);
        curve.end(at[1], "stopped after 5 s");
        assert_eq!(curve.to_string(), "slope lanes - (1.00 s at 12, stopped after 5 s at 24)");
    }

    #[test]
    fn ratios_are_of_each_turn() {
        let at = sizes(Kind::Lanes);
        let ours = curve("lanes", &[(at[0], &[1.0, 2.0, 3.0])]);
        let mut theirs = curve("lanes-beside", &[(at[0], &[2.0, 20.0, 6.0])]);
        theirs.end(at[1], "stopped after 5 s");
        assert_eq!(ours.beside(&theirs, at[0]), "ratio lanes-12 0.50");
        assert_eq!(ours.beside(&theirs, at[1]), "ratio lanes-24 - (lanes-beside stopped after 5 s at 24)");
        assert_eq!(ours.beside(&theirs, at[3]), "ratio lanes-48 - (lanes-beside stopped after 5 s at 24)");
    }
}
