//! The dynamic side: services and programs that find each other at run time, by the type of their messages.
//!
//! For development, plug-ins and tests, and for what runs on tokio anyway. A [`Bus`] has topics, one for each message: publishers
//! don't know their subscribers, and subscribers may come and go. A [`Runtime`] runs services on it, the same ones that
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
//! | | receivers | when full | lost messages |
//! |---|---|---|---|
//! | [`publisher`](Bus::publisher), [`subscribe`](Bus::subscribe) | any number, each gets all | the newest is dropped for that receiver | [`RecvError::Lagged`] at their place |
//! | [`sender`](Bus::sender), [`receiver`](Bus::receiver) | one | `send` waits | none |
//! | [`request`](Bus::request) | the service that replies | an error | an error to the requester |
//!
//! Topics are part of the process; [`Bus::link`] and [`Bus::input`] carry messages to and from other processes and hosts.
//!
//! Each receiver has a ring of fixed size: publishing and receiving a message neither allocates nor waits.
#![forbid(unsafe_code)]

mod context;
mod error;
mod inbox;
mod point;
mod registration;
#[cfg(feature = "net")]
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
#[cfg(feature = "net")]
pub use remote::{AttachError, Attachment, InputBuilder, LinkBuilder};
pub use runtime::{Ended, Options, Runtime};
pub use service::{BusServiceStats, Metrics, ServiceError, ServiceHandle};
pub use subscriber::Subscriber;
pub use topic::{Publisher, TopicStats};

/// Topics, one for each message. Clones are the same bus; it is closed when the last one is dropped, or by [`close`](Self::close).
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

    /// A bus on which `capacity` messages may wait for each receiver. All memory of a receiver is allocated when it is made.
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

    /// Keeps warnings and errors of its services off standard error, where they go if there is no subscriber of `tracing`. Its links and
    /// inputs follow their [`Config`](crate::Config::quiet).
    pub fn quiet(&self) {
        // Partner: `notices`. Relaxed: the flag publishes nothing else.
        self.0.quiet.store(true, Ordering::Relaxed);
    }

    /// Where its services report what goes wrong.
    fn notices(&self) -> Notices {
        // Partner: `quiet`.
        self.0.notices.clone().with_quiet(self.0.quiet.load(Ordering::Relaxed))
    }

    /// A publisher of `M`, to all that have subscribed when a message is published.
    ///
    /// # Errors
    /// [`BusError::IdTaken`] and [`BusError::OtherLayout`] where `M` would be mistaken for another message.
    pub fn publisher<M: Message>(&self) -> Result<Publisher<M>, BusError> {
        self.publishers::<M>().map(Publisher::new)
    }

    /// Receives what is published as `M` from now on.
    ///
    /// # Errors
    /// As [`publisher`](Self::publisher); [`BusError::Ring`] if no ring for this message can have the capacity of the bus; [`BusError::Closed`].
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

    /// A sender of `M` to its one receiver. It waits while as many messages are unreceived as the capacity of the bus says.
    #[must_use]
    pub fn sender<M: Message>(&self) -> Sender<M> {
        self.point::<M>().sender()
    }

    /// The one receiver of what is sent as `M`, before or after this call.
    ///
    /// # Errors
    /// [`BusError::ReceiverTaken`] while there is one; [`BusError::Closed`].
    pub fn receiver<M: Message>(&self) -> Result<Receiver<M>, BusError> {
        if self.is_closed() {
            return Err(BusError::Closed);
        }
        self.point::<M>().receiver()
    }

    /// Ends all subscriptions for good; what is in them can still be received. Messages that are published later go nowhere. To subscribe, to
    /// spawn a service or to open a link is then an error: [`BusError::Closed`].
    pub fn close(&self) {
        self.0.close();
    }

    /// The counters of each topic so far, by the id of its message.
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

    /// Subscribes `inbox` to these topics.
    fn join(&self, topics: &[Arc<Topic>], inbox: &Arc<Inbox>) -> Result<(), BusError> {
        topics.iter().for_each(|topic| topic.add(inbox));
        // Checked afterwards: if it is not closed yet, `close` finds this inbox.
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
            // Not kept, so that sending to it is an error.
            return Arc::new(Point::new(capacity));
        }
        let point = points.entry(TypeId::of::<M>()).or_insert_with(|| Arc::new(Point::<M>::new(capacity)));
        // Stored under the type of its message, so the downcast succeeds; a new one would be a separate channel.
        Arc::clone(point).downcast().unwrap_or_else(|_| Arc::new(Point::new(capacity)))
    }

    fn responders(&self) -> MutexGuard<'_, HashMap<u16, Responder>> {
        self.0.responders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn close(&self) {
        // Partner: the load in `Bus::is_closed`. First, so that anything added later finds the bus closed.
        self.closed.store(true, Ordering::Release);
        // The receivers that this wakes may call the bus, so no lock is held meanwhile.
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

/// The output of `future`, unless it takes longer than `limit`. The runtime of `handle` keeps the time, so the caller may be anywhere.
async fn within<F: Future>(handle: &Handle, limit: Duration, future: F) -> Option<F::Output> {
    let limited = {
        let _entered = handle.enter();
        tokio::time::timeout(bounded(limit), future)
    };
    limited.await.ok()
}
