//! What takes the messages of an input, and what one turn of the input has handed to it.
//!
//! [`Deliver`] is the program's side. [`Taken`] counts what one turn hands over. [`Admitted`] checks each message against the
//! handshake first, for kinds of links that pass messages on whole; streams do this in their decoder.

use std::fmt::Display;

use super::Counters;
use super::transport::receive::End;
use super::unknown::{Strangers, Welcome};
use crate::wire::MessageTable;

/// Takes messages, as long as it goes on.
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

/// What an input asks of it. A trait, so that the types of both closures are named in one place.
pub trait Deliver {
    /// What is wrong with a message.
    type Error: Display;

    /// Hands over one message: its id, its version, and its body.
    ///
    /// # Errors
    /// The body is not what its contract allows.
    fn take(&mut self, id: u16, version: u16, body: &[u8]) -> Result<(), Self::Error>;

    /// Whether another message may follow. To be asked before each.
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

/// Messages of one turn, which are counted when it ends, also by a panic of who takes them.
#[derive(Debug)]
pub struct Taken<'a> {
    counters: &'a Counters,
    /// Messages accepted, the one at hand included.
    pub(crate) messages: usize,
    /// Messages that this side does not know, given to a hook.
    pub(crate) unknown: usize,
    /// Bytes of these messages, where they are not counted as they are read.
    pub(crate) bytes: u64,
    /// Numbers that are missing before them.
    pub(crate) gaps: u64,
    /// Where the messages that are missing are summed up for the peer, too.
    lost: Option<&'a mut u64>,
}

impl<'a> Taken<'a> {
    /// Nothing yet.
    #[inline(always)]
    pub fn new(counters: &'a Counters) -> Self {
        Self { counters, messages: 0, unknown: 0, bytes: 0, gaps: 0, lost: None }
    }

    /// The same, with a sum of all that was ever missing of the peer.
    #[inline(always)]
    pub(crate) fn with_lost(mut self, lost: &'a mut u64) -> Self {
        self.lost = Some(lost);
        self
    }

    /// Hands a message to the hook of unknown messages, if it is one of those, or else to who takes messages; counts it as that.
    ///
    /// # Errors
    /// The body is not what its contract allows. The message is not counted.
    #[inline(always)]
    pub(crate) fn hand_over<D: Deliver>(
        &mut self,
        strangers: &Option<Strangers>,
        id: u16,
        version: u16,
        body: &[u8],
        delivery: &mut D,
    ) -> Result<(), D::Error> {
        if let Some(strangers) = strangers {
            // Before the call: a message whose hook panics was taken.
            self.unknown += 1;
            if strangers.take(id, version, body) {
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

    /// All messages that were taken in, whoever got them.
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

/// What a peer may send, as its handshake said: each of its messages is judged by this before anybody takes it. For kinds of links that
/// pass messages on whole.
#[derive(Debug)]
pub struct Admitted {
    announced: MessageTable,
    /// Messages that it may send and this side does not know.
    strangers: Option<Strangers>,
}

impl Admitted {
    /// What the handshake came to.
    pub fn new(welcome: Welcome) -> Self {
        let Welcome { announced, strangers, .. } = welcome;
        Self { announced: MessageTable::new(announced), strangers }
    }

    /// Hands the message over, before which `gap` are missing: to who takes them, or to the hook of unknown messages. Whether another may
    /// follow; if not, `end` is why the peer must go, or none if it stays, and nothing more is to be taken for now.
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
        // Wrapping: no turn is long enough for gaps of 16 bits, which rings have, to overflow.
        (taken.bytes, taken.gaps) = (taken.bytes + len, taken.gaps.wrapping_add(gap));
        if let Err(error) = taken.hand_over(&self.strangers, id, it.version, body, delivery) {
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
