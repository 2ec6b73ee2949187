//! What links take from the system, and must return.

use std::fmt;
use std::path::Path;

/// What this process holds.
pub(crate) struct Holdings {
    descriptors: usize,
    mappings: usize,
    files: usize,
}

impl Holdings {
    /// Now, and in `directory`. The progress of children is there on purpose.
    pub(crate) fn now(directory: &Path) -> Self {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs");
        let files = std::fs::read_dir(directory).expect("our directory");
        let names = files.map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned());
        Self {
            descriptors: std::fs::read_dir("/proc/self/fd").expect("procfs").count(),
            mappings: maps.lines().filter(|line| line.contains("memfd:")).count(),
            files: names.filter(|name| !name.starts_with("progress-")).inspect(|name| println!("left: {name}")).count(),
        }
    }

    pub(crate) fn beyond(&self, before: &Self) -> Self {
        Self {
            descriptors: self.descriptors.saturating_sub(before.descriptors),
            mappings: self.mappings.saturating_sub(before.mappings),
            files: self.files.saturating_sub(before.files),
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        (self.descriptors, self.mappings, self.files) == (0, 0, 0)
    }
}

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "descriptors {}, mappings {}, files {}", self.descriptors, self.mappings, self.files)
    }
}
