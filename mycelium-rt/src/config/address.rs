//! The address that a link connects to or an input binds to.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use super::ConfigError;

/// The longest path of a Unix socket in bytes: a limit of the kernel. Elsewhere it is that of macOS and the BSDs.
const MAX_UNIX_PATH: usize = if cfg!(all(target_os = "linux", not(mycelium_portable))) { 107 } else { 103 };

/// The systems with that limit, in words.
const MAX_UNIX_PATH_ON: &str =
    if cfg!(all(target_os = "linux", not(mycelium_portable))) { "Linux" } else { "systems other than Linux" };

/// The address of a link or an input, with its kind of transport.
///
/// ```
/// use mycelium_rt::link::Address;
///
/// const FEED: Address = Address::unix("/run/mycelium/feed.sock");
/// assert_eq!(FEED.to_string(), "unix:/run/mycelium/feed.sock");
/// assert!(Address::tcp("127.0.0.1:7402").with_text("the test", "localhost:7403").is_ok());
/// assert!(Address::tcp("127.0.0.1:7402").with_text("the test", "7403").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// The path of a Unix stream socket.
    Unix(Cow<'static, str>),
    /// `host:port`. A host name is resolved once, when the link is opened.
    Tcp(Cow<'static, str>),
    /// The path of the control socket of a shared-memory link.
    Shm(Cow<'static, str>),
    /// Another kind, and the text that its transport parses.
    #[doc(hidden)]
    Other(&'static str, Cow<'static, str>),
}

impl Address {
    /// The address of a link of this kind: `unix`, `tcp`, `shm`, or the name of another transport, which parses the text.
    pub const fn new(kind: &'static str, text: &'static str) -> Self {
        match kind.as_bytes() {
            b"unix" => Self::unix(text),
            b"tcp" => Self::tcp(text),
            b"shm" => Self::shm(text),
            _ => Self::Other(kind, Cow::Borrowed(text)),
        }
    }

    /// The address of a Unix socket.
    pub const fn unix(path: &'static str) -> Self {
        Self::Unix(Cow::Borrowed(path))
    }

    /// A TCP address, `host:port`.
    pub const fn tcp(address: &'static str) -> Self {
        Self::Tcp(Cow::Borrowed(address))
    }

    /// The address of a shared-memory link.
    pub const fn shm(path: &'static str) -> Self {
        Self::Shm(Cow::Borrowed(path))
    }

    /// The kind of the address: `unix`, `tcp`, `shm`, or the name of another transport.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
            Self::Shm(_) => "shm",
            Self::Other(kind, _) => kind,
        }
    }

    /// The path, or `host:port`.
    pub fn text(&self) -> &str {
        match self {
            Self::Unix(text) | Self::Tcp(text) | Self::Shm(text) | Self::Other(_, text) => text,
        }
    }

    /// Another address of the same kind, for example from a deployment; `origin` says where `text` comes from. The text may begin with the
    /// kind (`tcp:127.0.0.1:7402`), but cannot change it: the kind is compiled into the program.
    pub fn with_text(&self, origin: &str, text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        let bare = match text.split_once(':') {
            Some((kind, rest)) if kind == self.kind() => rest,
            _ => text,
        };
        let owned = Cow::Owned(bare.to_owned());
        let address = match self {
            Self::Unix(_) => Self::Unix(owned),
            Self::Tcp(_) => Self::Tcp(owned),
            Self::Shm(_) => Self::Shm(owned),
            Self::Other(kind, _) => Self::Other(kind, owned),
        };
        address.check(origin)?;
        Ok(address)
    }

    /// Checks that the text is a valid address of its kind.
    pub fn check(&self, origin: &str) -> Result<(), ConfigError> {
        let refuse = |reason: &str| {
            let (text, kind) = (self.text().to_owned(), self.kind());
            Err(ConfigError::Address { origin: origin.to_owned(), text, kind, reason: reason.to_owned() })
        };
        let text = self.text();
        match self {
            Self::Tcp(_) => match text.rsplit_once(':') {
                Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(()),
                _ => refuse("expected `host:port`"),
            },
            Self::Unix(_) | Self::Shm(_) if text.is_empty() => refuse("the path is empty"),
            Self::Unix(_) | Self::Shm(_) if text.contains('\0') => refuse("the path has a zero byte"),
            Self::Unix(_) | Self::Shm(_) if text.len() > MAX_UNIX_PATH => refuse(&format!(
                "the path has {} bytes, and on {MAX_UNIX_PATH_ON} a socket's has at most {MAX_UNIX_PATH}: choose a shorter one",
                text.len()
            )),
            Self::Unix(_) | Self::Shm(_) if ["unix:", "tcp:", "shm:"].iter().any(|kind| text.starts_with(kind)) => {
                refuse("the kind of a link is compiled in and cannot be changed")
            }
            Self::Unix(_) | Self::Shm(_) | Self::Other(..) => Ok(()),
        }
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_addresses_are_errors() {
        for (kind, text) in [
            (Address::tcp(""), "host"),
            (Address::tcp(""), ":80"),
            (Address::tcp(""), "host:99999"),
            (Address::unix(""), ""),
            (Address::unix(""), "tcp:host:1"),
            (Address::shm(""), "unix:/run/x"),
            (Address::unix(""), "a\0b"),
        ] {
            assert!(kind.with_text("the test", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_path_that_the_system_does_not_take_is_refused_with_its_limit() {
        let (longest, systems) = (MAX_UNIX_PATH, MAX_UNIX_PATH_ON);
        for kind in [Address::unix(""), Address::shm("")] {
            let path = "x".repeat(longest);
            assert!(kind.with_text("the test", &path).is_ok());
            let error = kind.with_text("the test", &format!("{path}x")).unwrap_err().to_string();
            let reason =
                format!("the path has {} bytes, and on {systems} a socket's has at most {longest}", longest + 1);
            assert!(error.contains(&reason), "{error}");
        }
    }

    /// Where the kernel has another limit, binding would fail with an error that does not say so.
    #[cfg(unix)]
    #[test]
    fn the_longest_path_is_one_that_the_kernel_takes() {
        use std::os::unix::net::SocketAddr;

        let path = |len: usize| format!("/{}", "x".repeat(len - 1));
        let takes = |len: usize| SocketAddr::from_pathname(path(len)).is_ok();
        assert!(takes(MAX_UNIX_PATH));
        // The portable parts know only the least limit, also where the kernel has a larger one. Some systems take more than that.
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        assert_eq!(takes(MAX_UNIX_PATH + 1), cfg!(all(mycelium_portable, target_os = "linux")));
    }
}
