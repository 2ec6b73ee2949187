//! The desk in three processes, with the same services and the same result.
//!
//! ```text
//!           ┌──────────────────────── Bar, Signal, RunDone ─────────────────────────┐
//!           │                                                                       ▼
//!  ┌─────────────────┐  Signal, BarDone, RunDone  ┌──────────────────┐  Order, ┌──────────────┐
//!  │ strategy        │ ─────────────────────────▶ │ desk             │  Fill,  │ books        │
//!  │ files, spread,  │                            │ risk, execution, │ ──────▶ │ ledger,      │
//!  │ lockstep        │ ◀───────────────────────── │ answering,       │ Breach, │ report,      │
//!  └─────────────────┘     Breach, BarSettled     │ closing          │ RunDone │ closing      │
//!                                                 └──────────────────┘         └──────────────┘
//! ```
//!
//! Every arrow is one link, over shared memory, Unix sockets or TCP. Every box listens at one address, under its own name.
//!
//! # Why the result is the same
//!
//! In one thread, everything that follows from a bar has happened before the next bar: fills have reached risk, breaches have
//! reached the strategy. Processes do not guarantee that by themselves: a strategy that runs ahead would decide without a breach
//! that is still on its way. So after each bar, the strategy sends `BarDone`, the desk answers with `BarSettled`, and the strategy
//! waits for the answer. A link keeps its order. So `BarDone` reaches the desk after the bar's signals, when their orders and fills
//! are done, and `BarSettled` reaches the strategy after their breaches.
//!
//! The books receive the messages of one bar from two sides, and do not depend on their order: they count, they sum in integers, and
//! they value the positions by the last closes at the end, when `RunDone` has come from both sides.
//!
//! # Why the end is quiet
//!
//! A link can't tell a receiver that has ended from one that was lost, and warns of either. The books end first, so the other two processes
//! don't poll their routers any more once they have passed on their last message. They keep their links until the books have ended.
//!
//! [`launch`] starts the three processes and supervises them.

mod folder;
mod launch;
mod minder;
mod process;
mod routers;
mod services;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use launch::{LaunchError, launch};
pub use process::{ProcessError, run};

use super::files::Files;

/// One of the three processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads the files and decides.
    Strategy,
    /// Checks the limits and trades.
    Desk,
    /// Counts, and prints the result.
    Books,
}

/// The kind of the links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Shared memory.
    Shm,
    /// Unix sockets.
    Unix,
    /// TCP on this host.
    Tcp,
}

/// The options of a run, the same for all of its processes.
#[derive(Debug, Clone)]
pub struct Run {
    /// The kind of the links.
    pub via: Via,
    /// The input files.
    pub files: Files,
    /// How long the run may take.
    pub deadline: Duration,
    /// Whether the desk holds after its last bar until standard input ends.
    pub hold: bool,
}

/// Where the processes of one run find each other.
#[derive(Debug, Clone)]
pub struct Place {
    /// A folder for the sockets of this run.
    pub folder: PathBuf,
    /// A loopback address that only this run uses.
    pub host: String,
}

impl Role {
    /// All three, receivers before their senders.
    pub const ALL: [Self; 3] = [Self::Books, Self::Desk, Self::Strategy];

    /// The name of the process and of its input.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strategy => "strategy",
            Self::Desk => "desk",
            Self::Books => "books",
        }
    }

    /// The role of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// A port below the kernel's ephemeral range.
    fn port(self) -> u16 {
        match self {
            Self::Strategy => 17_401,
            Self::Desk => 17_402,
            Self::Books => 17_403,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Via {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Shm, Self::Unix, Self::Tcp];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shm => "shm",
            Self::Unix => "unix",
            Self::Tcp => "tcp",
        }
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.name() == name)
    }
}
