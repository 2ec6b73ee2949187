//! Who is at the other end of a Unix socket, according to the kernel.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
#[cfg(all(target_os = "linux", feature = "shm"))]
use std::os::fd::{FromRawFd, OwnedFd};

/// The user of the process that connected, or that called `listen`.
///
/// The kernel returns a process id as well. It is 0 for a process of another PID namespace, such as one in a container. It is not used here;
/// never store it in a type that cannot hold 0.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn user_of(socket: impl AsFd) -> io::Result<u32> {
    let mut peer = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut len = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the descriptor is open, and the kernel writes at most `len` bytes to `peer`, all of whose fields are plain integers.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut len,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // Without a peer the kernel returns the largest number.
    if len as usize != size_of::<libc::ucred>() || peer.uid == u32::MAX {
        return Err(io::ErrorKind::NotConnected.into());
    }
    Ok(peer.uid)
}

/// The user of the process that connected, or that called `listen`.
#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
pub(crate) fn user_of(socket: impl AsFd) -> io::Result<u32> {
    let (mut user, mut group) = (0, 0);
    // SAFETY: the descriptor is open, and the kernel writes one integer to each of the two.
    let result = unsafe { libc::getpeereid(socket.as_fd().as_raw_fd(), &raw mut user, &raw mut group) };
    if result == 0 { Ok(user) } else { Err(io::Error::last_os_error()) }
}

/// The user that this process runs as.
pub(crate) fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A descriptor of that process, if the kernel supports it. It becomes readable when the process ends.
#[cfg(all(target_os = "linux", feature = "shm", not(all(test, mycelium_loom))))]
pub(crate) fn process_of(socket: &OwnedFd) -> Option<OwnedFd> {
    let mut descriptor: libc::c_int = -1;
    let mut len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the socket is open, and the kernel writes at most `len` bytes to `descriptor`.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERPIDFD,
            (&raw mut descriptor).cast(),
            &raw mut len,
        )
    };
    // SAFETY: on success the kernel has opened a descriptor that has no other owner. It is closed on exec.
    (result == 0 && descriptor >= 0).then(|| unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn the_user_of_a_peer_is_known() {
        let (one, other) = UnixStream::pair().unwrap();
        let user = rustix::process::geteuid().as_raw();
        assert_eq!((user_of(&one).unwrap(), user_of(&other).unwrap()), (user, user));
    }

    #[test]
    fn a_socket_without_a_peer_has_no_user() {
        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(user_of(&file).is_err());
        let unconnected = rustix::net::socket(rustix::net::AddressFamily::UNIX, rustix::net::SocketType::STREAM, None);
        assert!(user_of(unconnected.unwrap()).is_err());
        if !cfg!(target_os = "linux") {
            return;
        }
        // There a listening socket is its own peer.
        let path = std::env::temp_dir().join(format!("mycelium-credentials-{}", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(user_of(&listener).unwrap(), rustix::process::geteuid().as_raw());
    }
}
