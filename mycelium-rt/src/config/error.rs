//! Errors of a configuration.

use std::io;
use std::path::PathBuf;

use crate::policy::OnFull;

/// The options of a link or a [`Config`](crate::Config) are invalid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An address was given for a link that the router does not have.
    #[error("{origin}: unknown link `{name}`; links are: {known}")]
    UnknownLink {
        /// The origin of the name: an environment variable, a file and line, the program.
        origin: String,
        /// The unknown name.
        name: String,
        /// The known names, separated by commas.
        known: String,
    },
    /// A text is not an address of the kind that the link needs.
    #[error("{origin}: `{text}` is not a {kind} address: {reason}")]
    Address {
        /// The origin of the text.
        origin: String,
        /// The text.
        text: String,
        /// The kind of address that the link needs.
        kind: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A line of a file of addresses is not `name = address`.
    #[error("{origin}: expected `name = address`")]
    Line {
        /// File and line.
        origin: String,
    },
    /// A name has two addresses in one file.
    #[error("{origin}: `{name}` already has an address")]
    Twice {
        /// File and line.
        origin: String,
        /// The name.
        name: String,
    },
    /// A file of addresses could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system. The text contains it, so `source()` does not return it.
        // `r#`, since thiserror would return a field called `source`.
        r#source: io::Error,
    },
    /// TCP beyond loopback without encryption.
    #[error(
        "link `{link}`: {address} is not a loopback address: say `tls = true`, or `insecure = true` if everyone on the \
         network may read and send messages"
    )]
    Insecure {
        /// The link's name.
        link: String,
        /// The address.
        address: String,
    },
    /// A link or an input cannot speak TLS.
    #[error("link `{link}`: {reason}")]
    Tls {
        /// The link's name.
        link: String,
        /// What is wrong or missing.
        reason: String,
    },
    /// A service runs behind `task`, and the configuration has no runtime.
    #[error("service `{service}` runs behind `task`: give the configuration a tokio runtime by `Config::tokio`")]
    NoRuntime {
        /// The name of the service in the router.
        service: String,
    },
    /// A service behind a task has `on_panic = restart`, and the router has no factory to make it again.
    #[error(
        "service `{service}` runs behind `task` with `on_panic = restart`: start the router by `start_with`, which takes a factory of its \
         services"
    )]
    NoFactory {
        /// The name of the service in the router.
        service: String,
    },
    /// A service behind a task has `on_panic = restart`, but this program was built to abort on a panic.
    #[error(
        "service `{service}` runs behind `task` with `on_panic = restart`, but this program was built with `panic = \"abort\"`, so no \
         panic can be caught"
    )]
    PanicAborts {
        /// The name of the service in the router.
        service: String,
    },
    /// A service behind a task has timers, sources or `on_panic = restart`, and the runtime of its task has no timer.
    #[error(
        "service `{service}` runs behind `task` with `on_panic = restart`, a timer or a source: its tokio runtime needs `enable_time` for \
         the pauses"
    )]
    NoTimer {
        /// The name of the service in the router.
        service: String,
    },
    /// The messages of a link do not fit into one handshake, or their table is invalid.
    #[error("link `{link}`: {reason}")]
    Contract {
        /// The link's name.
        link: String,
        /// What is wrong.
        reason: String,
    },
}

impl OnFull {
    /// Refuses a policy that a ring does not support; `name` is the name of its link.
    pub(crate) fn check_for_ring(self, name: &str) -> Result<(), ConfigError> {
        if self != Self::DropOldest {
            return Ok(());
        }
        let reason = "`drop_oldest` is not supported here: an unread slot of a ring belongs to the receiver; `latest` keeps the newest \
                      beside the ring"
            .to_owned();
        Err(ConfigError::Contract { link: name.to_owned(), reason })
    }

    /// Refuses a policy that a ring within the process does not support; `name` is the name of its service.
    pub(crate) fn check_for_queue(self, name: &str) -> Result<(), ConfigError> {
        if !matches!(self, Self::Latest { .. }) {
            return self.check_for_ring(name);
        }
        let reason = "`latest` is not supported here yet: only links keep the newest messages".to_owned();
        Err(ConfigError::Contract { link: name.to_owned(), reason })
    }
}
