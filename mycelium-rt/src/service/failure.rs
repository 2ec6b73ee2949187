//! How a service fails, and how it is made again.

use std::fmt;

use crate::routing::HookError;
use crate::unwind::{catch, contained, discard};

/// Why a service can't go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It panicked.
    Panicked(String),
    /// Its `startup` failed.
    Startup(HookError),
    /// Its `run` failed.
    Run(HookError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(text) => f.write_str(text),
            Self::Startup(error) => write!(f, "it did not start: {error}"),
            Self::Run(error) => error.fmt(f),
        }
    }
}

/// A service ended before it had taken all its messages.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Its deadline has passed.
    Cut,
    /// It failed, and is not restarted.
    Failed(Failure),
}

/// Makes a service again after a panic, and starts it.
pub(crate) struct Factory<S> {
    make: Box<dyn FnMut() -> S + Send>,
    startup: fn(&mut S) -> Result<(), HookError>,
}

impl<S> Factory<S> {
    pub(crate) fn new(make: impl FnMut() -> S + Send + 'static, startup: fn(&mut S) -> Result<(), HookError>) -> Self
    where
        S: 'static,
    {
        Self { make: Box::new(contained(make)), startup }
    }

    /// A new service, which has not started.
    pub(crate) fn make(&mut self) -> S {
        (self.make)()
    }

    /// Replaces the old service by a new one, and calls its `startup`.
    ///
    /// # Errors
    /// A panic of either, or the error of `startup`.
    pub(super) fn replace(&mut self, service: &mut S) -> Result<(), Failure> {
        let made = catch(|| self.make()).map_err(Failure::Panicked)?;
        // The new one is fine, even if the drop of the old one panics.
        let _ = discard(std::mem::replace(service, made));
        start(service, self.startup)
    }
}

/// Calls the hook `startup` of a service.
///
/// # Errors
/// Its panic, or its error.
pub(crate) fn start<S>(service: &mut S, startup: fn(&mut S) -> Result<(), HookError>) -> Result<(), Failure> {
    catch(|| startup(service)).map_err(Failure::Panicked)?.map_err(Failure::Startup)
}
