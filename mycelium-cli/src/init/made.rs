//! The files and folders that were created so far, to be deleted if a later step fails.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::output::{Result, failure};

/// Files and folders in the order of their creation. Dropping it deletes them, unless they are kept.
#[derive(Debug, Default)]
pub(super) struct Made {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Made {
    /// Creates a folder, and its missing parents.
    pub(super) fn folder(&mut self, path: &Path) -> Result<()> {
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && fs::metadata(path).is_err();
        let mut missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
        while let Some(path) = missing.pop() {
            match fs::create_dir(path) {
                Ok(()) => self.folders.push(path.to_owned()),
                // Such as `new/..`, once `new` is there.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
                Err(error) => return Err(failure(format_args!("can't create `{}`: {error}", path.display()))),
            }
        }
        Ok(())
    }

    /// Creates a file. It never overwrites one.
    pub(super) fn file(&mut self, path: &Path, text: &str) -> Result<()> {
        let cannot = |error| failure(format_args!("can't write `{}`: {error}", path.display()));
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(cannot)?;
        self.files.push(path.to_owned());
        file.write_all(text.as_bytes()).map_err(cannot)
    }

    /// Rewrites a file that was created.
    pub(super) fn rewrite(&mut self, path: &Path, text: &str) -> Result<()> {
        fs::write(path, text).map_err(|error| failure(format_args!("can't write `{}`: {error}", path.display())))
    }

    /// Keeps everything.
    pub(super) fn keep(mut self) {
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // A folder that can't be deleted contains files that somebody else created meanwhile.
        for path in self.files.drain(..).rev() {
            let _ = fs::remove_file(path);
        }
        for path in self.folders.drain(..).rev() {
            let _ = fs::remove_dir(path);
        }
    }
}
