//! The address that a link connects to or an input binds to.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use super::ConfigError;

/// The longest path of a Unix socket in bytes, a limit of the kernel.
const MAX_UNIX_PATH: usize = 107;

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

    /// Another address of the same kind, for example from a deployment; `origin` says where `text` comes from. The text may begin with the kind
    /// (`tcp:127.0.0.1:7402`), but cannot change it: the kind is compiled into the program.
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
            Self::Unix(_) | Self::Shm(_) if text.len() > MAX_UNIX_PATH => {
                refuse("the path is longer than 107 bytes, the maximum for a socket")
            }
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
        let long = "x".repeat(108);
        for (kind, text) in [
            (Address::tcp(""), "host"),
            (Address::tcp(""), ":80"),
            (Address::tcp(""), "host:99999"),
            (Address::unix(""), ""),
            (Address::unix(""), "tcp:host:1"),
            (Address::shm(""), "unix:/run/x"),
            (Address::shm(""), &long),
            (Address::unix(""), "a\0b"),
        ] {
            assert!(kind.with_text("the test", text).is_err(), "{text:?}");
        }
    }
}
