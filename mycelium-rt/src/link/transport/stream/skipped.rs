//! Sequence numbers that were given to messages and never sent.

use std::collections::VecDeque;
use std::ops::Range;

/// The number of runs that are remembered. Drops come in bursts, and only what may still be in flight matters.
const RUNS: usize = 1024;

/// Numbers of messages that were dropped before they were written, so that they do not count as lost in flight.
///
/// Memory is allocated once. If there are more than 1,024 runs, the oldest are forgotten, as if they had been sent.
#[derive(Debug)]
pub(super) struct Skipped {
    runs: VecDeque<Range<u64>>,
}

impl Skipped {
    pub(super) fn new() -> Self {
        Self { runs: VecDeque::with_capacity(RUNS) }
    }

    /// Adds skipped numbers. Usually they come after all others; what is dropped to make room comes before some.
    #[cold]
    pub(super) fn note(&mut self, numbers: Range<u64>) {
        let mut at = self.runs.partition_point(|run| run.end < numbers.start);
        let is_full = self.runs.len() == RUNS;
        match self.runs.get_mut(at) {
            Some(run) if run.end == numbers.start => run.end = numbers.end,
            Some(run) if numbers.end == run.start => run.start = numbers.start,
            _ if is_full && at == 0 => return,
            _ => {
                if is_full {
                    self.runs.pop_front();
                    at -= 1;
                }
                self.runs.insert(at, numbers);
            }
        }
        self.join(at);
    }

    /// Joins the run at this index with the next one, if there is nothing between them.
    fn join(&mut self, at: usize) {
        if let (Some(run), Some(next)) = (self.runs.get(at), self.runs.get(at + 1))
            && run.end == next.start
        {
            let end = next.end;
            self.runs.remove(at + 1);
            if let Some(run) = self.runs.get_mut(at) {
                run.end = end;
            }
        }
    }

    /// The number of these numbers that were skipped.
    pub(super) fn within(&self, numbers: &Range<u64>) -> u64 {
        let of = |run: &Range<u64>| run.end.min(numbers.end).saturating_sub(run.start.max(numbers.start));
        self.runs.iter().map(of).sum()
    }

    /// Takes back the number `gone`, which is in no run: those behind it move up.
    #[cold]
    pub(super) fn close_up(&mut self, gone: u64) {
        for run in self.runs.iter_mut().filter(|run| run.start > gone) {
            *run = run.start - 1..run.end - 1;
        }
        // Two runs that were separated only by this number become one.
        let at = self.runs.partition_point(|run| run.end < gone);
        self.join(at);
    }

    /// Forgets numbers below `end`, which are no longer needed.
    pub(super) fn forget_below(&mut self, end: u64) {
        self.runs.retain(|run| run.end > end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(numbers: &[Range<u64>]) -> Skipped {
        let mut skipped = Skipped::new();
        numbers.iter().for_each(|numbers| skipped.note(numbers.clone()));
        skipped
    }

    #[test]
    fn adjacent_numbers_are_one_run_in_any_order() {
        for numbers in [[3..4, 4..5, 5..9], [5..9, 3..4, 4..5], [4..5, 5..9, 3..4]] {
            let skipped = noted(&numbers);
            assert_eq!((skipped.runs.len(), skipped.runs.front()), (1, Some(&(3..9))));
            assert_eq!((skipped.within(&(0..10)), skipped.within(&(4..6)), skipped.within(&(9..20))), (6, 2, 0));
        }
    }

    #[test]
    fn runs_move_up_when_a_number_is_taken_back() {
        let mut skipped = noted(&[0..2, 3..5, 9..12]);
        skipped.close_up(7);
        assert_eq!(skipped.runs, [0..2, 3..5, 8..11]);
        skipped.close_up(2);
        assert_eq!(skipped.runs, [0..4, 7..10]);
        skipped.close_up(20);
        assert_eq!(skipped.within(&(0..20)), 7);
    }

    #[test]
    fn separate_runs_are_counted_together_and_forgotten_one_by_one() {
        let mut skipped = noted(&[0..2, 10..20, 30..31]);
        assert_eq!(skipped.within(&(1..31)), 12);
        skipped.forget_below(15);
        assert_eq!(skipped.within(&(1..31)), 11);
        skipped.forget_below(31);
        assert_eq!(skipped.within(&(0..100)), 0);
    }

    #[test]
    fn of_too_many_runs_the_oldest_are_forgotten() {
        let mut skipped = noted(&[]);
        (0..RUNS as u64 + 5).for_each(|run| skipped.note(2 * run..2 * run + 1));
        assert_eq!(skipped.runs.len(), RUNS);
        assert_eq!(skipped.runs.front(), Some(&(10..11)));
        skipped.note(0..1);
        assert_eq!((skipped.runs.len(), skipped.within(&(0..10))), (RUNS, 0));
    }
}
