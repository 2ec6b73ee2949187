//! Unix sockets: stale paths that are taken over, modes, and errors that say what is in the way.
//!
//! A process that is killed leaves its path behind. So binding must remove a stale path, but never one that is in use:
//!
//! 1. Only the holder of a lock on `<path>.lock` probes, removes, binds and listens, so no two processes decide at the same time.
//! 2. It removes a socket only if a connection to it is refused: then no process listens there. A listener that ends removes its path
//!    before it stops listening, so its path is never taken for a stale one while it may still remove it.
//! 3. A listener removes its path only if that still leads to the inode that it has bound.
//!
//! The test `one_of_many_that_bind_a_stale_path_at_once_wins` holds it to that.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, connect, listen};

use crate::link::LinkError;
use crate::sys::{self, AsFd, BorrowedFd, Descriptor, OwnedFd};
use crate::time::after;

/// How long to wait for another process that is binding the same path.
const LOCK_DEADLINE: Duration = Duration::from_secs(5);

const OWNER_ONLY: Mode = Mode::RUSR.union(Mode::WUSR);

/// A listening socket of mode 0600, whose path is removed with it.
#[derive(Debug)]
pub(crate) struct UnixListener {
    // Dropped before the socket is closed: as long as it listens, nobody takes the path for a stale one.
    _path: BoundPath,
    socket: Descriptor,
}

#[derive(Debug)]
struct BoundPath {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl UnixListener {
    /// Binds `path` and listens. A path that a dead process left behind is taken over; one that is in use is not.
    pub(crate) fn bind(link: &str, path: &Path, kind: SocketType, backlog: i32) -> Result<Self, LinkError> {
        let failed = |action, source: io::Error| {
            let (link, address) = (link.to_owned(), path.display().to_string());
            LinkError::Io { link, action, address, source }
        };
        let unfit = |reason: String| LinkError::Path { link: link.to_owned(), path: path.to_owned(), reason };
        let _lock = PathLock::acquire(path).map_err(|error| match why_no_file(path, &error) {
            Some(reason) => unfit(reason),
            None => failed("lock", error),
        })?;
        let address = SocketAddrUnix::new(path).map_err(|e| failed("bind", e.into()))?;
        let socket = sys::socket(AddressFamily::UNIX, kind, None).map_err(|e| failed("open", e.into()))?;
        // Before the bind, so that the path has this mode from the first moment.
        #[cfg(target_os = "linux")]
        rustix::fs::fchmod(&socket, OWNER_ONLY).map_err(|e| failed("restrict", e.into()))?;
        match bind(&socket, &address) {
            Err(Errno::ADDRINUSE) => {
                match inspect_existing(path, &address, kind).map_err(|e| failed("probe", e))? {
                    Existing::Stale => {}
                    Existing::InUse => return Err(LinkError::InUse { path: path.to_owned() }),
                    Existing::Unfit(reason) => return Err(unfit(reason)),
                }
                fs::remove_file(path).map_err(|e| failed("remove", e))?;
                tracing::info!(path = %path.display(), "removed a stale socket");
                bind(&socket, &address).map_err(|e| failed("bind", e.into()))?;
            }
            other => other.map_err(|e| failed("bind", e.into()))?,
        }
        // Other systems restrict only paths. Nobody can connect there before the socket listens.
        #[cfg(not(target_os = "linux"))]
        rustix::fs::chmod(path, OWNER_ONLY).map_err(|e| failed("restrict", e.into()))?;
        let made = fs::symlink_metadata(path).map_err(|e| failed("inspect", e))?;
        let bound = BoundPath { path: path.to_owned(), device: made.dev(), inode: made.ino() };
        listen(&socket, backlog).map_err(|e| failed("listen on", e.into()))?;
        Ok(Self { _path: bound, socket: sys::shared(socket) })
    }
}

#[cfg(feature = "net")]
impl UnixListener {
    pub(super) fn descriptor(&self) -> &Descriptor {
        &self.socket
    }
}

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for BoundPath {
    fn drop(&mut self) {
        let ours = |it: &fs::Metadata| it.dev() == self.device && it.ino() == self.inode;
        if fs::symlink_metadata(&self.path).is_ok_and(|it| ours(&it)) {
            // A path that stays is taken over by the next process that binds it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A connected socket, or an error at once: connecting a Unix socket has no intermediate state.
///
/// # Errors
/// The kernel's error, with its meaning here.
pub(crate) fn dial(path: &Path, kind: SocketType) -> io::Result<OwnedFd> {
    let socket = sys::socket(AddressFamily::UNIX, kind, None)?;
    match connect(&socket, &SocketAddrUnix::new(path)?) {
        Ok(()) => Ok(socket),
        Err(error) => Err(explained(path, error)),
    }
}

/// Why nothing could be reached at `path`.
#[cold]
fn explained(path: &Path, error: Errno) -> io::Error {
    let found = fs::symlink_metadata(path).map(|found| found.file_type());
    let meaning = match error {
        Errno::NOENT => "no input has bound the path",
        Errno::ACCESS | Errno::PERM => {
            "this user may not connect there: an input's socket is for the user that it runs as"
        }
        Errno::CONNREFUSED if found.is_ok_and(|found| !found.is_socket()) => "what is there is not a socket",
        Errno::CONNREFUSED => "the process that had bound the path is gone",
        Errno::PROTOTYPE => "the socket there is of another kind: `shm` at one end and `unix` at the other",
        Errno::AGAIN => "the input accepts no connections at the moment",
        error => return error.into(),
    };
    let error = io::Error::from(error);
    io::Error::new(error.kind(), format!("{error}: {meaning}"))
}

/// What is at an existing path.
enum Existing {
    /// A socket that nobody listens at.
    Stale,
    /// A socket that a process listens at.
    InUse,
    /// Something else, which this process must not remove.
    Unfit(String),
}

fn inspect_existing(path: &Path, address: &SocketAddrUnix, kind: SocketType) -> io::Result<Existing> {
    let there = fs::symlink_metadata(path)?;
    // The kernel refuses connections to ordinary files as well.
    if !there.file_type().is_socket() {
        let what = kind_of(there.file_type());
        return Ok(Existing::Unfit(format!("{what} is there, not a socket: remove it, or choose another path")));
    }
    let probe = sys::socket(AddressFamily::UNIX, kind, None)?;
    Ok(match connect(&probe, address) {
        Err(Errno::CONNREFUSED) => Existing::Stale,
        Err(Errno::ACCESS | Errno::PERM) => Existing::Unfit(format!(
            "a socket of user {} is there, which this user may not connect to: remove it, or choose another path",
            there.uid()
        )),
        _ => Existing::InUse,
    })
}

fn kind_of(found: fs::FileType) -> &'static str {
    match found {
        found if found.is_file() => "a regular file",
        found if found.is_dir() => "a directory",
        found if found.is_symlink() => "a symbolic link",
        _ => "a special file",
    }
}

/// Why no file can be created beside the socket, if that is the reason.
fn why_no_file(socket: &Path, error: &io::Error) -> Option<String> {
    let folder = match socket.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = folder.display();
    match error.kind() {
        io::ErrorKind::NotFound => Some(format!("there is no directory `{name}`: create it first")),
        io::ErrorKind::NotADirectory => Some(format!("`{name}` is not a directory")),
        io::ErrorKind::PermissionDenied => {
            Some(format!("this user may not create files in `{name}`: change its mode or owner"))
        }
        io::ErrorKind::ReadOnlyFilesystem => Some(format!("`{name}` is on a read-only file system")),
        _ => None,
    }
}

/// The right to bind one path: a lock on `<path>.lock`, a file that exists only as long as the lock.
struct PathLock {
    path: PathBuf,
    _file: fs::File,
}

impl PathLock {
    fn acquire(socket: &Path) -> io::Result<Self> {
        let mut path = socket.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let deadline = after(LOCK_DEADLINE);
        loop {
            let file = open_lock(&path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) if is_at(&file, &path)? => return Ok(Self { path, _file: file }),
                // The previous holder has removed the file that we locked; another process may hold the one that is there
                // now.
                Ok(()) | Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for PathLock {
    fn drop(&mut self) {
        // It is still locked here, so no other process can believe that it holds the lock.
        let _ = fs::remove_file(&self.path);
    }
}

fn is_at(file: &fs::File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(there.dev() == ours.dev() && there.ino() == ours.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn open_lock(path: &Path) -> io::Result<fs::File> {
    // Never through a link that somebody else put there.
    let flags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits();
    fs::File::options().create(true).truncate(false).write(true).mode(0o600).custom_flags(flags as i32).open(path)
}
