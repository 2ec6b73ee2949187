//! Where a ring lies: heap memory, or a pair of mappings of two processes.
//!
//! Everything here goes through raw pointers. A reference is only ever made to a single atomic word, or, where both ends belong to
//! this process, to the body of a slot that the consumer owns.

use std::cell::UnsafeCell;
use std::ptr::NonNull;

use super::copy::copy_words;
use super::geometry::{Geometry, SLOT_HEADER};
use super::lines::Lines;
use super::slot::Head;
use super::wake_word::WakeWord;
use crate::sync::{Arc, AtomicU32, AtomicU64};

/// The words and slots of one ring, seen by one of its two ends.
///
/// Invariant: for as long as `owner` lives, `produced` and `consumed` point to a [`Lines`] each and `slots` to as many slots of
/// `stride` bytes as `mask + 1` says, all readable by both ends; `produced` and `slots` are writable by the producer's end, `consumed`
/// by the consumer's. `stride` is a multiple of 64, and the slots are aligned to 64 bytes, the lines to 128.
#[derive(Clone)]
pub(crate) struct Memory {
    /// The lines of the half whose owner produces.
    produced: NonNull<Lines>,
    /// The lines of the half whose owner consumes; the same as `produced` in heap memory.
    consumed: NonNull<Lines>,
    slots: NonNull<u8>,
    stride: usize,
    mask: u64,
    _owner: Arc<dyn Send + Sync>,
}

// SAFETY: the pointers are to memory that `_owner` keeps and that may be used from any thread: words are only touched atomically,
// and a slot only by the end that the commit word or the cursor gives it to.
unsafe impl Send for Memory {}

/// Expands to accessors of single control words.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $half:ident.$line:ident, $word:ty;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub(super) fn $name(&self) -> &$word {
            // SAFETY: by the invariant of `Memory` the lines live as long as `self`. The reference is to one atomic word alone.
            unsafe { &(*self.$half.as_ptr()).$line.$name }
        }
    )*};
}

impl Memory {
    words! {
        /// The word that the consumer sleeps on.
        wake_data: produced.producer, WakeWord;
        /// Statistics of the producer.
        committed: produced.producer, AtomicU64;
        /// Statistics of the producer.
        bytes: produced.producer, AtomicU64;
        /// Statistics of the producer.
        lost: produced.producer, AtomicU64;
        /// Whether the producer waits for space.
        park_tx: produced.park, AtomicU32;
        /// What the consumer needs next.
        cursor: consumed.consumer, AtomicU64;
        /// The word that the producer sleeps on.
        wake_space: consumed.consumer, WakeWord;
        /// Whether the consumer waits for a message.
        park_rx: consumed.park, AtomicU32;
    }

    /// Both ends' memory, on the heap.
    pub(super) fn heap(geometry: Geometry) -> Self {
        let heap = Arc::new(Heap::new(geometry));
        let lines = NonNull::from(&heap.lines);
        let slots = heap.base();
        // SAFETY: both pointers are into allocations that `heap` owns and never moves. All of it is inside `UnsafeCell`s or atomics,
        // so it may be written through them. The sizes are those of `geometry`.
        unsafe { Self::new(lines, lines, slots, geometry, heap) }
    }

    /// # Safety
    /// The arguments must keep the invariant of [`Memory`] for as long as `owner` lives.
    pub(crate) unsafe fn new(
        produced: NonNull<Lines>,
        consumed: NonNull<Lines>,
        slots: NonNull<u8>,
        geometry: Geometry,
        owner: Arc<dyn Send + Sync>,
    ) -> Self {
        Self { produced, consumed, slots, stride: geometry.stride(), mask: geometry.slots() as u64 - 1, _owner: owner }
    }

    #[inline(always)]
    fn slot(&self, sequence: u64) -> NonNull<u8> {
        // At most the size of the allocation, so neither factor nor product can overflow.
        let offset = (sequence & self.mask) as usize * self.stride;
        // SAFETY: the index is below the number of slots, so the result is within the memory that `slots` points to.
        unsafe { self.slots.add(offset) }
    }

    /// The commit word of the slot of `sequence`.
    #[inline(always)]
    pub(super) fn commit_word(&self, sequence: u64) -> &AtomicU64 {
        // SAFETY: a slot begins with its commit word, is aligned to 64 and lives as long as `self`. `AtomicU64::from_ptr` would ask
        // for memory that can be written, which a peer's slots are not; loads alone are made there, and those relaxed.
        unsafe { self.slot(sequence).cast::<AtomicU64>().as_ref() }
    }

    /// Writes a slot but for its commit word.
    ///
    /// # Safety
    /// The caller is the producer, has `sequence` not committed, and the consumer's cursor has passed the slot's last use. `body` is no
    /// longer than a slot takes.
    #[inline(always)]
    pub(super) unsafe fn write(&self, sequence: u64, head: Head, body: &[u8]) {
        let slot = self.slot(sequence);
        // SAFETY: the slot has `SLOT_HEADER + max_body` bytes and is ours by the caller's promise; `body` cannot overlap it, since
        // references into slots are only handed out by `body`, to the consumer, while the slot is the consumer's.
        unsafe {
            slot.add(8).cast::<u64>().write(head.to_bits());
            slot.add(SLOT_HEADER).copy_from_nonoverlapping(NonNull::from(body).cast(), body.len());
        }
    }

    /// Reads what a slot says about its body; once, in one access.
    ///
    /// # Safety
    /// The caller is the consumer.
    #[inline(always)]
    pub(super) unsafe fn head(&self, sequence: u64) -> Head {
        // SAFETY: within the slot and aligned to 8. Volatile, for an untrusted peer may be writing at this moment: the value may then
        // be anything, but is read once and used as it was read.
        Head::from_bits(unsafe { self.slot(sequence).add(8).cast::<u64>().read_volatile() })
    }

    /// The body of a slot, in place.
    ///
    /// # Safety
    /// The caller is the consumer, both ends are of this process, the slot is committed, and the cursor does not pass it while the
    /// result lives. `len` is what its head says.
    #[inline(always)]
    pub(super) unsafe fn body(&self, sequence: u64, len: usize) -> Body<'_> {
        // SAFETY: the producer, being this library, wrote `len` bytes before it committed, and writes here again only after the cursor
        // has passed.
        Body(unsafe { std::slice::from_raw_parts(self.slot(sequence).add(SLOT_HEADER).as_ptr(), len) })
    }

    /// Copies the first `words.len()` words of a slot's body, each read once.
    ///
    /// # Safety
    /// The caller is the consumer. A slot's body has room for `words`.
    #[inline(always)]
    pub(super) unsafe fn copy_body(&self, sequence: u64, words: &mut [u64]) {
        // SAFETY: within the slot by the caller's promise, aligned to 8.
        unsafe { copy_words(self.slot(sequence).add(SLOT_HEADER).cast(), words) }
    }
}

/// A body in place. A type of its own since loom's has to know when it is no longer in use.
pub(super) struct Body<'a>(&'a [u8]);

impl std::ops::Deref for Body<'_> {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        self.0
    }
}

/// The memory of a ring inside one process.
struct Heap {
    lines: Lines,
    blocks: Box<[Block]>,
}

/// A unit of allocation, only there for its alignment.
#[repr(C, align(128))]
struct Block(UnsafeCell<[u64; 16]>);

// SAFETY: the cells are only reached through `Memory`, whose ends share them out by commit word and cursor.
unsafe impl Sync for Block {}

impl Heap {
    fn new(geometry: Geometry) -> Self {
        let blocks = geometry.bytes().div_ceil(size_of::<Block>());
        // Written, not just reserved, so that no message pays for a page fault.
        Self { lines: Lines::default(), blocks: (0..blocks).map(|_| Block(UnsafeCell::new([0; 16]))).collect() }
    }

    fn base(&self) -> NonNull<u8> {
        // Of the whole slice: a pointer to its first block could not reach the others.
        NonNull::from(&*self.blocks).cast()
    }
}
