//! Statistics of many figures.

/// The median and the range of some figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Half of the figures are below.
    pub median: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Spread {
    /// From these figures; `None` if there are none.
    ///
    /// ```
    /// use mycelium_benches::samples::Spread;
    ///
    /// let spread = Spread::of([3.0, 1.0, 2.0, 10.0]).unwrap();
    /// assert_eq!((spread.median, spread.low, spread.high), (2.5, 1.0, 10.0));
    /// ```
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            (sorted.get(middle - 1)? + sorted.get(middle)?) / 2.0
        } else {
            *sorted.get(middle)?
        };
        Some(Self { median, low, high })
    }
}

/// Times of one kind, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    sorted: Vec<f32>,
}

impl Samples {
    /// From these times, in any order.
    pub fn new(mut times: Vec<f32>) -> Self {
        times.sort_by(f32::total_cmp);
        Self { sorted: times }
    }

    /// The time that `share` (0 to 1) of the samples do not exceed; `None` if fewer than a hundred samples exceed it.
    ///
    /// ```
    /// use mycelium_benches::samples::Samples;
    ///
    /// let samples = Samples::new((0..100_000).map(|n| n as f32).collect());
    /// assert_eq!(samples.percentile(0.5), Some(50_000.0));
    /// assert_eq!(samples.percentile(0.999), Some(99_900.0));
    /// assert_eq!(samples.percentile(0.9999), None);
    /// ```
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let at = (self.sorted.len() as f64 * share) as usize;
        if self.sorted.len() - at.min(self.sorted.len()) < 100 {
            return None;
        }
        self.sorted.get(at).map(|&time| f64::from(time))
    }

    /// The median, of any number of samples.
    pub fn median(&self) -> f64 {
        self.sorted.get(self.sorted.len() / 2).map_or(f64::NAN, |&time| f64::from(time))
    }

    /// Adds other samples.
    pub fn merge(&mut self, other: &Self) {
        self.sorted.extend_from_slice(&other.sorted);
        self.sorted.sort_by(f32::total_cmp);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }
}
