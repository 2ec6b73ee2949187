use super::{Poll, Service};

/// The methods of a service that a lane calls by itself, in a context `Cx`. Implemented by
/// [`#[service]`](macro@crate::service), for a service without such methods too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "put `#[service]` on its `impl` block, and `#[handle]` on the methods that take messages"
)]
pub trait Driven<Cx>: Service {
    /// Asks the source at this index of [`Service::SOURCES`]. One that fails has told `cx`, and has nothing now.
    fn poll_source(&mut self, _index: usize, _cx: &mut Cx) -> Poll {
        Poll::Finished
    }

    /// Calls the timer at this index of [`Service::TIMERS`]. One that fails has told `cx`.
    fn fire(&mut self, _index: usize, _cx: &mut Cx) {}
}
