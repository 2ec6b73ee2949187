//! What each of the three processes does.

use std::io::{self, Write};

use mycelium_rt::Config;
use mycelium_rt::link::LinkError;
use mycelium_rt::routing::Stats;

use super::minder::Minder;
use super::{Place, Role, Run, Via, routers};
use crate::market::files::FileError;
use crate::market::summary::Summary;

/// Why a process failed.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The input could not be read.
    #[error(transparent)]
    Files(#[from] FileError),
    /// A link or an input could not be opened.
    #[error(transparent)]
    Open(#[from] LinkError),
    /// Messages were lost on the way.
    #[error("{0} messages did not get through")]
    Lost(u64),
    /// The process that started this one has ended.
    #[error("left alone in the middle of the run")]
    LeftAlone,
    /// The result could not be printed.
    #[error("standard output: {0}")]
    Print(#[from] io::Error),
}

/// Runs `role` to the end of the run.
///
/// The books print the result on standard output. Everything else goes to standard error.
///
/// # Errors
/// See [`ProcessError`].
pub fn run(role: Role, run: &Run, place: &Place) -> Result<(), ProcessError> {
    let minder = Minder::start(place.folder.clone());
    let done = play(role, run, &config(run.via, place), &minder);
    if matches!(done, Err(ProcessError::LeftAlone)) {
        // No other process does; the last one finds nothing to remove.
        let _ = std::fs::remove_dir_all(&place.folder);
    }
    done
}

fn play(role: Role, run: &Run, config: &Config, minder: &Minder) -> Result<(), ProcessError> {
    match role {
        Role::Strategy => strategy(run, config, minder),
        Role::Desk => match run.via {
            Via::Shm => routers::shm::desk(config, minder),
            Via::Unix => routers::unix::desk(config, minder),
            Via::Tcp => routers::tcp::desk(config, minder),
        },
        Role::Books => print(&match run.via {
            Via::Shm => routers::shm::books(config, minder),
            Via::Unix => routers::unix::books(config, minder),
            Via::Tcp => routers::tcp::books(config, minder),
        }?),
    }
}

fn strategy(run: &Run, config: &Config, minder: &Minder) -> Result<(), ProcessError> {
    let (bars, rejected) = run.files.read(|row| eprintln!("market-split: {row}"))?;
    eprintln!("bars {} read, {rejected} bad rows skipped", bars.len());
    match run.via {
        Via::Shm => routers::shm::strategy(&bars, run.hold, config, minder),
        Via::Unix => routers::unix::strategy(&bars, run.hold, config, minder),
        Via::Tcp => routers::tcp::strategy(&bars, run.hold, config, minder),
    }
}

fn print(summary: &Summary) -> Result<(), ProcessError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{summary}")?;
    Ok(out.flush()?)
}

/// The addresses of this run, by the names of links and inputs in the routers.
fn config(via: Via, place: &Place) -> Config {
    let address = |role: Role| match via {
        Via::Shm | Via::Unix => place.folder.join(role.name()).to_string_lossy().into_owned(),
        Via::Tcp => format!("{}:{}", place.host, role.port()),
    };
    let given = |config: Config, role: Role| config.address(role.name(), &address(role));
    // No router has all three names.
    Role::ALL.into_iter().fold(Config::new(), given).known_elsewhere(Role::ALL.map(Role::name))
}

/// An error if anything was lost.
pub(super) fn all_sent(stats: &Stats) -> Result<(), ProcessError> {
    let dropped: u64 = stats.links.iter().map(|link| link.stats.dropped()).sum();
    let missing: u64 = stats.inputs.iter().map(|input| input.stats.gaps).sum();
    match stats.handler_errors + stats.local_lost + dropped + missing {
        0 => Ok(()),
        lost => Err(ProcessError::Lost(lost)),
    }
}
