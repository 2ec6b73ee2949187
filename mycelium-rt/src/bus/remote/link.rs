//! Links of a bus: what is published is sent to a peer.

use std::sync::Arc;

use super::attachment::{Closing, Outgoing};
use super::ends::LinkEnd;
use super::{AttachError, Attachment, is_listed};
use crate::bus::inbox::{Inbox, Kind};
use crate::bus::{Bus, BusError};
use crate::link::{Address, Batch, LinkSpec, OnFull};
use crate::ring::{Consumer, Ready};
use crate::{Config, Message, MessageInfo};

/// The most messages that a link takes off the bus before it polls its peer again.
const TURN: usize = 64;

/// Configures a link of a bus: what it forwards, and how. Made by [`Bus::link`].
///
/// The link connects, and connects again whenever its peer comes back. Until then, and while the peer is slow, messages wait, up to its
/// [`capacity`](Self::capacity); those that find no room are dropped, counted, and reported to the peer as a gap. What came to this bus by
/// an [`input`](Bus::input) is not forwarded, so that two buses that are linked both ways don't echo.
#[derive(Debug)]
#[must_use]
pub struct LinkBuilder {
    bus: Bus,
    spec: LinkSpec,
    slots: Option<usize>,
    capacity: usize,
}

impl LinkBuilder {
    pub(super) fn new(bus: &Bus, name: &'static str, address: Address) -> Self {
        let spec = LinkSpec::new(name, address, "", &[]);
        Self { bus: bus.clone(), spec, slots: None, capacity: bus.capacity() }
    }

    /// Forwards `M`. Repeated calls have no effect.
    pub fn forward<M: Message>(mut self) -> Self {
        if !is_listed::<M>(&self.spec.messages) {
            self.spec.messages.to_mut().push(MessageInfo::of::<M>());
        }
        self
    }

    /// Sets the most messages that may wait. The default is the capacity of the bus.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// Sets what happens when the link itself is full. The default is [`OnFull::Block`]: messages wait before it.
    /// With [`OnFull::Latest`] the newest of each message waits.
    pub fn on_full(mut self, on_full: OnFull) -> Self {
        self.spec.on_full = on_full;
        self
    }

    /// Sets when the link writes. It also writes whenever there is nothing more to send.
    pub fn batch(mut self, batch: Batch) -> Self {
        self.spec.batch = batch;
        self
    }

    /// Sets the number of messages that the ring of a link over shared memory holds.
    pub fn slots(mut self, slots: usize) -> Self {
        self.slots = Some(slots);
        self
    }

    both_ends!();

    /// Attaches the link. An address under its name in `config` takes precedence over the one in the program. The call waits for the peer
    /// only if `config` says so.
    ///
    /// # Errors
    /// Each [`AttachError`].
    pub fn open(self, config: &Config) -> Result<Attachment, AttachError> {
        let Self { bus, spec, slots, capacity } = self;
        let (name, messages) = (spec.name, spec.messages.clone());
        let topics = messages.iter().map(|message| bus.topic(message)).collect::<Result<Vec<_>, BusError>>()?;
        let size = messages.iter().map(MessageInfo::size).max().unwrap_or(0);
        let (inbox, consumer) = Inbox::new(capacity, size, Kind::Link)?;
        let end = LinkEnd::open(spec, slots, config)?;
        let closing = Closing::new().map_err(|source| AttachError::Thread { name, source })?;
        let outgoing = Outgoing {
            inbox: Arc::clone(&inbox),
            topics: topics.clone(),
            interrupt: end.interrupt(),
            linger: config.get_linger(),
        };
        let (counters, to_thread) = (end.counters(), Arc::clone(&closing));
        let forwarder = Forwarder { end, consumer, closing: to_thread };
        let attachment = Attachment::start(name, counters, closing, Some(outgoing), move || forwarder.run())?;
        // Last, so that nothing is taken before the thread runs.
        bus.join(&topics, &inbox)?;
        Ok(attachment)
    }
}

/// Runs on the thread of a link.
struct Forwarder {
    end: LinkEnd,
    consumer: Consumer,
    closing: Arc<Closing>,
}

impl Forwarder {
    fn run(mut self) {
        loop {
            self.end.poll();
            if self.forward() > 0 {
                continue;
            }
            self.end.flush();
            // Checked after the inbox: what was published before it was closed is sent.
            if let Some(deadline) = self.closing.deadline()
                && self.is_drained()
            {
                return self.end.close(deadline);
            }
            self.sleep();
        }
    }

    fn forward(&mut self) -> usize {
        let Self { end, consumer, .. } = self;
        consumer.poll(TURN, |frame| {
            if frame.lost > 0 {
                // What one slot cannot count the next one does, so the sum is exact.
                end.note_lost(u64::from(frame.lost));
            }
            // It counts what it drops.
            let _ = end.send(frame.type_id, frame.body);
        })
    }

    fn is_drained(&self) -> bool {
        self.consumer.is_closed() && !self.consumer.has_message()
    }

    fn sleep(&mut self) {
        let Self { end, consumer, closing, .. } = self;
        // If the bus has closed it, it only waits to be told to end.
        closing
            .sleep(end, |cx| !matches!(consumer.poll_ready(cx), std::task::Poll::Ready(Ready::Yes | Ready::TimedOut)));
    }
}
