//! The memory of a ring in a loom model: the accessors of `memory.rs` over loom's types, which detect every unordered access.

use loom::cell::{ConstPtr, UnsafeCell};

use super::layout::{Geometry, Head, Lines};
use super::wait::WakeWord;
use crate::sync::{Arc, AtomicU32, AtomicU64};

#[derive(Clone)]
pub(crate) struct Memory {
    ring: Arc<Ring>,
}

struct Ring {
    lines: Lines,
    slots: Vec<ModelSlot>,
}

struct ModelSlot {
    commit_word: AtomicU64,
    content: UnsafeCell<Content>,
}

#[derive(Clone, Copy)]
struct Content {
    head: u64,
    body: [u64; 6],
}

// SAFETY: loom checks the accesses.
unsafe impl Send for Ring {}
// SAFETY: loom checks the accesses.
unsafe impl Sync for Ring {}

/// A body in place. To loom the slot is being read for as long as this lives.
pub(super) struct Body(ConstPtr<Content>, usize);

impl std::ops::Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: loom panics in `write` if the slot is written while this lives.
        unsafe { &std::slice::from_raw_parts((&raw const (*self.0.deref()).body).cast::<u8>(), 48)[..self.1] }
    }
}

impl Memory {
    pub(super) fn heap(geometry: Geometry) -> Self {
        let slot = || ModelSlot {
            commit_word: AtomicU64::new(0),
            content: UnsafeCell::new(Content { head: 0, body: [0; 6] }),
        };
        let slots = (0..geometry.slots()).map(|_| slot()).collect();
        Self { ring: Arc::new(Ring { lines: Lines::default(), slots }) }
    }

    pub(super) fn wake_data(&self) -> &WakeWord {
        &self.ring.lines.producer.wake_data
    }
    pub(super) fn committed(&self) -> &AtomicU64 {
        &self.ring.lines.producer.committed
    }
    pub(super) fn bytes(&self) -> &AtomicU64 {
        &self.ring.lines.producer.bytes
    }
    pub(super) fn lost(&self) -> &AtomicU64 {
        &self.ring.lines.producer.lost
    }
    pub(super) fn park_tx(&self) -> &AtomicU32 {
        &self.ring.lines.park.park_tx
    }
    pub(super) fn cursor(&self) -> &AtomicU64 {
        &self.ring.lines.consumer.cursor
    }
    pub(super) fn wake_space(&self) -> &WakeWord {
        &self.ring.lines.consumer.wake_space
    }
    pub(super) fn park_rx(&self) -> &AtomicU32 {
        &self.ring.lines.park.park_rx
    }

    pub(super) fn slot(&self, sequence: u64) -> Slot<'_> {
        Slot(&self.ring.slots[Geometry::place(sequence, self.ring.slots.len() as u64 - 1)])
    }
}

/// One slot.
#[derive(Clone, Copy)]
pub(crate) struct Slot<'a>(&'a ModelSlot);

impl<'a> Slot<'a> {
    pub(super) fn commit_word(self) -> &'a AtomicU64 {
        &self.0.commit_word
    }

    pub(super) fn prefetch_line(self, _line: usize) {}

    /// # Safety
    /// None: loom checks.
    pub(super) unsafe fn write(self, head: Head, body: &[u8]) {
        self.0.content.with_mut(|content| {
            // SAFETY: loom has checked that the other end does not access the slot.
            let content = unsafe { &mut *content };
            content.head = head.to_bits();
            for (word, bytes) in content.body.iter_mut().zip(body.chunks(8)) {
                *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            }
        });
    }

    /// # Safety
    /// None: loom checks.
    pub(super) unsafe fn head(self) -> Head {
        // SAFETY: loom has checked that nothing writes.
        Head::from_bits(self.0.content.with(|content| unsafe { (*content).head }))
    }

    /// # Safety
    /// None: loom checks.
    pub(super) unsafe fn body(self, len: usize) -> Body {
        Body(self.0.content.get(), len)
    }

    /// # Safety
    /// None: loom checks.
    pub(super) unsafe fn copy_body(self, words: &mut [u64]) {
        self.0.content.with(|content| {
            // SAFETY: loom has checked that nothing writes.
            words.copy_from_slice(unsafe { &(&(*content).body)[..words.len()] });
        });
    }
}
