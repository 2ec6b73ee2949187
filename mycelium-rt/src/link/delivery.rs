//! What takes the messages of an input, and what one turn of the input has handed to it.
//!
//! [`Deliver`] is the program's side. [`Taken`] counts what one turn hands over. [`Admitted`] checks each message against the
//! handshake first, for kinds of links that pass messages on whole; streams do this in their decoder.

use std::fmt::Display;

use super::Counters;
use super::transport::receive::End;
use super::unknown::{UnknownMessages, Welcome};
use crate::wire::MessageTable;

/// A [`Deliver`] made of two closures.
pub(crate) struct Delivery<D, G> {
    take: D,
    goes_on: G,
}

impl<D, G, E> Delivery<D, G>
where
    D: FnMut(u16, u16, &[u8]) -> Result<(), E>,
    G: Fn() -> bool,
    E: Display,
{
    pub(crate) fn new(take: D, goes_on: G) -> Self {
        Self { take, goes_on }
    }
}

/// What an input hands messages to. A trait, so that the types of both closures are named in one place.
pub trait Deliver {
    /// Why a message is not valid.
    type Error: Display;

    /// Takes one message: its id, its version, and its body.
    ///
    /// # Errors
    /// The body violates its contract.
    fn take(&mut self, id: u16, version: u16, body: &[u8]) -> Result<(), Self::Error>;

    /// Whether another message may follow. Asked before each message.
    fn goes_on(&self) -> bool;
}

impl<D, G, E> Deliver for Delivery<D, G>
where
    D: FnMut(u16, u16, &[u8]) -> Result<(), E>,
    G: Fn() -> bool,
    E: Display,
{
    type Error = E;

    #[inline(always)]
    fn take(&mut self, id: u16, version: u16, body: &[u8]) -> Result<(), E> {
        (self.take)(id, version, body)
    }

    #[inline(always)]
    fn goes_on(&self) -> bool {
        (self.goes_on)()
    }
}

/// The messages of one turn, which are counted when the turn ends, even if it ends by a panic of the program.
#[derive(Debug)]
pub struct Taken<'a> {
    counters: &'a Counters,
    /// Messages accepted, including the current one.
    pub(crate) messages: usize,
    /// Messages that this side does not know, which were given to a hook.
    pub(crate) unknown: usize,
    /// The bytes of these messages, if they are not counted as they are read.
    pub(crate) bytes: u64,
    /// The number of sequence numbers that are missing before them.
    pub(crate) gaps: u64,
    /// Where the missing messages are also added up for the peer.
    lost: Option<&'a mut u64>,
}

impl<'a> Taken<'a> {
    /// No messages yet.
    #[inline(always)]
    pub fn new(counters: &'a Counters) -> Self {
        Self { counters, messages: 0, unknown: 0, bytes: 0, gaps: 0, lost: None }
    }

    /// Also adds missing messages to `lost`, the sum of all that were ever missing from the peer.
    #[cfg(feature = "shm")]
    #[inline(always)]
    pub(crate) fn with_lost(mut self, lost: &'a mut u64) -> Self {
        self.lost = Some(lost);
        self
    }

    /// Gives a message to the hook of unknown messages, if it is one of those, otherwise to `delivery`, and counts it
    /// accordingly.
    ///
    /// # Errors
    /// The body violates its contract. The message is not counted.
    #[inline(always)]
    pub(crate) fn hand_over<D: Deliver>(
        &mut self,
        unknown: &Option<UnknownMessages>,
        id: u16,
        version: u16,
        body: &[u8],
        delivery: &mut D,
    ) -> Result<(), D::Error> {
        if let Some(unknown) = unknown {
            // Counted before the call: a message whose hook panics was taken.
            self.unknown += 1;
            if unknown.take(id, version, body) {
                return Ok(());
            }
            self.unknown -= 1;
        }
        self.messages += 1;
        let taken = delivery.take(id, version, body);
        if taken.is_err() {
            self.messages -= 1;
        }
        taken
    }

    /// All messages that were taken, by the program or by the hook.
    #[inline(always)]
    pub fn all(&self) -> usize {
        self.messages + self.unknown
    }
}

impl Drop for Taken<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.all() > 0 || self.gaps > 0 {
            self.counters.received.add(self.messages as u64);
            self.counters.unknown.add(self.unknown as u64);
            self.counters.bytes_received.add(self.bytes);
            self.counters.add_gaps(self.gaps);
            if let Some(lost) = &mut self.lost {
                **lost = lost.saturating_add(self.gaps);
            }
        }
    }
}

/// The messages that a peer may send, by its handshake: each message is checked against this before the program sees it. For
/// kinds of links that pass messages on whole.
#[derive(Debug)]
pub struct Admitted {
    announced: MessageTable,
    /// Messages that it may send and this side does not know.
    unknown: Option<UnknownMessages>,
}

impl Admitted {
    /// By the result of the handshake.
    pub fn new(welcome: Welcome) -> Self {
        let Welcome { announced, unknown, .. } = welcome;
        Self { announced: MessageTable::new(announced), unknown }
    }

    /// Delivers the message, before which `gap` messages are missing, to the program or to the hook of unknown messages.
    /// Returns whether another one may follow. If not, `end` is why the peer must go, or none if it stays and nothing more
    /// is taken for now.
    #[inline(always)]
    pub fn take(
        &mut self,
        id: u16,
        body: &[u8],
        gap: u64,
        taken: &mut Taken<'_>,
        delivery: &mut impl Deliver,
        end: &mut Option<End>,
    ) -> bool {
        let Some(it) = self.announced.find(id) else { return refuse(end, End::Unlisted(id)) };
        if it.size as usize != body.len() {
            return refuse(end, wrong_length(id, body.len(), it.size));
        }
        let len = body.len() as u64;
        // Wrapping: no turn is long enough for gaps of 16 bits, as rings have, to overflow.
        (taken.bytes, taken.gaps) = (taken.bytes + len, taken.gaps.wrapping_add(gap));
        if let Err(error) = taken.hand_over(&self.unknown, id, it.version, body, delivery) {
            taken.bytes -= len;
            return refuse(end, End::Body(error.to_string()));
        }
        // The message is taken; the peer stays.
        delivery.goes_on()
    }
}

#[cold]
fn refuse(end: &mut Option<End>, why: End) -> bool {
    *end = Some(why);
    false
}

#[cold]
fn wrong_length(id: u16, len: usize, announced: u32) -> End {
    End::Corrupt(format!("message id {id} has {len} bytes, {announced} were announced"))
}
