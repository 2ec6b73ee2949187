//! Where a ring lies: heap memory, or a pair of mappings of two processes.
//!
//! Everything here goes through raw pointers. A reference is only ever made to a single atomic word, or, where both ends belong to
//! this process, to the body of a slot that the consumer owns.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::copy::copy_words;
use super::geometry::{Geometry, SLOT_HEADER};
use super::lines::Lines;
use super::slot::Head;
use super::wake_word::WakeWord;
use crate::sync::{Arc, AtomicU32, AtomicU64};

/// Bytes of a slot that lie in one line with its commit word.
const FIRST_LINE: usize = 64;

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

    /// The slot of `sequence`.
    #[inline(always)]
    pub(super) fn slot(&self, sequence: u64) -> Slot<'_> {
        // At most the size of the allocation, so neither factor nor product can overflow.
        let offset = Geometry::place(sequence, self.mask) * self.stride;
        // SAFETY: the place is masked, so it is below the number of slots, so the result is within the memory that `slots` points to.
        Slot { start: unsafe { self.slots.add(offset) }, memory: PhantomData }
    }
}

/// One slot, found once for all that is done with it.
///
/// Invariant: `start` points to a slot of a [`Memory`] that lives for `'a`.
#[derive(Clone, Copy)]
pub(crate) struct Slot<'a> {
    start: NonNull<u8>,
    memory: PhantomData<&'a Memory>,
}

impl<'a> Slot<'a> {
    /// The commit word.
    #[inline(always)]
    pub(super) fn commit_word(self) -> &'a AtomicU64 {
        // SAFETY: a slot begins with its commit word, is aligned to 64 and lives as long as `'a`. `AtomicU64::from_ptr` would ask
        // for memory that can be written, which a peer's slots are not; loads alone are made there, and those relaxed.
        unsafe { self.start.cast::<AtomicU64>().as_ref() }
    }

    /// Has the processor fetch one of the slot's lines of 64 bytes, for a read to come. A hint: it changes no value and orders nothing.
    #[inline(always)]
    pub(super) fn prefetch_line(self, line: usize) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: a prefetch accesses nothing as far as a program can tell, whatever the address; `wrapping_add` makes no promise
            // about it. The instruction is in every x86-64 processor.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(self.start.as_ptr().wrapping_add(line * 64).cast()) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = line;
    }

    /// Writes the slot but for its commit word.
    ///
    /// # Safety
    /// The caller is the producer, has the slot's sequence not committed, and the consumer's cursor has passed the slot's last use. `body`
    /// is no longer than a slot takes.
    #[inline(always)]
    pub(super) unsafe fn write(self, head: Head, body: &[u8]) {
        let len = body.len();
        let first = len.min(FIRST_LINE - SLOT_HEADER);
        // SAFETY: the slot has `SLOT_HEADER + max_body` bytes and is ours by the caller's promise; `first` is at most `len`. `body` cannot overlap it, since
        // references into slots are only handed out by `body`, to the consumer, while the slot is the consumer's.
        unsafe {
            let (body, space) = (NonNull::from(body).cast::<u8>(), self.start.add(SLOT_HEADER));
            // The consumer looks at the first line all the time, and takes it away whenever it was written to. So that line comes last.
            space.add(first).copy_from_nonoverlapping(body.add(first), len - first);
            self.start.add(8).cast::<u64>().write(head.to_bits());
            space.copy_from_nonoverlapping(body, first);
        }
    }

    /// Reads what the slot says about its body; once, in one access.
    ///
    /// # Safety
    /// The caller is the consumer.
    #[inline(always)]
    pub(super) unsafe fn head(self) -> Head {
        // SAFETY: within the slot and aligned to 8. Volatile, for an untrusted peer may be writing at this moment: the value may then
        // be anything, but is read once and used as it was read.
        Head::from_bits(unsafe { self.start.add(8).cast::<u64>().read_volatile() })
    }

    /// The body, in place.
    ///
    /// # Safety
    /// The caller is the consumer, both ends are of this process, the slot is committed, and the cursor does not pass it while the
    /// result lives. `len` is what its head says.
    #[inline(always)]
    pub(super) unsafe fn body(self, len: usize) -> Body<'a> {
        // SAFETY: the producer, being this library, wrote `len` bytes before it committed, and writes here again only after the cursor
        // has passed.
        Body(unsafe { std::slice::from_raw_parts(self.start.add(SLOT_HEADER).as_ptr(), len) })
    }

    /// Copies the first `words.len()` words of the body, each read once.
    ///
    /// # Safety
    /// The caller is the consumer. A slot's body has room for `words`.
    #[inline(always)]
    pub(super) unsafe fn copy_body(self, words: &mut [u64]) {
        // SAFETY: within the slot by the caller's promise, aligned to 8.
        unsafe { copy_words(self.start.add(SLOT_HEADER).cast(), words) }
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
        // One too few only where the address sanitizer is to be seen finding it.
        let planted = usize::from(cfg!(mycelium_planted_overflow));
        let blocks = geometry.bytes().div_ceil(size_of::<Block>()) - planted;
        // Written, not just reserved, so that no message pays for a page fault.
        Self { lines: Lines::default(), blocks: (0..blocks).map(|_| Block(UnsafeCell::new([0; 16]))).collect() }
    }

    fn base(&self) -> NonNull<u8> {
        // Of the whole slice: a pointer to its first block could not reach the others.
        NonNull::from(&*self.blocks).cast()
    }
}
