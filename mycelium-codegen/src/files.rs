//! Files from untrusted paths: each is read completely or not at all, and never beyond a limit.
//!
//! A path can point to a device that never ends, to a FIFO that waits for a writer, or to a file that grows while it is read. So only
//! regular files are opened, since opening a device can have an effect. The check is repeated on the open file, since the path may point
//! to another file by then, and opening never blocks. Reading stops at the limit, whatever the length of the file claims to be.

use std::fs::{File, FileType, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if it is not a regular file, [`ErrorKind::FileTooLarge`] if it is larger than the limit, or the error of
/// reading it.
pub fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    expect_regular(&std::fs::metadata(path)?)?;
    read_opened(path, limit)
}

/// Opens and reads a file that may have been replaced since it was checked.
fn read_opened(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let metadata = file.metadata()?;
    expect_regular(&metadata)?;
    if metadata.len() > limit as u64 {
        return Err(too_large(limit));
    }
    read_bounded(file, limit)
}

/// Opens a file for reading. Opening a FIFO does not wait for a writer.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // The flags have no effect on a regular file.
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    options.open(path)
}

/// The same for text.
pub fn read_text(path: &Path, limit: usize) -> io::Result<String> {
    String::from_utf8(read(path, limit)?).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Reads until the end, if that is at most `limit` bytes.
pub fn read_bounded(from: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

/// Whether a regular file holds exactly these bytes. A file that can't be read does not.
pub fn holds(path: &Path, bytes: &[u8]) -> bool {
    read(path, bytes.len()).is_ok_and(|present| present == bytes)
}

/// Writes a file. The path must be new, a regular file, or a character device such as `/dev/null`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if it is a directory, a FIFO, a socket or a block device, or the error of writing it.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() || kind(metadata.file_type()) == CHARACTER_DEVICE => {}
        Ok(metadata) => expect_regular(&metadata)?,
        // Writing creates it, or reports what is wrong.
        Err(_) => {}
    }
    std::fs::write(path, bytes)
}

fn expect_regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let text = format!("it is {}, not a regular file", kind(metadata.file_type()));
    Err(io::Error::new(ErrorKind::InvalidInput, text))
}

fn too_large(limit: usize) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"))
}

const CHARACTER_DEVICE: &str = "a character device";

/// The type of a file, with its article.
fn kind(of: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if of.is_fifo() {
            return "a FIFO";
        } else if of.is_socket() {
            return "a socket";
        } else if of.is_char_device() {
            return CHARACTER_DEVICE;
        } else if of.is_block_device() {
            return "a block device";
        }
    }
    if of.is_dir() { "a directory" } else { "something else" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that never ends.
    struct Endless;

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer.fill(b'a');
            Ok(buffer.len())
        }
    }

    #[test]
    fn no_more_is_read_than_was_asked_for() {
        assert_eq!(read_bounded(&b"abc"[..], 3).unwrap(), b"abc");
        assert_eq!(read_bounded(&b"abc"[..], 2).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read_bounded(Endless, 1 << 20).unwrap_err().to_string(), "it has more than 1048576 bytes");
    }

    /// As if the path had become a FIFO after it was looked at.
    #[cfg(unix)]
    #[test]
    fn opening_waits_for_nobody() {
        let path = std::env::temp_dir().join(format!("mycelium-files-fifo-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (done, ended) = std::sync::mpsc::channel();
        let opened = path.clone();
        std::thread::spawn(move || done.send(read_opened(&opened, 10).map_err(|error| error.to_string())));
        let found = ended.recv_timeout(std::time::Duration::from_secs(20));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(found, Ok(Err("it is a FIFO, not a regular file".to_owned())));
    }

    #[test]
    fn what_is_no_regular_file_is_named() {
        let error = |path: &str| read(Path::new(path), 10).unwrap_err().to_string();
        assert_eq!(error("/"), "it is a directory, not a regular file");
        if cfg!(target_os = "linux") {
            assert_eq!(error("/dev/zero"), "it is a character device, not a regular file");
        }
    }
}
