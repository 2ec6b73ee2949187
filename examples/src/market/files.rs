//! The two files that a run reads.

use std::fs::File;
use std::path::{Path, PathBuf};

use contracts::{Bar, Index};

use super::input::{self, ReadError, Rows};

/// The file of each index.
#[derive(Debug, Clone, PartialEq)]
pub struct Files {
    /// Daily bars of the S&P 500.
    pub sp500: PathBuf,
    /// Daily bars of the NASDAQ Composite.
    pub nasdaq: PathBuf,
}

/// The example's data.
impl Default for Files {
    fn default() -> Self {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        Self { sp500: data.join("sp500.csv"), nasdaq: data.join("nasdaq.csv") }
    }
}

/// A file that could not be read at all.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct FileError {
    path: PathBuf,
    source: ReadError,
}

impl Files {
    /// All good rows of both files, by day, and the number of bad ones. `report` receives each bad row as text, with its file and line.
    ///
    /// # Errors
    /// The first file that cannot be read.
    pub fn read(&self, mut report: impl FnMut(&str)) -> Result<(Vec<Bar>, usize), FileError> {
        let sp500 = read(Index::Sp500, &self.sp500)?;
        let nasdaq = read(Index::Nasdaq, &self.nasdaq)?;
        for (path, rows) in [(&self.sp500, &sp500), (&self.nasdaq, &nasdaq)] {
            for row in &rows.rejected {
                report(&format!("{}: {row}", path.display()));
            }
        }
        Ok((input::merge(&sp500.bars, &nasdaq.bars), sp500.rejected.len() + nasdaq.rejected.len()))
    }
}

fn read(index: Index, path: &Path) -> Result<Rows, FileError> {
    File::open(path)
        .map_err(|error| csv::Error::from(error).into())
        .and_then(|file| input::read(index, file))
        .map_err(|source| FileError { path: path.to_owned(), source })
}
