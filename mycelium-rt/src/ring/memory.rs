//! The memory of a ring, on the heap or in a pair of mappings of two processes, and every access to it.
//!
//! All accesses go through raw pointers. A reference is only ever made to a single atomic word or, where both ends belong to this process,
//! to the body of a slot that the consumer owns.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::layout::{Geometry, Head, Lines, SLOT_HEADER};
use super::wait::WakeWord;
use crate::sync::{Arc, AtomicU32, AtomicU64};

/// Bytes of a slot that lie in one line with its commit word.
const FIRST_LINE: usize = 64;

/// The words and slots of one ring, seen by one of its two ends.
///
/// Invariant: for as long as `owner` lives, `produced` and `consumed` point to a [`Lines`] each and `slots` to `mask + 1` slots of
/// `stride` bytes each, all readable by both ends; `produced` and `slots` are writable by the producer's end, `consumed`
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

// SAFETY: the pointers are to memory that `_owner` keeps and that may be used from any thread: words are only accessed atomically, and a
// slot only by the end to which the commit word or the cursor gives it.
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
        /// The first message that the consumer has not given back.
        cursor: consumed.consumer, AtomicU64;
        /// The word that the producer sleeps on.
        wake_space: consumed.consumer, WakeWord;
        /// Whether the consumer waits for a message.
        park_rx: consumed.park, AtomicU32;
    }

    /// The memory of both ends, on the heap.
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

/// One slot, computed once for all accesses to it.
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
        // SAFETY: a slot begins with its commit word, is aligned to 64 and lives as long as `'a`. `AtomicU64::from_ptr` would require
        // writable memory, which a peer's slots are not; they are only loaded, and only relaxed.
        unsafe { self.start.cast::<AtomicU64>().as_ref() }
    }

    /// Prefetches one of the slot's lines of 64 bytes for a later read. A hint: it changes no value and orders nothing.
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

    /// Writes the slot except for its commit word.
    ///
    /// # Safety
    /// The caller is the producer, has not committed the slot's sequence, and the consumer's cursor has passed the slot's last use. `body`
    /// is no longer than a slot takes.
    #[inline(always)]
    pub(super) unsafe fn write(self, head: Head, body: &[u8]) {
        let len = body.len();
        let first = len.min(FIRST_LINE - SLOT_HEADER);
        // SAFETY: the slot has `SLOT_HEADER + max_body` bytes and is ours by the caller's promise; `first` is at most `len`. `body` cannot overlap it, since
        // references into slots are only handed out by `body`, to the consumer, while the slot is the consumer's.
        unsafe {
            let (body, space) = (NonNull::from(body).cast::<u8>(), self.start.add(SLOT_HEADER));
            // The consumer polls the first line, and takes it away from this core after each write. So that line is written last.
            space.add(first).copy_from_nonoverlapping(body.add(first), len - first);
            self.start.add(8).cast::<u64>().write(head.to_bits());
            space.copy_from_nonoverlapping(body, first);
        }
    }

    /// Reads the head of the slot, once, in one access.
    ///
    /// # Safety
    /// The caller is the consumer.
    #[inline(always)]
    pub(super) unsafe fn head(self) -> Head {
        // SAFETY: within the slot and aligned to 8. Volatile, since an untrusted peer may be writing at this moment: the value may
        // then be anything, but is read once and used as it was read.
        Head::from_bits(unsafe { self.start.add(8).cast::<u64>().read_volatile() })
    }

    /// The body, in place.
    ///
    /// # Safety
    /// The caller is the consumer, both ends are of this process, the slot is committed, and the cursor does not pass it while the
    /// result lives. `len` is the length in its head.
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

/// A body in place. A type of its own, since the one for loom has to know when it is no longer in use.
pub(super) struct Body<'a>(&'a [u8]);

impl std::ops::Deref for Body<'_> {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        self.0
    }
}

/// The memory of a ring within one process.
struct Heap {
    lines: Lines,
    blocks: Box<[Block]>,
}

/// A unit of allocation, only there for its alignment.
#[repr(C, align(128))]
struct Block(UnsafeCell<[u64; 16]>);

// SAFETY: the cells are only accessed through `Memory`, whose ends pass them on by commit word and cursor.
unsafe impl Sync for Block {}

impl Heap {
    fn new(geometry: Geometry) -> Self {
        // One block too few only where the address sanitizer has to find it.
        let planted = usize::from(cfg!(mycelium_planted_overflow));
        let blocks = geometry.bytes().div_ceil(size_of::<Block>()) - planted;
        // Written, not only reserved, so that no message pays for a page fault.
        Self { lines: Lines::default(), blocks: (0..blocks).map(|_| Block(UnsafeCell::new([0; 16]))).collect() }
    }

    fn base(&self) -> NonNull<u8> {
        // Of the whole slice: a pointer to its first block could not access the others.
        NonNull::from(&*self.blocks).cast()
    }
}

/// From this size on, in bytes, one string instruction is faster than a loop of loads.
#[cfg(target_arch = "x86_64")]
const STRING_COPY: usize = 256;

/// Copies `words.len()` words from `source`, which another process may be writing, and reads each exactly once.
///
/// The reads are volatile, or one instruction that is opaque to the compiler: what the other process does at the same time can change the
/// values, but nothing is read twice and nothing is assumed.
///
/// # Safety
/// `source` is aligned to 8 and readable for `words.len()` words, and does not overlap `words`.
#[inline(always)]
pub(crate) unsafe fn copy_words(source: NonNull<u64>, words: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if size_of_val(words) > STRING_COPY {
        // SAFETY: the caller's promise.
        unsafe { copy_string(source, words) };
        return;
    }
    for (index, word) in words.iter_mut().enumerate() {
        // SAFETY: `index` is below `words.len()`.
        *word = unsafe { source.add(index).read_volatile() };
    }
}

/// # Safety
/// As [`copy_words`].
#[cfg(target_arch = "x86_64")]
#[inline]
unsafe fn copy_string(source: NonNull<u64>, words: &mut [u64]) {
    // SAFETY: reads and writes exactly the two ranges that the caller vouches for; the ABI keeps the direction flag clear.
    unsafe {
        std::arch::asm!(
            "rep movsb",
            inout("rcx") size_of_val(words) => _,
            inout("rsi") source.as_ptr() => _,
            inout("rdi") words.as_mut_ptr() => _,
            options(nostack, preserves_flags)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_every_word_and_no_more() {
        let source: Vec<u64> = (0..1024).map(|n| n * 0x0101_0101).collect();
        for len in [0, 1, 7, 31, 32, 33, 100, 1023] {
            let mut words = vec![u64::MAX; len + 1];
            // SAFETY: `source` has more than `len` words and is another vector.
            unsafe { copy_words(NonNull::from(source.as_slice()).cast(), &mut words[..len]) };
            assert_eq!(words[..len], source[..len]);
            assert_eq!(words[len], u64::MAX);
        }
    }
}
