//! The dynamic side: services and programs that find each other at run time, by the type of their messages.
//!
//! For development, plug-ins and tests, and for what runs on tokio anyway. A [`Bus`] has topics, one for each message: whoever
//! publishes needs to know nobody, and whoever subscribes may come and go. A [`Runtime`] runs services on it, the same ones that
//! [`routing_config!`](crate::routing_config) calls directly: what they handle is subscribed to, what they emit is published.
//!
//! ```
//! use contracts::{Bar, Signal};
//! use mycelium_rt::bus::{Bus, RecvError, Runtime};
//! use mycelium_rt::{Emit, service};
//! use std::time::Duration;
//!
//! struct Strategy;
//!
//! #[service]
//! impl Strategy {
//!     #[handle]
//!     fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
//!         cx.emit(&Signal::default());
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let bus = Bus::new();
//! let runtime = Runtime::new(&bus)?;
//! let mut signals = bus.subscribe::<Signal>()?;
//! let strategy = runtime.spawn(Strategy)?;
//! bus.publisher::<Bar>()?.publish(&Bar::default());
//! assert_eq!(signals.recv().await, Ok(Signal::default()));
//! strategy.shutdown(Duration::from_secs(5)).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | receivers | full | lost |
//! |---|---|---|---|
//! | [`publisher`](Bus::publisher), [`subscribe`](Bus::subscribe) | any number, each gets all | the newest is dropped there | [`RecvError::Lagged`] at its place |
//! | [`sender`](Bus::sender), [`receiver`](Bus::receiver) | one | `send` waits | nothing |
//! | [`request`](Bus::request) | the service that replies | an error | an error to who asks |
//!
//! Topics are part of the process; [`Bus::link`] and [`Bus::input`] lead messages to and from other processes and hosts.
//!
//! Each receiver has a ring of fixed size: publishing and receiving allocates nothing per message, nor waits.
#![forbid(unsafe_code)]

mod context;
mod error;
mod inbox;
mod place;
mod point;
mod remote;
mod request;
mod running;
mod runtime;
mod service;
mod subscriber;
mod topic;

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::runtime::Handle;

use self::inbox::{Inbox, Kind};
use self::point::{AnyPoint, Point};
use self::request::Responder;
use self::topic::{PublisherSet, Topic};
use crate::notice::Notices;
use crate::time::bounded;
use crate::{Message, MessageInfo};

pub use context::{ServiceContext, Woken};
pub use error::{BusError, PointError, RecvError, RequestError};
pub use point::{Receiver, Sender};
pub use remote::{AttachError, Attachment, InputBuilder, LinkBuilder};
pub use runtime::{Ended, Options, Runtime};
pub use service::{BusServiceStats, Metrics, ServiceError, ServiceHandle};
pub use subscriber::Subscriber;
pub use topic::{Publisher, TopicStats};

/// Topics, one for each message. Clones are the same bus; it is closed when the last one goes, or by [`close`](Self::close).
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    capacity: usize,
    topics: RwLock<HashMap<u16, Arc<Topic>>>,
    points: Mutex<HashMap<TypeId, AnyPoint>>,
    responders: Mutex<HashMap<u16, Responder>>,
    closed: AtomicBool,
    quiet: AtomicBool,
    notices: Notices,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus {
    /// A bus on which 1,024 messages may wait for each receiver.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1024)
    }

    /// A bus on which `capacity` messages may wait for each receiver. All memory of a receiver is fixed when it is made.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Arc::new(Inner {
            capacity,
            topics: RwLock::default(),
            points: Mutex::default(),
            responders: Mutex::default(),
            closed: AtomicBool::new(false),
            quiet: AtomicBool::new(false),
            notices: Notices::default(),
        }))
    }

    /// Keeps warnings and errors of its services off standard error, where they go if nobody has subscribed to `tracing`. Its links and
    /// inputs go by their [`Config`](crate::Config::quiet).
    pub fn quiet(&self) {
        // Partner: `notices`. Nothing but the flag itself is communicated.
        self.0.quiet.store(true, Ordering::Relaxed);
    }

    /// Where its services tell what goes wrong.
    fn notices(&self) -> Notices {
        // Partner: `quiet`.
        self.0.notices.clone().kept_quiet(self.0.quiet.load(Ordering::Relaxed))
    }

    /// Publishes `M`, to whoever has subscribed by then.
    ///
    /// # Errors
    /// [`BusError::IdTaken`] and [`BusError::OtherLayout`] where `M` would be taken for another message.
    pub fn publisher<M: Message>(&self) -> Result<Publisher<M>, BusError> {
        self.publishers::<M>().map(Publisher::new)
    }

    /// Receives what is published as `M` from now on.
    ///
    /// # Errors
    /// As [`publisher`](Self::publisher); [`BusError::Ring`] if the bus's capacity can't be had for this message; [`BusError::Closed`].
    pub fn subscribe<M: Message>(&self) -> Result<Subscriber<M>, BusError> {
        self.subscribe_with_capacity(self.0.capacity)
    }

    /// As [`subscribe`](Self::subscribe), with room for `capacity` messages.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn subscribe_with_capacity<M: Message>(&self, capacity: usize) -> Result<Subscriber<M>, BusError> {
        let topic = self.topic(&MessageInfo::of::<M>())?;
        let (inbox, consumer) = Inbox::new(capacity, size_of::<M>(), Kind::Subscriber)?;
        self.join(std::slice::from_ref(&topic), &inbox)?;
        Ok(Subscriber::new(&topic, &inbox, consumer))
    }

    /// Sends `M` to its one receiver, and waits for it where it must: at most as many messages wait as the bus's capacity says.
    #[must_use]
    pub fn sender<M: Message>(&self) -> Sender<M> {
        self.point::<M>().sender()
    }

    /// The one receiver of what is sent as `M`, before or after this call.
    ///
    /// # Errors
    /// [`BusError::ReceiverTaken`] as long as there is one; [`BusError::Closed`].
    pub fn receiver<M: Message>(&self) -> Result<Receiver<M>, BusError> {
        if self.is_closed() {
            return Err(BusError::Closed);
        }
        self.point::<M>().receiver()
    }

    /// Ends all subscriptions for good: what is in them can still be received. Messages that are published later go nowhere, and whoever
    /// subscribes, spawns a service or opens a link later gets [`BusError::Closed`].
    pub fn close(&self) {
        self.0.close();
    }

    /// What happened to each message so far, by id.
    #[must_use]
    pub fn stats(&self) -> Vec<TopicStats> {
        let topics = self.0.topics.read().unwrap_or_else(PoisonError::into_inner);
        let stats = |topic: &Arc<Topic>| TopicStats {
            message: topic.message(),
            receivers: topic.receivers(),
            dropped: topic.dropped(),
        };
        let mut stats: Vec<_> = topics.values().map(stats).collect();
        stats.sort_by_key(|topic| (topic.message.id, topic.message.name));
        stats
    }

    fn capacity(&self) -> usize {
        self.0.capacity
    }

    fn publishers<M: Message>(&self) -> Result<PublisherSet, BusError> {
        self.topic(&MessageInfo::of::<M>()).map(PublisherSet::new)
    }

    fn is_closed(&self) -> bool {
        // Partner: the store in `Inner::close`.
        self.0.closed.load(Ordering::Acquire)
    }

    /// Has what goes through these topics put into `inbox`.
    fn join(&self, topics: &[Arc<Topic>], inbox: &Arc<Inbox>) -> Result<(), BusError> {
        topics.iter().for_each(|topic| topic.add(inbox));
        // Looked at afterwards: if it is not closed yet, whoever closes it finds this inbox.
        if self.is_closed() {
            topics.iter().for_each(|topic| topic.remove(inbox));
            return Err(BusError::Closed);
        }
        Ok(())
    }

    fn topic(&self, message: &MessageInfo) -> Result<Arc<Topic>, BusError> {
        let topic = self.topic_of(message);
        topic.check(message).map(|()| topic)
    }

    /// The topic with this message's id.
    fn topic_of(&self, message: &MessageInfo) -> Arc<Topic> {
        if let Some(topic) = self.0.topics.read().unwrap_or_else(PoisonError::into_inner).get(&message.id) {
            return Arc::clone(topic);
        }
        let mut topics = self.0.topics.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(topics.entry(message.id).or_insert_with(|| Arc::new(Topic::new(*message))))
    }

    fn point<M: Message>(&self) -> Arc<Point<M>> {
        let capacity = self.0.capacity;
        let mut points = self.0.points.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_closed() {
            // Kept by nobody: what is sent to it is an error.
            return Arc::new(Point::new(capacity));
        }
        let point = points.entry(TypeId::of::<M>()).or_insert_with(|| Arc::new(Point::<M>::new(capacity)));
        // Kept under the type of its message, so it is one; a new one would be a channel of its own.
        Arc::clone(point).downcast().unwrap_or_else(|_| Arc::new(Point::new(capacity)))
    }

    fn responders(&self) -> MutexGuard<'_, HashMap<u16, Responder>> {
        self.0.responders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn close(&self) {
        // Partner: the load in `Bus::is_closed`. First, so that who comes too late for what follows knows.
        self.closed.store(true, Ordering::Release);
        // What this wakes may come back to the bus, so no lock is held meanwhile.
        let topics: Vec<_> = {
            let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
            topics.values().map(Arc::clone).collect()
        };
        topics.iter().for_each(|topic| topic.close());
        let points = std::mem::take(&mut *self.points.lock().unwrap_or_else(PoisonError::into_inner));
        drop(points);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bus").field("topics", &self.stats()).finish_non_exhaustive()
    }
}

/// What `future` comes to, unless it takes longer than `limit`. The runtime of `handle` keeps the time, so the caller may be anywhere.
async fn within<F: Future>(handle: &Handle, limit: Duration, future: F) -> Option<F::Output> {
    let limited = {
        let _entered = handle.enter();
        tokio::time::timeout(bounded(limit), future)
    };
    limited.await.ok()
}
