use core::any::{Any, TypeId};
use core::fmt::{self, Display};
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use std::collections::HashMap;

use crate::routing::{Clock, ReportFailure};
use crate::{Emit, Message, Request, TimestampNs};

/// A context that records every message, for tests of a single service.
///
/// ```
/// use contracts::{Bar, BarFields, Price, Quantity, Signal, SignalFields};
/// use mycelium_rt::testing::Recorder;
/// use mycelium_rt::{Emit, service};
///
/// /// Buys when the close rises.
/// #[derive(Default)]
/// struct Momentum {
///     last: Price,
/// }
///
/// #[service]
/// impl Momentum {
///     #[handle]
///     fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
///         if bar.close() > self.last {
///             let fields = SignalFields { day: bar.day, target: Quantity(1), ..Default::default() };
///             cx.emit(&Signal::from(fields));
///         }
///         self.last = bar.close();
///     }
/// }
///
/// # fn main() -> Result<(), mycelium_rt::ValidationError> {
/// let mut momentum = Momentum { last: Price(100) };
/// let mut cx = Recorder::new();
/// momentum.on_bar(&Bar::try_from(BarFields { close: Price(101), ..Default::default() })?, &mut cx);
/// momentum.on_bar(&Bar::try_from(BarFields { close: Price(99), ..Default::default() })?, &mut cx);
/// assert_eq!(cx.of::<Signal>().len(), 1);
/// assert_eq!(cx.of::<Signal>()[0].target, Quantity(1));
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Recorder {
    /// A `Vec<M>` for each type of message.
    messages: HashMap<TypeId, Box<dyn Any + Send>>,
    order: Vec<(TypeId, &'static str)>,
    failures: Vec<(&'static str, String)>,
    now: TimestampNs,
}

impl Recorder {
    /// An empty recorder, at time 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The messages of type `M`, in the order in which they were emitted.
    pub fn of<M: Message>(&self) -> &[M] {
        self.messages.get(&TypeId::of::<M>()).and_then(|all| all.downcast_ref::<Vec<M>>()).map_or(&[], Vec::as_slice)
    }

    /// Removes and returns the messages of type `M`.
    pub fn take<M: Message>(&mut self) -> Vec<M> {
        self.order.retain(|(id, _)| *id != TypeId::of::<M>());
        let taken = self.messages.remove(&TypeId::of::<M>()).and_then(|all| all.downcast::<Vec<M>>().ok());
        taken.map_or_else(Vec::new, |all| *all)
    }

    /// The names of all messages, in the order in which they were emitted.
    pub fn names(&self) -> Vec<&'static str> {
        self.order.iter().map(|(_, name)| *name).collect()
    }

    /// The number of messages, of all types.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing was emitted.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The errors of handlers that were called through [`Handle`](crate::Handle): the name of the handled message and the text of the error. A
    /// handler that is called as a method returns its error instead.
    pub fn failures(&self) -> &[(&'static str, String)] {
        &self.failures
    }

    /// Removes all messages and failures. The time stays.
    pub fn clear(&mut self) {
        *self = Self { now: self.now, ..Self::default() };
    }

    /// Sets the time of [`Clock::now`].
    pub fn set_now(&mut self, now: TimestampNs) {
        self.now = now;
    }

    /// A recorder that also answers requests of type `Q`.
    ///
    /// ```
    /// use contracts::{Order, Signal};
    /// use mycelium_rt::Request;
    /// use mycelium_rt::testing::Recorder;
    ///
    /// let mut cx = Recorder::new().replying(|_: &Signal| Order::default());
    /// assert_eq!(cx.request(&Signal::default()), Order::default());
    /// assert_eq!(cx.of::<Signal>(), [Signal::default()]);
    /// ```
    pub fn replying<Q: Message, R, F: FnMut(&Q) -> R>(self, reply: F) -> Replying<Q, F> {
        Replying { recorder: self, reply, request: PhantomData }
    }
}

impl<M: Message> Emit<M> for Recorder {
    fn emit(&mut self, message: &M) {
        self.order.push((TypeId::of::<M>(), M::NAME));
        let all = self.messages.entry(TypeId::of::<M>()).or_insert_with(|| Box::new(Vec::<M>::new()));
        if let Some(all) = all.downcast_mut::<Vec<M>>() {
            all.push(*message);
        }
    }
}

impl Clock for Recorder {
    fn now(&self) -> TimestampNs {
        self.now
    }
}

impl ReportFailure for Recorder {
    fn report_failure(&mut self, message: &'static str, error: &dyn Display) {
        self.failures.push((message, error.to_string()));
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("messages", &self.names())
            .field("failures", &self.failures)
            .field("now", &self.now)
            .finish()
    }
}

/// A [`Recorder`] that also answers requests of type `Q`, and records them; made by [`Recorder::replying`].
pub struct Replying<Q, F> {
    recorder: Recorder,
    reply: F,
    request: PhantomData<fn(&Q)>,
}

impl<Q: Message, R, F: FnMut(&Q) -> R> Request<Q> for Replying<Q, F> {
    type Reply = R;

    fn request(&mut self, request: &Q) -> R {
        self.recorder.emit(request);
        (self.reply)(request)
    }
}

impl<M: Message, Q, F> Emit<M> for Replying<Q, F> {
    fn emit(&mut self, message: &M) {
        self.recorder.emit(message);
    }
}

impl<Q, F> Clock for Replying<Q, F> {
    fn now(&self) -> TimestampNs {
        self.recorder.now()
    }
}

impl<Q, F> ReportFailure for Replying<Q, F> {
    fn report_failure(&mut self, message: &'static str, error: &dyn Display) {
        self.recorder.report_failure(message, error);
    }
}

impl<Q, F> Deref for Replying<Q, F> {
    type Target = Recorder;

    fn deref(&self) -> &Recorder {
        &self.recorder
    }
}

impl<Q, F> DerefMut for Replying<Q, F> {
    fn deref_mut(&mut self) -> &mut Recorder {
        &mut self.recorder
    }
}

impl<Q, F> fmt::Debug for Replying<Q, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replying").field("recorder", &self.recorder).finish_non_exhaustive()
    }
}
