use std::fmt::{self, Display};

use super::Due;
use super::timer_queue::Item;

/// Where a top-level message came from: what began the cascade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Another lane emitted it.
    Lane(&'static str),
    /// It was queued for this service, or for its task.
    Queue(&'static str),
    /// It came in by this input.
    Input(&'static str),
    /// This service emitted it behind its task.
    Task(&'static str),
    /// A [`Sender`](crate::lane::Sender) sent it.
    Sender,
    /// A source was asked.
    Source {
        /// The service.
        service: &'static str,
        /// The method.
        method: &'static str,
    },
    /// A timer was due.
    Timer {
        /// The service.
        service: &'static str,
        /// The method.
        method: &'static str,
    },
}

impl Origin {
    pub(crate) fn of(item: &Item) -> Self {
        let (service, method) = (item.name, item.method);
        match item.due {
            Due::Source(_) => Self::Source { service, method },
            Due::Timer(_) => Self::Timer { service, method },
        }
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lane(name) => write!(f, "lane `{name}`"),
            Self::Queue(service) => write!(f, "the queue of `{service}`"),
            Self::Input(name) => write!(f, "input `{name}`"),
            Self::Task(service) => write!(f, "the task of `{service}`"),
            Self::Sender => f.write_str("a sender"),
            Self::Source { service, method } => write!(f, "source `{service}.{method}`"),
            Self::Timer { service, method } => write!(f, "timer `{service}.{method}`"),
        }
    }
}
