use super::{Service, SourceState};

/// The methods of a service that are called without a message, in a context `Cx`. Implemented by
/// [`#[service]`](macro@crate::service), for a service without such methods too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no service",
    label = "no service",
    note = "annotate its `impl` with `#[service]`, and the methods in there that take messages with `#[handle]`"
)]
pub trait Driven<Cx>: Service {
    /// Asks the source at this index of [`Service::SOURCES`]. One that fails has told `cx`, and has nothing now.
    fn poll_source(&mut self, _index: usize, _cx: &mut Cx) -> SourceState {
        SourceState::Finished
    }

    /// Calls the timer at this index of [`Service::TIMERS`]. One that fails has told `cx`.
    fn fire(&mut self, _index: usize, _cx: &mut Cx) {}

    /// Asks or calls what is due; a timer that was called is [`SourceState::Ready`].
    #[inline]
    fn drive(&mut self, due: Due, cx: &mut Cx) -> SourceState {
        match due {
            Due::Source(index) => self.poll_source(index, cx),
            Due::Timer(index) => {
                self.fire(index, cx);
                SourceState::Ready
            }
        }
    }
}

/// A method of a service that is due to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The source at this index of [`Service::SOURCES`].
    Source(usize),
    /// The timer at this index of [`Service::TIMERS`].
    Timer(usize),
}
