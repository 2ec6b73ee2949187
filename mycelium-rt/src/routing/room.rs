//! Where the messages of `local` routes wait: in the router itself if they take little memory, else on the heap.
//!
//! A router is made on a stack and moved from there, so large storage would overflow it. Heap memory is allocated once, when the router is
//! made: its capacity is the most that can ever wait.

use std::collections::VecDeque;

use super::checks::Text;

/// The most bytes of messages that wait in the router itself.
const MOST_INLINE: usize = 4096;
/// The most bytes that the `local` routes of one router may take.
const MOST: usize = 1 << 30;

/// First in, first out, for a number of messages that is known at compile time.
pub trait Room: Default {
    /// The type of what waits.
    type Message;

    /// Adds a message at the end. Hands it back if there is no room.
    fn push(&mut self, message: Self::Message) -> Result<(), Self::Message>;
    /// Removes the oldest.
    fn pop(&mut self) -> Option<Self::Message>;
    /// The oldest.
    fn oldest(&self) -> Option<&Self::Message>;
    /// The number of messages that wait.
    fn len(&self) -> usize;
    /// Whether none waits.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Drops those of which `keep` is false.
    fn retain(&mut self, keep: impl FnMut(&Self::Message) -> bool);
    /// Drops all of them.
    fn clear(&mut self);
}

/// What waits in a [`Room`] of its own; written by the macro.
pub trait HasRoom: Sized {
    /// [`RoomFor`] the messages of all edges.
    type Room: Room<Message = Self>;
}

/// The room for `N` messages: in the router, or on the heap.
pub type RoomFor<T, const N: usize, const INLINE: bool> = <Place<INLINE> as Places>::Room<T, N>;

/// Whether this many messages may wait in the router itself.
#[must_use]
pub const fn is_inline<T>(messages: usize) -> bool {
    size_of::<T>().saturating_mul(messages) <= MOST_INLINE
}

/// Fails to compile if the `local` routes of a router take more memory than they may.
#[track_caller]
pub const fn check_room<T>(router: &str, messages: usize) {
    let bytes = size_of::<T>().saturating_mul(messages);
    if bytes > MOST {
        Text::new()
            .text("the `local` routes of ")
            .name(router)
            .text(" take ")
            .number(bytes as u64)
            .text(" bytes: ")
            .number(messages as u64)
            .text(" messages of ")
            .number(size_of::<T>() as u64)
            .text(", as large as the largest of them; at most ")
            .number(MOST as u64)
            .text(" bytes are allowed: let fewer messages wait, or put this one behind a queue: `via queue(64)`")
            .fail();
    }
}

/// In the router itself, or on the heap.
#[derive(Debug)]
pub enum Place<const INLINE: bool> {}

/// The room that belongs to a place.
pub trait Places {
    /// The room.
    type Room<T, const N: usize>: Room<Message = T>;
}

impl Places for Place<true> {
    type Room<T, const N: usize> = Inline<T, N>;
}

impl Places for Place<false> {
    type Room<T, const N: usize> = OnHeap<T, N>;
}

/// Room in the router itself.
#[derive(Clone, Debug)]
pub struct Inline<T, const N: usize>(heapless::Deque<T, N>);

impl<T, const N: usize> Default for Inline<T, N> {
    fn default() -> Self {
        Self(heapless::Deque::new())
    }
}

impl<T, const N: usize> Room for Inline<T, N> {
    type Message = T;

    #[inline(always)]
    fn push(&mut self, message: T) -> Result<(), T> {
        self.0.push_back(message)
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    #[inline(always)]
    fn oldest(&self) -> Option<&T> {
        self.0.front()
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.0.len()
    }

    fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

/// Room on the heap.
#[derive(Debug)]
pub struct OnHeap<T, const N: usize>(VecDeque<T>);

impl<T, const N: usize> Default for OnHeap<T, N> {
    fn default() -> Self {
        Self(VecDeque::with_capacity(N))
    }
}

impl<T: Clone, const N: usize> Clone for OnHeap<T, N> {
    /// With the same capacity: a clone of the deque alone would have room only for what waits now.
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.0.extend(self.0.iter().cloned());
        copy
    }
}

impl<T, const N: usize> Room for OnHeap<T, N> {
    type Message = T;

    #[inline(always)]
    fn push(&mut self, message: T) -> Result<(), T> {
        // The deque would grow.
        if self.0.len() >= N {
            return Err(message);
        }
        self.0.push_back(message);
        Ok(())
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    #[inline(always)]
    fn oldest(&self) -> Option<&T> {
        self.0.front()
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.0.len()
    }

    fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}
