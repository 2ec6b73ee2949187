//! One value for each of the two indices.

use contracts::Index;

/// A value per index, found without a bounds check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerIndex<T> {
    /// The value for the S&P 500.
    pub sp500: T,
    /// The value for the NASDAQ Composite.
    pub nasdaq: T,
}

impl<T> PerIndex<T> {
    /// The value that belongs to `index`.
    #[inline]
    pub fn get(&self, index: Index) -> &T {
        match index {
            Index::Sp500 => &self.sp500,
            Index::Nasdaq => &self.nasdaq,
        }
    }

    /// The value that belongs to `index`, to change it.
    #[inline]
    pub fn get_mut(&mut self, index: Index) -> &mut T {
        match index {
            Index::Sp500 => &mut self.sp500,
            Index::Nasdaq => &mut self.nasdaq,
        }
    }
}
