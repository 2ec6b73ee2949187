use core::any::{Any, TypeId};
use core::fmt::{self, Display};
use std::collections::HashMap;

use super::Replying;
use crate::routing::{Clock, ReportFailure};
use crate::{Emit, Message, TimestampNs};

/// A context that accepts every message and keeps it, for testing a service alone.
///
/// ```
/// # mycelium_rt::__doc_messages!(Bar { close: u64 } = 1, Signal { target: i64 } = 2);
/// use mycelium_rt::testing::Recorder;
/// use mycelium_rt::{Emit, service};
///
/// struct Strategy {
///     last: u64,
/// }
///
/// #[service]
/// impl Strategy {
///     #[handle]
///     fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
///         if bar.close > self.last {
///             cx.emit(&Signal { target: 1 });
///         }
///         self.last = bar.close;
///     }
/// }
///
/// let mut strategy = Strategy { last: 100 };
/// let mut cx = Recorder::new();
/// strategy.on_bar(&Bar { close: 101 }, &mut cx);
/// strategy.on_bar(&Bar { close: 99 }, &mut cx);
/// assert_eq!(cx.of::<Signal>(), [Signal { target: 1 }]);
/// ```
#[derive(Default)]
pub struct Recorder {
    /// A `Vec<M>` for each type of message seen.
    messages: HashMap<TypeId, Box<dyn Any + Send>>,
    order: Vec<(TypeId, &'static str)>,
    failures: Vec<(&'static str, String)>,
    now: TimestampNs,
}

impl Recorder {
    /// A recorder that has seen nothing, at time 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The messages of type `M`, in the order in which they were emitted.
    pub fn of<M: Message>(&self) -> &[M] {
        self.messages.get(&TypeId::of::<M>()).and_then(|all| all.downcast_ref::<Vec<M>>()).map_or(&[], Vec::as_slice)
    }

    /// The messages of type `M`, which are then forgotten.
    pub fn take<M: Message>(&mut self) -> Vec<M> {
        self.order.retain(|(id, _)| *id != TypeId::of::<M>());
        let taken = self.messages.remove(&TypeId::of::<M>()).and_then(|all| all.downcast::<Vec<M>>().ok());
        taken.map_or_else(Vec::new, |all| *all)
    }

    /// The names of all messages, in the order in which they were emitted.
    pub fn names(&self) -> Vec<&'static str> {
        self.order.iter().map(|(_, name)| *name).collect()
    }

    /// How many messages there were, of all types.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing was emitted.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The errors of handlers that were called through [`Handle`](crate::Handle): the message each of them was handling,
    /// and its text. A handler that is called as a method returns its error instead.
    pub fn failures(&self) -> &[(&'static str, String)] {
        &self.failures
    }

    /// Forgets all messages and failures; the time stays.
    pub fn clear(&mut self) {
        *self = Self { now: self.now, ..Self::default() };
    }

    /// Sets the time that [`Clock::now`] tells.
    pub fn set_now(&mut self, now: TimestampNs) {
        self.now = now;
    }

    /// A recorder that also answers requests of type `Q`.
    ///
    /// ```
    /// # mycelium_rt::__doc_messages!(Quote { size: u64 } = 1, Price { cents: u64 } = 2);
    /// use mycelium_rt::Request;
    /// use mycelium_rt::testing::Recorder;
    ///
    /// let mut cx = Recorder::new().replying(|quote: &Quote| Price { cents: quote.size * 5 });
    /// assert_eq!(cx.request(&Quote { size: 2 }), Price { cents: 10 });
    /// assert_eq!(cx.of::<Quote>(), [Quote { size: 2 }]);
    /// ```
    pub fn replying<Q: Message, R, F: FnMut(&Q) -> R>(self, reply: F) -> Replying<Q, F> {
        Replying::new(self, reply)
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
