//! How a reader gets at bodies: where they lie, or copied out first.

use super::Corrupt;
use super::memory::Slot;
use super::slot::Head;

/// A way to read bodies. A type and not a flag, since it is looked at for every message.
pub(crate) trait Bodies {
    /// Whether the producer may be another process, which can write anything at any time.
    const DISTRUSTS: bool;

    /// Hands the body of a slot to `take`.
    ///
    /// # Errors
    /// A length beyond the slot, if the producer is not trusted.
    ///
    /// # Safety
    /// The caller is the consumer, and `head` is what the slot says. The slot is committed and not given back before this returns. Where
    /// `DISTRUSTS` is false, the producer is a [`Writer`](super::writer::Writer) of this process.
    unsafe fn read<R>(&mut self, slot: Slot<'_>, head: Head, take: impl FnOnce(&[u8]) -> R) -> Result<R, Corrupt>;
}

/// Bodies are read where they lie.
pub(crate) struct InPlace;

/// Bodies are copied out before anyone looks at them, to as many words as the largest takes.
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
