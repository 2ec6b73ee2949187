//! Counting what a thread allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting the allocations of each thread.
///
/// ```
/// use mycelium_test_support::allocations::{CountingAllocator, count};
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator = CountingAllocator;
///
/// assert_eq!(count(|| 1 + 1), (2, 0));
/// assert_eq!(count(|| Box::new(1)).1, 1);
/// ```
pub struct CountingAllocator;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Runs `work` and says how often this thread allocated or grew memory meanwhile.
///
/// Counts only in programs whose `#[global_allocator]` is a [`CountingAllocator`].
pub fn count<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = ALLOCATIONS.get();
    let result = work();
    (result, ALLOCATIONS.get() - before)
}

/// How often this thread has allocated or grown memory so far.
pub fn so_far() -> u64 {
    ALLOCATIONS.get()
}

fn note_one() {
    // A thread that is going away has no counter any more, and nobody to read it.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call is passed to `System` unchanged, which upholds the contract; counting touches a thread-local `Cell`
// without a destructor and never allocates.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note_one();
        // SAFETY: the caller's promises on `layout` are the ones that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `alloc` or `realloc` above, that is from `System`, with this `layout`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note_one();
        // SAFETY: as in `dealloc`; the caller's promise on `new_size` is the one that `System` asks for.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}
