//! Finds the slot of a key: a hash table of fixed size, by linear probing. An entry is removed by moving back those behind it.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::random::Random;

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u64,
    slot: usize,
}

/// The slots of at most half as many keys as there are places.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// A power of two.
    places: Box<[Option<Entry>]>,
    /// So that no peer can choose keys that all have the same place.
    seed: u64,
}

impl Index {
    /// With room for this many keys.
    pub(super) fn of(keys: usize) -> Self {
        let places = keys.saturating_mul(2).next_power_of_two();
        Self { places: vec![None; places].into_boxed_slice(), seed: RandomState::new().build_hasher().finish() }
    }

    /// The slot of a key.
    #[inline]
    pub(super) fn find(&self, key: u64) -> Option<usize> {
        self.place_of(key).and_then(|place| self.places[place]).map(|entry| entry.slot)
    }

    /// Adds a key, which is not there. There must be room.
    pub(super) fn add(&mut self, key: u64, slot: usize) {
        let mut place = self.home(key);
        while self.places[place].is_some() {
            place = self.next(place);
        }
        self.places[place] = Some(Entry { key, slot });
    }

    /// Removes a key, if it is there.
    pub(super) fn remove(&mut self, key: u64) {
        let Some(mut hole) = self.place_of(key) else { return };
        let mut place = self.next(hole);
        while let Some(entry) = self.places[place] {
            // It may move to the hole unless its home lies behind the hole.
            if self.distance(self.home(entry.key), place) >= self.distance(hole, place) {
                self.places[hole] = Some(entry);
                hole = place;
            }
            place = self.next(place);
        }
        self.places[hole] = None;
    }

    /// The place of a key, if it is there. At least half of the places are empty, so this ends.
    #[inline]
    fn place_of(&self, key: u64) -> Option<usize> {
        let mut place = self.home(key);
        while let Some(entry) = self.places[place] {
            if entry.key == key {
                return Some(place);
            }
            place = self.next(place);
        }
        None
    }

    /// The first place at which to look for a key.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // Only the lower bits matter.
    fn home(&self, key: u64) -> usize {
        Random::seeded(key ^ self.seed).number() as usize & (self.places.len() - 1)
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }

    /// The number of steps from one place to another.
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.places.len() - 1)
    }
}
