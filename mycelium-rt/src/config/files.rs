//! Reading the files of a configuration: bounded, and without blocking.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::Path;

use crate::sys::without_waiting;

/// The maximum size of a file in bytes: larger than any list of addresses or chain of certificates.
const MAX: u64 = 1 << 20;

/// The bytes of a regular file.
///
/// # Errors
/// Those of the system; if the file is larger than 1 MiB, or not a regular file: a device may have no end.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Without the flag, opening a FIFO would block until its other end is opened.
    let file = without_waiting(OpenOptions::new().read(true)).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(MAX + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 MiB")),
        false => Ok(bytes),
    }
}

/// The text of a regular file.
///
/// # Errors
/// As for [`read`]; if the bytes are not UTF-8.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    #[test]
    fn only_regular_files_of_a_bounded_size_are_read() {
        let folder = std::env::temp_dir().join(format!("mycelium-files-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let (fifo, large, fine) = (folder.join("fifo"), folder.join("large"), folder.join("fine"));
        mkfifoat(CWD, &fifo, Mode::RUSR | Mode::WUSR).unwrap();
        fs::write(&large, vec![b'#'; MAX as usize + 1]).unwrap();
        fs::write(&fine, vec![b'#'; MAX as usize]).unwrap();
        let refused = |path: &Path| read_text(path).unwrap_err().to_string();
        assert_eq!(refused(Path::new("/dev/zero")), "not a regular file");
        assert_eq!(refused(&fifo), "not a regular file");
        assert_eq!(refused(&folder), "not a regular file");
        assert_eq!(refused(&large), "larger than 1 MiB");
        assert_eq!(read(&fine).map(|bytes| bytes.len() as u64).ok(), Some(MAX));
        fs::remove_dir_all(&folder).unwrap();
    }
}
