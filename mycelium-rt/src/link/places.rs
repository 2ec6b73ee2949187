//! A bounded number of numbered places, each free or taken, with the taken ones stored side by side.

/// Places keep their numbers while others come and go. Their contents lie in a list without holes: an input with room for
/// many peers has few most of the time, and visiting every place in every poll would cost too much.
#[derive(Debug)]
pub(crate) struct Places<T> {
    /// Each entry with the number of its place.
    taken: Vec<(usize, T)>,
    /// For each place, its position in `taken`.
    positions: Vec<Option<usize>>,
}

impl<T> Places<T> {
    pub(crate) fn new(count: usize) -> Self {
        Self { taken: Vec::with_capacity(count), positions: vec![None; count] }
    }

    /// The number of taken places.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.taken.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// The entry at this position, of [`len`](Self::len) in no particular order.
    #[inline(always)]
    pub(crate) fn at(&mut self, position: usize) -> Option<&mut T> {
        self.taken.get_mut(position).map(|(_, it)| it)
    }

    /// The position of the entry at this place.
    pub(crate) fn position(&self, place: usize) -> Option<usize> {
        self.positions.get(place).copied().flatten()
    }

    /// The number of a free place.
    pub(crate) fn free(&self) -> Option<usize> {
        (self.len() < self.positions.len()).then(|| self.positions.iter().position(Option::is_none)).flatten()
    }

    /// All entries, by position.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.taken.iter().map(|(_, it)| it)
    }

    /// All entries, mutably.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.taken.iter_mut().map(|(_, it)| it)
    }

    /// Takes a free place.
    pub(crate) fn put(&mut self, place: usize, it: T) {
        if let Some(free @ None) = self.positions.get_mut(place) {
            *free = Some(self.taken.len());
            self.taken.push((place, it));
        }
    }

    /// Removes the entry at this position and frees its place. The last entry moves to the position.
    pub(crate) fn remove(&mut self, position: usize) -> Option<T> {
        if position >= self.taken.len() {
            return None;
        }
        let (place, it) = self.taken.swap_remove(position);
        self.set_position(place, None);
        if let Some(&(moved, _)) = self.taken.get(position) {
            self.set_position(moved, Some(position));
        }
        Some(it)
    }

    fn set_position(&mut self, place: usize, position: Option<usize>) {
        if let Some(entry) = self.positions.get_mut(place) {
            *entry = position;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_numbers_and_are_reused() {
        let mut places = Places::new(3);
        for name in ["a", "b", "c"] {
            let free = places.free().unwrap();
            places.put(free, name);
        }
        assert_eq!((places.len(), places.free(), places.position(1)), (3, None, Some(1)));
        assert_eq!(places.remove(0), Some("a"));
        assert_eq!((places.position(0), places.position(1), places.position(2)), (None, Some(1), Some(0)));
        assert_eq!((places.remove(2), places.free(), places.position(9)), (None, Some(0), None));
        places.put(0, "d");
        places.put(0, "lost: the place is taken");
        assert_eq!(places.iter().copied().collect::<Vec<_>>(), ["c", "b", "d"]);
        assert_eq!((places.at(2).copied(), places.at(3).copied()), (Some("d"), None));
        assert_eq!([0, 1, 2].map(|place| places.position(place)), [Some(2), Some(1), Some(0)]);
    }

    #[test]
    fn the_last_entry_is_removed_like_any_other() {
        let mut places = Places::new(2);
        places.put(1, "only");
        assert_eq!((places.remove(0), places.position(1), places.is_empty()), (Some("only"), None, true));
    }
}
