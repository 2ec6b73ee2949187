use core::time::Duration;

use super::MessageRef;

/// A method that is called again and again; written by [`#[service]`](macro@crate::service).
#[derive(Clone, Copy, Debug)]
pub struct Timer {
    /// The name of the method.
    pub method: &'static str,
    /// From one call to the next.
    pub period: Duration,
    /// What it emits and requests.
    pub emits: &'static [MessageRef],
}
