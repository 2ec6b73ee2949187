//! Why a system did not start.

use std::io;

use crate::link::LinkError;
use crate::ring::GeometryError;

/// Why a system did not start. What had been started by then is stopped again, in reverse order.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A link, an input or a task could not be opened, or the configuration is wrong.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A lane is pinned to a core that does not exist, or that this process may not use.
    #[error("lane `{lane}`: core {core} is not one that this process may use; it may use {allowed}")]
    Core {
        /// The lane.
        lane: &'static str,
        /// The core that it names.
        core: usize,
        /// The cores that are allowed, such as `0-3, 6`.
        allowed: String,
    },
    /// The configuration gives a core to a lane that is not pinned, or does not exist.
    #[error(
        "`Config::core` gives `{lane}` core {core}, but there is no pinned lane of that name; pinned lanes are: {pinned}"
    )]
    NotPinned {
        /// The name in the configuration.
        lane: String,
        /// The core that it gives.
        core: usize,
        /// The names of the lanes that are pinned, separated by commas.
        pinned: String,
    },
    /// Two lanes that never sleep share a core, so each would wait for the other's time slice to end.
    #[error(
        "lanes `{first}` and `{second}` both spin on core {core}: give each a core of its own, or let one of them wait by `park`"
    )]
    TwoSpinners {
        /// The core.
        core: usize,
        /// The lane that is declared first.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A lane of real-time priority never sleeps, and its core is the only one of this process: no other thread would ever run.
    #[error(
        "lane `{lane}` says `fifo` and `wait = spin`, and core {core} is the only one that this process may use: no other thread would run; let it wait by `park`"
    )]
    OnlyCore {
        /// The lane.
        lane: &'static str,
        /// Its core.
        core: usize,
    },
    /// A lane of real-time priority never sleeps, and another lane is pinned to its core, which would never run.
    #[error(
        "lane `{lane}` says `fifo` and `wait = spin`, so lane `{other}`, which is pinned to core {core} as well, would never run: give each a core of its own"
    )]
    SharedCore {
        /// The lane.
        lane: &'static str,
        /// The lane that would never run.
        other: &'static str,
        /// The core of both.
        core: usize,
    },
    /// The process may not use an option of a lane of real-time priority.
    #[error("lane `{lane}`: this process may not use `{option}`, which needs {needs}: {error}")]
    RealTime {
        /// The lane.
        lane: &'static str,
        /// The option, such as `fifo = 80`.
        option: String,
        /// What the process needs for it.
        needs: String,
        /// The error of the operating system.
        error: io::Error,
    },
    /// A lane is to be restarted after a panic, but no factory makes its services again.
    #[error(
        "lane `{lane}` says `on_panic = restart`: start the router by `start_with`, which takes a factory of its services"
    )]
    NoFactory {
        /// The lane.
        lane: &'static str,
    },
    /// A lane is to be restarted after a panic, but this program was built to abort on panics.
    #[error(
        "lane `{lane}` says `on_panic = restart`, but this program was built with `panic = \"abort\"`, so no panic can be caught"
    )]
    PanicAborts {
        /// The lane.
        lane: &'static str,
    },
    /// A lane runs on tokio, and there is no runtime for it.
    #[error(
        "lane `{lane}` runs on tokio: give the configuration a runtime by `Config::tokio`, with the feature `tokio` of `mycelium-rt`"
    )]
    NoRuntime {
        /// The lane.
        lane: &'static str,
    },
    /// A ring between two lanes cannot be made.
    #[error("the ring from lane `{from}` to lane `{to}`: {reason}")]
    Ring {
        /// The lane that sends.
        from: &'static str,
        /// The lane that receives.
        to: &'static str,
        /// Why it cannot be made.
        reason: GeometryError,
    },
    /// A service's `startup` returned an error.
    #[error("service `{service}` did not start: {text}")]
    Startup {
        /// The service.
        service: &'static str,
        /// Its error.
        text: String,
    },
    /// A lane panicked while it was opened, or a service in its `startup`.
    #[error("lane `{lane}` panicked while it started: {text}")]
    Panicked {
        /// The lane.
        lane: &'static str,
        /// The message of the panic.
        text: String,
    },
    /// The operating system refused something.
    #[error("lane `{lane}`: can't {action}: {source}")]
    Io {
        /// The lane.
        lane: &'static str,
        /// What failed, such as `start a thread`.
        action: &'static str,
        /// The error of the operating system. The text contains it, so `source()` does not return it.
        // `r#`, since thiserror would return a field called `source`.
        r#source: io::Error,
    },
}
