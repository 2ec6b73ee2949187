//! The desk in three processes, with the very same services and the very same result.
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
//! Every arrow is one link, over shared memory, Unix sockets or TCP; every box listens at one address, under its own name.
//!
//! # Why the result is the same
//!
//! In one thread everything that follows from a bar has happened before the next bar: fills have reached risk, breaches have
//! reached the strategy. Between processes that is not so by itself, and a strategy that ran ahead would decide without
//! the breach that it is about to get. So behind each bar the strategy sends `BarDone`, which the desk answers by
//! `BarSettled`, and the strategy goes on when it has the answer. A link keeps its order, so `BarDone` reaches the desk after
//! the bar's signals, when their orders and fills are done, and `BarSettled` reaches the strategy after their breaches.
//!
//! The books hear of one bar from two sides, in no particular order, and need none: they count, they sum in integers, and
//! they value the positions by the last closes at the very end, which is when `RunDone` has come from both sides.
//!
//! [`launch`] starts the three processes and looks after them.

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

/// What the links are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Shared memory.
    Shm,
    /// Unix sockets.
    Unix,
    /// TCP on this host.
    Tcp,
}

/// What a run is made from; the same for all of its processes.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the links are made of.
    pub via: Via,
    /// The input.
    pub files: Files,
    /// How long all of it may take.
    pub deadline: Duration,
    /// Whether the desk goes on after its last bar until standard input ends.
    pub hold: bool,
}

/// Where the processes of one run find one another.
#[derive(Debug, Clone)]
pub struct Place {
    /// A folder of this run alone, for the paths of sockets.
    pub folder: PathBuf,
    /// An address of this run alone, among those that never leave the host.
    pub host: String,
}

impl Role {
    /// All three, receivers before those who send to them.
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

    /// A port below those that the kernel gives away by itself.
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
