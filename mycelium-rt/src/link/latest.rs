//! The messages that wait beside a full path under `on_full = latest`: the newest of each key.
//!
//! A message waits under its id and its key. A newer one with both the same takes its place, so that the order in which keys are handed over is
//! the order in which they came first. All memory is allocated when the path is opened.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;

/// The most memory for the messages that wait beside one path, in bytes.
const MOST_BYTES: usize = 1 << 30;

/// Bytes per key beside its body: its cell, its key and its place in the order.
const PER_KEY: usize = 48;

/// The key of a message. It gives the closure its type, so that its user need not write one.
#[inline(always)]
pub fn latest_key<M>(message: &M, by: impl FnOnce(&M) -> u64) -> u64 {
    by(message)
}

/// What waits beside a path.
#[derive(Debug)]
pub(crate) struct Latest {
    /// One for each message of the path, by id.
    tables: Box<[Table]>,
    /// The table and the cell of each message that waits, in the order in which keys came first.
    order: VecDeque<(usize, u32)>,
}

/// The cells of the messages of one id.
#[derive(Debug)]
struct Table {
    id: u16,
    size: usize,
    /// The cell of each key that waits.
    cells: HashMap<u64, u32>,
    keys: Box<[u64]>,
    bodies: Box<[u8]>,
    /// Cells that were used, and are free again.
    free: Vec<u32>,
    /// The number of cells that were ever used.
    used: u32,
}

/// What became of a message that is to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It waits.
    Waits,
    /// It waits in place of an older one, which is gone.
    Replaces,
    /// So many keys wait already that there is no cell for it.
    NoCell,
    /// The path has no such message.
    Unlisted,
}

impl Latest {
    /// Cells for `keys` keys of each of these messages, given by id and size.
    ///
    /// # Errors
    /// Why this would be too much memory.
    pub(crate) fn new(keys: NonZeroU32, messages: impl Iterator<Item = (u16, usize)>) -> Result<Self, String> {
        let mut messages: Vec<_> = messages.collect();
        messages.sort_unstable();
        let count = keys.get() as usize;
        let per_key = messages.iter().map(|(_, size)| size.saturating_add(PER_KEY)).fold(0, usize::saturating_add);
        let bytes = per_key.saturating_mul(count);
        if bytes > MOST_BYTES {
            return Err(format!(
                "`on_full = latest` with {keys} keys for each message takes {bytes} bytes, more than {MOST_BYTES}: use fewer `keys`"
            ));
        }
        let order = VecDeque::with_capacity(messages.len() * count);
        let tables = messages.into_iter().map(|(id, size)| Table::new(id, size, count)).collect();
        Ok(Self { tables, order })
    }

    /// Whether nothing waits.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Lets a message wait, in place of the older one of its key.
    pub(crate) fn keep(&mut self, id: u16, key: u64, body: &[u8]) -> Kept {
        let Ok(index) = self.tables.binary_search_by_key(&id, |table| table.id) else { return Kept::Unlisted };
        let Some(table) = self.tables.get_mut(index).filter(|table| table.size == body.len()) else {
            return Kept::Unlisted;
        };
        if let Some(cell) = table.cells.get(&key).copied() {
            table.write(cell, body);
            return Kept::Replaces;
        }
        let Some(cell) = table.free_cell() else { return Kept::NoCell };
        table.cells.insert(key, cell);
        if let Some(place) = table.keys.get_mut(cell as usize) {
            *place = key;
        }
        table.write(cell, body);
        self.order.push_back((index, cell));
        Kept::Waits
    }

    /// The message whose key came first: its id and its body.
    pub(crate) fn first(&self) -> Option<(u16, &[u8])> {
        let (table, cell) = *self.order.front()?;
        let table = self.tables.get(table)?;
        Some((table.id, table.bodies.get(table.place(cell))?))
    }

    /// Removes the [first](Self::first) message.
    pub(crate) fn remove_first(&mut self) {
        let Some((table, cell)) = self.order.pop_front() else { return };
        let Some(table) = self.tables.get_mut(table) else { return };
        if let Some(key) = table.keys.get(cell as usize) {
            table.cells.remove(key);
        }
        table.free.push(cell);
    }

    /// Gives up what waits; returns the number of messages.
    pub(crate) fn abandon(&mut self) -> u64 {
        let left = self.order.len() as u64;
        while !self.is_empty() {
            self.remove_first();
        }
        left
    }
}

impl Table {
    fn new(id: u16, size: usize, keys: usize) -> Self {
        Self {
            id,
            size,
            // Twice the number, so that a table in use never grows: it reuses the places of removed keys.
            cells: HashMap::with_capacity(2 * keys),
            keys: vec![0; keys].into(),
            // Zeroed pages take no memory before they are used.
            bodies: vec![0; keys * size].into(),
            free: Vec::with_capacity(keys),
            used: 0,
        }
    }

    fn free_cell(&mut self) -> Option<u32> {
        self.free.pop().or_else(|| {
            let cell = self.used;
            ((cell as usize) < self.keys.len()).then(|| self.used += 1)?;
            Some(cell)
        })
    }

    fn place(&self, cell: u32) -> std::ops::Range<usize> {
        let start = cell as usize * self.size;
        start..start + self.size
    }

    fn write(&mut self, cell: u32, body: &[u8]) {
        let place = self.place(cell);
        if let Some(place) = self.bodies.get_mut(place) {
            place.copy_from_slice(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn latest(keys: u32) -> Latest {
        Latest::new(NonZeroU32::new(keys).unwrap(), [(9, 2), (7, 1)].into_iter()).unwrap()
    }

    #[test]
    fn the_newest_of_each_key_waits_where_the_first_did() {
        let mut latest = latest(2);
        assert_eq!(latest.keep(7, 1, &[1]), Kept::Waits);
        assert_eq!(latest.keep(9, 1, &[2, 2]), Kept::Waits);
        assert_eq!(latest.keep(7, 5, &[3]), Kept::Waits);
        assert_eq!(latest.keep(7, 1, &[4]), Kept::Replaces);
        assert_eq!(latest.keep(7, 6, &[5]), Kept::NoCell);
        assert_eq!((latest.keep(8, 1, &[6]), latest.keep(9, 1, &[6])), (Kept::Unlisted, Kept::Unlisted));
        let mut handed_over = Vec::new();
        while let Some((id, body)) = latest.first() {
            handed_over.push((id, body.to_vec()));
            latest.remove_first();
        }
        assert_eq!(handed_over, [(7, vec![4]), (9, vec![2, 2]), (7, vec![3])]);
        assert_eq!(latest.keep(7, 6, &[7]), Kept::Waits, "its cell is free again");
        assert_eq!((latest.abandon(), latest.is_empty()), (1, true));
    }

    #[test]
    fn it_does_what_a_list_searched_from_its_start_does() {
        let mut random = Random::seeded(11);
        let (mut latest, mut model) = (latest(4), Vec::<(u64, u8)>::new());
        for _ in 0..20_000 {
            if random.below(3) == 0 {
                assert_eq!(latest.first().map(|(_, body)| body[0]), model.first().map(|(_, value)| *value));
                latest.remove_first();
                model.drain(..model.len().min(1));
                continue;
            }
            let (key, value) = (random.below(6), random.below(256) as u8);
            let expected = match model.iter().position(|(other, _)| *other == key) {
                Some(place) => {
                    model[place].1 = value;
                    Kept::Replaces
                }
                None if model.len() == 4 => Kept::NoCell,
                None => {
                    model.push((key, value));
                    Kept::Waits
                }
            };
            assert_eq!(latest.keep(7, key, &[value]), expected);
        }
    }

    #[test]
    fn more_memory_than_there_may_be_is_an_error() {
        let error = Latest::new(NonZeroU32::MAX, [(7, 1000)].into_iter()).unwrap_err();
        assert!(error.contains("use fewer `keys`"), "{error}");
    }
}
