//! The memory of counters: a block of lines, and the groups in it.
//!
//! A block is allocated once, and never grows or moves. Groups are taken from its beginning to its end, each once, and none is returned
//! before the block is freed: `used` only grows, so two groups never overlap. A group keeps its block alive. There are only shared references
//! to a group, never mutable ones; its words change through them, since they are atomics.

use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Counter;

/// Words in a line: two cache lines of 64 bytes, which processors fetch together.
const LINE_WORDS: usize = 16;

/// Memory of one writer.
#[derive(Debug, Default)]
#[repr(C, align(128))]
struct Line([Counter; LINE_WORDS]);

/// Lines of counters: everything that one router counts. A clone is a handle of the same block.
#[derive(Clone)]
pub(crate) struct Block(Arc<Lines>);

struct Lines {
    lines: Box<[Line]>,
    /// Lines taken by groups.
    used: AtomicUsize,
    /// Lines of groups for which there was no room.
    overflow: AtomicUsize,
}

/// A type that consists of [`Counter`]s only; all bit patterns are valid.
///
/// # Safety
/// It is `repr(C)`, and all its fields are `Counter`s.
pub(crate) unsafe trait Words: Send + Sync + 'static {}

/// The counters of one writer, in lines of their own. A clone is a handle of the same words, for readers.
pub(crate) struct Group<T> {
    words: NonNull<T>,
    /// Keeps the words alive.
    block: Block,
}

impl Block {
    /// A block of `lines` lines, all zero.
    pub(crate) fn new(lines: usize) -> Self {
        let lines = (0..lines).map(|_| Line::default()).collect();
        Self(Arc::new(Lines { lines, used: AtomicUsize::new(0), overflow: AtomicUsize::new(0) }))
    }

    /// The number of lines of a group of this type.
    pub(crate) const fn lines_of<T: Words>() -> usize {
        const { assert!(align_of::<T>() <= align_of::<Line>() && size_of::<T>().is_multiple_of(size_of::<Counter>())) };
        size_of::<T>().div_ceil(size_of::<Line>())
    }

    /// The next group, all zero. If the block is full, the group has a block of its own.
    pub(crate) fn group<T: Words>(&self) -> Group<T> {
        let wanted = Self::lines_of::<T>();
        let fits = |used: usize| used.checked_add(wanted).filter(|end| *end <= self.0.lines.len());
        // Relaxed: only the number matters. The lines were written before the block was shared.
        let at = self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        match at.ok().and_then(|at| self.0.lines.get(at..at.saturating_add(wanted))) {
            // SAFETY: `T` consists of counters alone, which these lines hold, and is aligned as they are at most; the lines live in a box
            // that the group keeps, belong to no other group, since `used` has passed them, and are only shared.
            Some(lines) => Group { words: NonNull::from(lines).cast(), block: self.clone() },
            None => {
                self.0.overflow.fetch_add(wanted, Ordering::Relaxed);
                Self::new(wanted).group()
            }
        }
    }

    /// The number of lines that groups take or would take, and the number of lines of the block.
    pub(crate) fn usage(&self) -> (usize, usize) {
        (self.0.used.load(Ordering::Relaxed) + self.0.overflow.load(Ordering::Relaxed), self.0.lines.len())
    }

    /// All words, in the order of the groups. The words of a group begin at a multiple of 16.
    #[cfg(test)]
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.lines.iter().flat_map(|line| &line.0).map(Counter::get)
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block").field("lines", &self.0.lines.len()).finish_non_exhaustive()
    }
}

impl<T> Group<T> {
    /// Whether the group lies in this block.
    #[cfg(test)]
    pub(crate) fn is_in(&self, block: &Block) -> bool {
        Arc::ptr_eq(&self.block.0, &block.0)
    }
}

impl<T: Words> Group<T> {
    /// A group in this block, or without one in a block of its own.
    pub(crate) fn of(block: Option<&Block>) -> Self {
        block.map_or_else(Self::default, Block::group)
    }
}

impl<T: Words> Default for Group<T> {
    /// A group in a block of its own.
    fn default() -> Self {
        Block::new(Block::lines_of::<T>()).group()
    }
}

impl<T> Clone for Group<T> {
    fn clone(&self) -> Self {
        Self { words: self.words, block: self.block.clone() }
    }
}

impl<T> Deref for Group<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: made from lines that hold a `T`. The block, which lives as long as this, keeps them in place.
        unsafe { self.words.as_ref() }
    }
}

// SAFETY: a group is a shared reference to `T` together with its owner; `Words` is `Send` and `Sync`.
unsafe impl<T: Words> Send for Group<T> {}
// SAFETY: as above.
unsafe impl<T: Words> Sync for Group<T> {}

impl<T: fmt::Debug> fmt::Debug for Group<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{LaneWords, LinkWords};
    use super::*;

    #[test]
    fn groups_lie_side_by_side_on_lines_of_their_own() {
        let block = Block::new(4);
        let (lane, link): (Group<LaneWords>, Group<LinkWords>) = (block.group(), block.group());
        lane.turns.add(7);
        link.sent.add(3);
        assert!(lane.is_in(&block) && link.is_in(&block));
        let words: Vec<u64> = block.words().collect();
        assert_eq!((words[0], words[LINE_WORDS], words.iter().sum::<u64>()), (7, 3, 10));
        assert_eq!(words.len(), 4 * LINE_WORDS);
        let address = |words: *const u8| words.addr();
        assert!(address((&raw const *lane).cast()).is_multiple_of(128));
        assert_eq!(address((&raw const *link).cast()) - address((&raw const *lane).cast()), 128);
    }

    #[test]
    fn a_group_without_room_in_the_block_has_a_block_of_its_own() {
        let block = Block::new(2);
        let groups: Vec<Group<LinkWords>> = (0..3).map(|_| block.group()).collect();
        groups.iter().zip(1..).for_each(|(group, count)| group.received.add(count));
        assert_eq!(groups.iter().map(|group| group.received.get()).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(groups.iter().map(|group| group.is_in(&block)).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(block.words().sum::<u64>(), 1);
    }

    #[test]
    fn everything_opened_with_one_configuration_counts_in_one_block() {
        let config = crate::Config::new().counting(3);
        let counters: Vec<_> = (0..3).map(|_| config.counters()).collect();
        counters.iter().for_each(|counters| counters.sent.add(1));
        let block = config.block().unwrap();
        assert_eq!((block.usage(), block.words().sum::<u64>()), ((6, 6), 3));
        // Without `counting`, each has a block of its own.
        assert!(crate::Config::new().block().is_none());
    }

    #[test]
    fn words_outlive_the_handle_of_their_block() {
        let block = Block::new(1);
        let lane: Group<LaneWords> = block.group();
        drop(block);
        let reader = lane.clone();
        std::thread::scope(|scope| scope.spawn(|| lane.panics.add(1)).join().unwrap());
        drop(lane);
        assert_eq!(reader.panics.get(), 1);
    }
}
