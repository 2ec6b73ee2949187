//! A bounded number of places, each free or taken, and the taken ones at hand.

/// Places that keep their numbers while others come and go, and a list of those that are taken: an input with room for many peers has
/// few most of the time, and looking at every place in every poll would cost more than the read.
#[derive(Debug)]
pub(super) struct Places<T> {
    all: Vec<Option<T>>,
    taken: Vec<usize>,
}

impl<T> Places<T> {
    pub(super) fn new(count: usize) -> Self {
        Self { all: (0..count).map(|_| None).collect(), taken: Vec::with_capacity(count) }
    }

    /// How many are taken.
    pub(super) fn len(&self) -> usize {
        self.taken.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// The number of the taken place at this position, of [`len`](Self::len) in no particular order.
    pub(super) fn nth(&self, position: usize) -> Option<usize> {
        self.taken.get(position).copied()
    }

    /// The number of a free place.
    pub(super) fn free(&self) -> Option<usize> {
        (self.len() < self.all.len()).then(|| self.all.iter().position(Option::is_none)).flatten()
    }

    /// What is at the place with this number.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.all.get_mut(place)?.as_mut()
    }

    /// All that is there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.taken.iter().filter_map(|&place| self.all.get(place)?.as_ref())
    }

    /// The number of the place with what `is_it` recognises.
    pub(super) fn find(&self, is_it: impl Fn(&T) -> bool) -> Option<usize> {
        self.taken.iter().copied().find(|&place| self.all.get(place).and_then(Option::as_ref).is_some_and(&is_it))
    }

    /// Takes a place that is free.
    pub(super) fn put(&mut self, place: usize, it: T) {
        if let Some(free @ None) = self.all.get_mut(place) {
            *free = Some(it);
            self.taken.push(place);
        }
    }

    /// Frees a place. The last taken one moves to its position.
    pub(super) fn take(&mut self, place: usize) -> Option<T> {
        let it = self.all.get_mut(place)?.take()?;
        if let Some(position) = self.taken.iter().position(|&taken| taken == place) {
            self.taken.swap_remove(position);
        }
        Some(it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_numbers_and_are_taken_again() {
        let mut places = Places::new(3);
        for name in ["a", "b", "c"] {
            let free = places.free().unwrap();
            places.put(free, name);
        }
        assert_eq!((places.len(), places.free()), (3, None));
        assert_eq!(places.take(1), Some("b"));
        assert_eq!((places.take(1), places.take(9), places.free()), (None, None, Some(1)));
        assert_eq!((places.find(|it| *it == "c"), places.find(|it| *it == "b")), (Some(2), None));
        places.put(1, "d");
        places.put(1, "lost: the place is taken");
        let mut seen: Vec<_> = (0..places.len()).filter_map(|position| places.nth(position)).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
        assert_eq!((places.get_mut(1).copied(), places.iter().count()), (Some("d"), 3));
    }
}
