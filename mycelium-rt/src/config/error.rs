//! What is wrong with a configuration.

use std::io;
use std::path::PathBuf;

use crate::policy::OnFull;

/// What is wrong with the options of a link or with a [`Config`](crate::Config).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An address was given for a link that the router does not have.
    #[error("{origin}: no link is called `{name}`; links are: {known}")]
    UnknownLink {
        /// Where the name was found: an environment variable, a file and line, the program.
        origin: String,
        /// The name that matches no link.
        name: String,
        /// The names that there are, separated by commas.
        known: String,
    },
    /// A text is not an address of the kind that the link needs.
    #[error("{origin}: `{text}` is no {kind} address: {reason}")]
    Address {
        /// Where the text was found.
        origin: String,
        /// The text.
        text: String,
        /// What it should have been.
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
    #[error("{origin}: `{name}` has an address already")]
    Twice {
        /// File and line.
        origin: String,
        /// The name.
        name: String,
    },
    /// A file of addresses could not be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// TCP beyond loopback without encryption.
    #[error(
        "link `{link}`: {address} is not a loopback address: say `tls = true`, or `insecure = true` if everybody on the \
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
    /// A service runs behind `task`, and there is no runtime for it.
    #[error("service `{service}` runs behind `task`: give the configuration a tokio runtime by `Config::tokio`")]
    NoRuntime {
        /// The service, as the router calls it.
        service: String,
    },
    /// A service behind a task is to be restarted after a panic, and nothing says how to make it anew.
    #[error(
        "service `{service}` runs behind `task` with `on_panic = restart`: start the router by `start_with`, which takes a factory of its \
         services"
    )]
    NoFactory {
        /// The service, as the router calls it.
        service: String,
    },
    /// A service behind a task is to be restarted after a panic, but this program was built to abort at the first one.
    #[error(
        "service `{service}` runs behind `task` with `on_panic = restart`, but this program was built with `panic = \"abort\"`, so no \
         panic can be caught"
    )]
    PanicAborts {
        /// The service, as the router calls it.
        service: String,
    },
    /// A service behind a task has timers or sources, or is to be restarted after a pause, and the runtime of its task keeps no time.
    #[error(
        "service `{service}` runs behind `task` with `on_panic = restart`, a timer or a source: its tokio runtime needs `enable_time` for \
         the pauses"
    )]
    NoTimer {
        /// The service, as the router calls it.
        service: String,
    },
    /// The messages of a link do not fit into one handshake, or their table is not sound.
    #[error("link `{link}`: {reason}")]
    Contract {
        /// The link's name.
        link: String,
        /// What is wrong.
        reason: String,
    },
}

impl OnFull {
    /// Refuses the policy that the ring called `name` cannot honour.
    pub(crate) fn check_for_ring(self, name: &str) -> Result<(), ConfigError> {
        if self != Self::DropOldest {
            return Ok(());
        }
        let reason = "`drop_oldest` is not supported here: an unread slot of a ring belongs to the receiver".to_owned();
        Err(ConfigError::Contract { link: name.to_owned(), reason })
    }
}
