//! A message as the consumer sees it, and how its body is read: where it lies, or copied out first.

use super::Corrupt;
use super::layout::Head;
use super::memory::Slot;

/// One message as it lies in a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame<'a> {
    /// The number of the message on this ring, from 0, without gaps.
    pub sequence: u64,
    /// The message's id.
    pub type_id: u16,
    /// The number of messages that the sender dropped just before this one. If there are more than 65,535, the next messages carry the
    /// rest, so that the sum is exact.
    pub lost: u16,
    /// The body, aligned to 8.
    pub body: &'a [u8],
}

impl<'a> Frame<'a> {
    #[inline(always)]
    pub(super) fn new(sequence: u64, head: Head, body: &'a [u8]) -> Self {
        Self { sequence, type_id: head.type_id, lost: head.lost, body }
    }
}

/// A way to read bodies. A type and not a flag, since it is needed for every message.
pub(crate) trait Bodies {
    /// Whether the producer may be another process, which can write anything at any time.
    const DISTRUSTS: bool;

    /// Hands the body of a slot to `take`.
    ///
    /// # Errors
    /// A length beyond the slot, if the producer is not trusted.
    ///
    /// # Safety
    /// The caller is the consumer, and `head` is the head of the slot. The slot is committed and not given back before this returns. Where
    /// `DISTRUSTS` is false, the producer is a [`Writer`](super::writer::Writer) of this process.
    unsafe fn read<R>(&mut self, slot: Slot<'_>, head: Head, take: impl FnOnce(&[u8]) -> R) -> Result<R, Corrupt>;
}

/// Bodies are read where they lie.
pub(crate) struct InPlace;

/// Bodies are copied out before anything reads them, into a buffer for the largest body.
pub(crate) struct Copied(Box<[u64]>);

impl Bodies for InPlace {
    const DISTRUSTS: bool = false;

    #[inline(always)]
    unsafe fn read<R>(&mut self, slot: Slot<'_>, head: Head, take: impl FnOnce(&[u8]) -> R) -> Result<R, Corrupt> {
        // SAFETY: the caller's promise.
        let body = unsafe { slot.body(head.len as usize) };
        Ok(take(&body))
    }
}

impl Copied {
    /// For bodies of at most `max_body` bytes, a multiple of 8: what the slots of the ring have room for.
    pub(super) fn of(max_body: usize) -> Self {
        Self(vec![0; max_body / 8].into_boxed_slice())
    }
}

impl Bodies for Copied {
    const DISTRUSTS: bool = true;

    #[inline(always)]
    unsafe fn read<R>(&mut self, slot: Slot<'_>, head: Head, take: impl FnOnce(&[u8]) -> R) -> Result<R, Corrupt> {
        let len = head.len as usize;
        let max = size_of_val(&*self.0) as u32;
        let words = self.0.get_mut(..len.div_ceil(8)).ok_or(Corrupt::Length { len: head.len, max })?;
        // SAFETY: this is the consumer, by the caller's promise, and all words together are as long as a slot's body.
        unsafe { slot.copy_body(words) };
        Ok(take(zerocopy::IntoBytes::as_bytes(words).get(..len).unwrap_or_default()))
    }
}
