//! The progress of a process, in a file that outlives it.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A few numbers that are written as they change, and read after the process was killed.
pub(crate) struct Progress(File);

impl Progress {
    /// For the process that makes progress.
    pub(crate) fn create(path: &Path) -> Self {
        Self(File::create(path).expect("a file for the progress"))
    }

    /// A single write, so that a reader sees all of the numbers or none.
    pub(crate) fn write<const N: usize>(&self, numbers: [u64; N]) {
        let bytes = numbers.map(u64::to_le_bytes);
        self.0.write_all_at(bytes.as_flattened(), 0).expect("a file that can be written");
    }

    /// What the process at `path` wrote last; zeros if it wrote nothing.
    pub(crate) fn read<const N: usize>(path: &Path) -> [u64; N] {
        let bytes = std::fs::read(path).unwrap_or_default();
        let number = |at: usize| bytes.get(8 * at..8 * at + 8).and_then(|it| it.try_into().ok());
        std::array::from_fn(|at| number(at).map_or(0, u64::from_le_bytes))
    }
}
