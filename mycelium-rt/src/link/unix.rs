//! Unix sockets: paths that heal, modes, and who the peer is.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, fchmod, flock};
use rustix::io::Errno;
use rustix::net::sockopt::socket_peercred;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket_with};

use super::{LinkError, Users};
use crate::time::after;

/// How long to wait for another process that is binding the same path.
const LOCK_DEADLINE: Duration = Duration::from_secs(5);

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);
const OURS_ALONE: Mode = Mode::RUSR.union(Mode::WUSR);

/// A listening socket of mode 0600, whose path goes away with it.
#[derive(Debug)]
pub(crate) struct UnixListener {
    // Dropped before the socket is closed: as long as it listens, nobody takes the path for a stale one.
    _path: BoundPath,
    socket: OwnedFd,
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
        let _lock = PathLock::acquire(path).map_err(|e| failed("lock", e))?;
        let address = SocketAddrUnix::new(path).map_err(|e| failed("bind", e.into()))?;
        let socket = socket_with(AddressFamily::UNIX, kind, FLAGS, None).map_err(|e| failed("open", e.into()))?;
        // Before the bind, so that the path has this mode from its first moment on.
        fchmod(&socket, OURS_ALONE).map_err(|e| failed("restrict", e.into()))?;
        match bind(&socket, &address) {
            Err(Errno::ADDRINUSE) => {
                if !is_stale(path, &address, kind).map_err(|e| failed("probe", e))? {
                    return Err(LinkError::InUse { path: path.to_owned() });
                }
                fs::remove_file(path).map_err(|e| failed("remove", e))?;
                tracing::info!(path = %path.display(), "removed a stale socket");
                bind(&socket, &address).map_err(|e| failed("bind", e.into()))?;
            }
            other => other.map_err(|e| failed("bind", e.into()))?,
        }
        let made = fs::symlink_metadata(path).map_err(|e| failed("inspect", e))?;
        let bound = BoundPath { path: path.to_owned(), device: made.dev(), inode: made.ino() };
        listen(&socket, backlog).map_err(|e| failed("listen on", e.into()))?;
        Ok(Self { _path: bound, socket })
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
            // A path that stays is healed by whoever binds it next.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A socket that is connected, or refused at once: Unix sockets have no state between.
pub(crate) fn dial(path: &Path, kind: SocketType) -> io::Result<OwnedFd> {
    let socket = socket_with(AddressFamily::UNIX, kind, FLAGS, None)?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket)
}

/// Whether the process at the other end runs as an allowed user. The kernel remembers who connected, or who called listen.
pub(crate) fn is_allowed(socket: impl AsFd, users: &Users) -> io::Result<bool> {
    let uid = socket_peercred(socket)?.uid.as_raw();
    Ok(match users {
        Users::Same => uid == rustix::process::geteuid().as_raw(),
        Users::Ids(allowed) => allowed.contains(&uid),
    })
}

/// Whether a path that exists is a socket that nobody listens at.
fn is_stale(path: &Path, address: &SocketAddrUnix, kind: SocketType) -> io::Result<bool> {
    // The kernel refuses connections to ordinary files as well, and those are not ours to remove.
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Ok(false);
    }
    let probe = socket_with(AddressFamily::UNIX, kind, FLAGS, None)?;
    Ok(connect(&probe, address) == Err(Errno::CONNREFUSED))
}

/// The right to bind one path: a lock on `<path>.lock`, a file that exists no longer than the lock.
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
                // The holder before us has removed the file that we locked; another may hold the one there now.
                Ok(()) | Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for PathLock {
    fn drop(&mut self) {
        // Still locked here, so nobody else can believe to hold it.
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
