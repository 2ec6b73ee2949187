//! Where the messages of `local` routes wait: in the router itself as long as that takes little, else in memory of their own.
//!
//! A router is made on somebody's stack and moved from there, so a large room would overflow it. Memory of its own is allocated
//! once, when the router is made, and never again: the room is as large as it will ever have to be.

use std::collections::VecDeque;

use super::checks::Text;

/// The most bytes that wait in the router itself.
const MOST_INLINE: usize = 4096;
/// The most bytes that the `local` routes of one router may take.
const MOST: usize = 1 << 30;

/// First in, first out, for a number of messages that is known at compile time.
pub trait Room: Default {
    /// What waits.
    type Message;

    /// Adds a message at the end. Hands it back if there is no room.
    fn push(&mut self, message: Self::Message) -> Result<(), Self::Message>;
    /// Takes the oldest.
    fn pop(&mut self) -> Option<Self::Message>;
    /// Shows the oldest.
    fn oldest(&self) -> Option<&Self::Message>;
    /// How many wait.
    fn len(&self) -> usize;
    /// Whether none does.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Drops those of which `keep` is false.
    fn retain(&mut self, keep: impl FnMut(&Self::Message) -> bool);
    /// Drops all of them.
    fn clear(&mut self);
}

/// What waits in a room of its own; written by the macro.
pub trait HasRoom: Sized {
    /// [`RoomFor`] the messages of all edges.
    type Room: Room<Message = Self>;
}

/// The room for `N` messages: in the router, or beside it.
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

/// One of the two places.
#[derive(Debug)]
pub enum Place<const INLINE: bool> {}

/// Which room belongs to a place.
pub trait Places {
    /// It.
    type Room<T, const N: usize>: Room<Message = T>;
}

impl Places for Place<true> {
    type Room<T, const N: usize> = Inline<T, N>;
}

impl Places for Place<false> {
    type Room<T, const N: usize> = Beside<T, N>;
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

/// Room beside the router.
#[derive(Debug)]
pub struct Beside<T, const N: usize>(VecDeque<T>);

impl<T, const N: usize> Default for Beside<T, N> {
    fn default() -> Self {
        Self(VecDeque::with_capacity(N))
    }
}

impl<T: Clone, const N: usize> Clone for Beside<T, N> {
    /// With room for as many: a copy of the deque alone would have room for what waits just now.
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.0.extend(self.0.iter().cloned());
        copy
    }
}

impl<T, const N: usize> Room for Beside<T, N> {
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
