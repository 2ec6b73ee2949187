//! A link or an input of a bus: the thread that drives it, and how it is told to end.

use std::fmt;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::AttachError;
use crate::bus::inbox::Inbox;
use crate::bus::topic::Topic;
use crate::lane::rest::LaneWaker;
use crate::lane::{Parking, Waits};
use crate::link::{Counters, Interrupt, LinkStats, NotAccepted};
use crate::time::after;

/// A link or an input of a bus. Dropping it detaches it: a link goes on sending what it has for at most
/// [`Config::linger`](crate::Config::linger), and what is left then is lost, counted and warned of. An input ends at once.
pub struct Attachment {
    name: &'static str,
    counters: Counters,
    local_address: Option<SocketAddr>,
    outgoing: Option<Outgoing>,
    closing: Arc<Closing>,
    /// Closed when the thread ends.
    over: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// What only a link has: its inbox on the bus, and a way to end its waits.
pub(super) struct Outgoing {
    pub(super) inbox: Arc<Inbox>,
    pub(super) topics: Vec<Arc<Topic>>,
    pub(super) interrupt: Interrupt,
    /// How long it goes on sending when it is dropped.
    pub(super) linger: Duration,
}

impl Attachment {
    /// Runs `work` on a thread of its own.
    pub(super) fn start(
        name: &'static str,
        counters: Counters,
        closing: Arc<Closing>,
        outgoing: Option<Outgoing>,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<Self, AttachError> {
        let (ending, over) = channel();
        let adopted = Arc::clone(&closing);
        let run = move || {
            adopted.adopt_this_thread();
            work();
            drop::<std::sync::mpsc::Sender<()>>(ending);
        };
        let thread = std::thread::Builder::new().name(format!("bus:{name}")).spawn(run);
        let thread = Some(thread.map_err(|source| AttachError::Thread { name, source })?);
        Ok(Self { name, counters, local_address: None, outgoing, closing, over, thread })
    }

    pub(super) fn at(mut self, address: Option<SocketAddr>) -> Self {
        self.local_address = address;
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where an input listens, if that is a TCP address; the kernel chooses the port where it is given as 0.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local_address
    }

    /// A snapshot of the counters. What a link had no room for counts as `dropped_newest`; the next message reports it to the peer.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        let mut stats = self.counters.snapshot();
        if let Some(Outgoing { inbox, .. }) = &self.outgoing {
            stats.dropped_newest = stats.dropped_newest.saturating_add(inbox.dropped());
        }
        stats
    }

    /// The messages of a link that its peer does not accept, or that an earlier peer did not.
    #[must_use]
    pub fn not_accepted(&self) -> Vec<NotAccepted> {
        self.counters.not_accepted_by_message(self.name)
    }

    /// Detaches it: a link takes no more messages and sends those that it has, an input takes what has arrived. It blocks the calling
    /// thread until that is done, or `deadline` is over; what is left then is lost, and counted. Returns the final counters.
    pub fn close(mut self, deadline: Duration) -> LinkStats {
        self.end(deadline);
        self.stats()
    }

    fn end(&mut self, deadline: Duration) {
        let Some(thread) = self.thread.take() else { return };
        if let Some(outgoing) = &self.outgoing {
            outgoing.leave();
        }
        self.closing.begin(after(deadline));
        if self.over.recv_timeout(deadline) == Err(RecvTimeoutError::Timeout)
            && let Some(outgoing) = &self.outgoing
        {
            outgoing.interrupt.set();
        }
        // Panics of user code are caught on it; had it panicked, nothing would be left to end.
        let _ = thread.join();
    }
}

impl Outgoing {
    /// From now on it takes no more messages.
    fn leave(&self) {
        self.topics.iter().for_each(|topic| topic.remove(&self.inbox));
        self.inbox.close();
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.end(self.outgoing.as_ref().map_or(Duration::ZERO, |outgoing| outgoing.linger));
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("name", &self.name).field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// Tells the thread of an attachment to end, and lets it sleep until then.
pub(super) struct Closing {
    deadline: OnceLock<Instant>,
    waker: Arc<LaneWaker>,
}

impl Closing {
    pub(super) fn new() -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self { deadline: OnceLock::new(), waker: LaneWaker::for_thread()? }))
    }

    /// Tells the thread to end by `deadline`; the first one counts.
    pub(super) fn begin(&self, deadline: Instant) {
        let _ = self.deadline.set(deadline);
        self.waker.notify();
    }

    /// The time by which to end, once the thread is to end.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline.get().copied()
    }

    /// The calling thread is the one that will sleep.
    pub(super) fn adopt_this_thread(&self) {
        self.waker.adopt_this_thread();
    }

    /// Sleeps until `end` needs to be polled, the waker that `is_idle` registers is called, or the thread is to end. Both are checked again
    /// before the sleep.
    pub(super) fn sleep(&self, end: &mut impl Waits, is_idle: impl FnOnce(&mut Context<'_>) -> bool) {
        let waker = Waker::from(Arc::clone(&self.waker));
        self.waker.arm();
        let mut parking = Parking::new(&waker);
        let to_end = self.deadline.get().is_some();
        if is_idle(&mut Context::from_waker(&waker)) && end.park(&mut parking) && !to_end {
            let Parking { descriptors, until, .. } = parking;
            self.waker.sleep(&descriptors, until);
        }
        end.unpark();
    }
}
