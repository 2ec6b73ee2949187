use super::Failure;
use crate::routing::HookError;
use crate::unwind::{catch, contained, discard};

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

    /// Puts a new service in the place of the old one, and calls its `startup`.
    ///
    /// # Errors
    /// A panic of either, or what `startup` returned.
    pub(super) fn replace(&mut self, service: &mut S) -> Result<(), Failure> {
        let made = catch(|| self.make()).map_err(Failure::Panicked)?;
        // The new one is well, whatever the old one does as it goes.
        let _ = discard(std::mem::replace(service, made));
        start(service, self.startup)
    }
}

/// Calls the hook `startup` of a service.
///
/// # Errors
/// Its panic, or what it returned.
pub(crate) fn start<S>(service: &mut S, startup: fn(&mut S) -> Result<(), HookError>) -> Result<(), Failure> {
    catch(|| startup(service)).map_err(Failure::Panicked)?.map_err(Failure::Startup)
}
