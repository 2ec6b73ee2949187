//! When lanes that send to each other in a circle have nothing left to do.
//!
//! While a system drains, a lane ends once every ring into it is closed and empty; then it closes its own, and so the end goes
//! through the lanes in the order of the routes. Lanes in a circle would wait for each other. They are done when each of them is
//! passive and nothing is in any ring. No lane can see that alone, so each writes down what it has sent and what it has settled,
//! and whoever goes idle adds up.
//!
//! A lane writes at the end of a turn: first what it has sent in all, then what it has taken *and* settled, meaning that all that
//! followed from it was sent as well. Who adds up reads all settled numbers first, then all sent ones. If both agree for every
//! ring, then at the moment between the two reads nothing was on its way:
//!
//! - A message in a ring, whose sender had written it down, makes the two numbers of its ring differ.
//! - Suppose that lanes were within turns at that moment, having taken messages. Of these, look at the one that was taken first.
//!   Its number is not among the settled ones, so, the numbers being equal, its sender had not written it down: it was sent in a
//!   turn that had not ended either. A draining lane sends only because of a message that it took before in the same turn, and that
//!   one was taken even earlier. Contradiction.
//!
//! That draining lanes send for no other reason is what `enrolled` says: a lane sets it in its first turn without sources, timers,
//! inputs and senders, after writing down what it has sent until then. All of this is sequentially consistent, since "the moment
//! between" is one of a single order of all these accesses; they are only made while draining. (Mattern, Algorithms for distributed
//! termination detection, 1987, has the idea of counting; comparing ring by ring saves the second round.)

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What stands in the place of the settled messages of a ring whose receiver has ended. It has written down what it had sent by then,
/// and sends nothing more, so its ring says nothing about messages on their way.
const ABANDONED: u64 = u64::MAX;

/// The numbers of a system.
#[derive(Debug)]
pub(in crate::lane) struct Ledger {
    rings: Box<[Entry]>,
    enrolled: Box<[AtomicBool]>,
    quiet: AtomicBool,
}

/// One ring. Each number has one writer.
#[derive(Debug, Default)]
struct Entry {
    sent: AtomicU64,
    settled: AtomicU64,
}

impl Ledger {
    pub(in crate::lane) fn new(rings: usize, lanes: usize) -> Self {
        Self {
            rings: (0..rings).map(|_| Entry::default()).collect(),
            enrolled: (0..lanes).map(|_| AtomicBool::new(false)).collect(),
            quiet: AtomicBool::new(false),
        }
    }

    /// The sender has pushed so many messages into this ring, ever.
    pub(in crate::lane) fn sent(&self, ring: usize, messages: u64) {
        if let Some(entry) = self.rings.get(ring) {
            entry.sent.store(messages, Ordering::SeqCst);
        }
    }

    /// The receiver has settled so many messages of this ring, ever.
    pub(in crate::lane) fn settled(&self, ring: usize, messages: u64) {
        if let Some(entry) = self.rings.get(ring) {
            entry.settled.store(messages, Ordering::SeqCst);
        }
    }

    /// The receiver has ended: what is left in this ring, or still comes, is nobody's business any more.
    pub(in crate::lane) fn abandoned(&self, ring: usize) {
        self.settled(ring, ABANDONED);
    }

    /// From now on the lane sends only because of what it takes, or not at all.
    pub(in crate::lane) fn enrol(&self, lane: usize) {
        if let Some(enrolled) = self.enrolled.get(lane) {
            enrolled.store(true, Ordering::SeqCst);
        }
    }

    /// Whether somebody has found out that nothing is on its way any more. Who is about to sleep looks once more after arming its waker:
    /// the call that wakes all comes after this.
    pub(in crate::lane) fn is_known_quiet(&self) -> bool {
        self.quiet.load(Ordering::SeqCst)
    }

    /// Whether nothing is on its way any more; once true, it stays so.
    pub(in crate::lane) fn is_quiet(&self) -> bool {
        if self.quiet.load(Ordering::SeqCst) {
            return true;
        }
        let quiet = self.adds_up();
        if quiet {
            self.quiet.store(true, Ordering::SeqCst);
        }
        quiet
    }

    fn adds_up(&self) -> bool {
        if !self.enrolled.iter().all(|lane| lane.load(Ordering::SeqCst)) {
            return false;
        }
        let settled: Vec<u64> = self.rings.iter().map(|entry| entry.settled.load(Ordering::SeqCst)).collect();
        let agrees = |entry: &Entry, settled| settled == ABANDONED || entry.sent.load(Ordering::SeqCst) == settled;
        self.rings.iter().zip(settled).all(|(entry, settled)| agrees(entry, settled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::channel;

    #[test]
    fn it_is_not_quiet_before_every_lane_has_enrolled() {
        let ledger = Ledger::new(1, 2);
        ledger.enrol(0);
        assert!(!ledger.is_quiet());
        ledger.enrol(1);
        assert!(ledger.is_quiet());
    }

    #[test]
    fn a_ring_whose_receiver_has_ended_keeps_nobody_waiting() {
        let ledger = Ledger::new(2, 1);
        ledger.enrol(0);
        ledger.sent(1, 3);
        ledger.abandoned(1);
        assert!(!ledger.is_known_quiet());
        assert!(ledger.is_quiet() && ledger.is_known_quiet());
    }

    #[test]
    fn a_message_on_its_way_or_not_settled_keeps_it_from_being_quiet() {
        let ledger = Ledger::new(2, 1);
        ledger.enrol(0);
        ledger.sent(1, 3);
        ledger.settled(1, 2);
        assert!(!ledger.is_quiet());
        ledger.settled(1, 3);
        assert!(ledger.is_quiet());
    }

    /// Lanes pass tokens around in a circle, each for a random number of hops; one that finds the ledger quiet while a token is
    /// alive fails.
    #[test]
    fn it_is_never_quiet_while_a_message_goes_round() {
        const LANES: usize = 3;
        for round in 0..200 {
            let ledger = Ledger::new(LANES, LANES);
            let alive = AtomicUsize::new(LANES);
            let (senders, receivers): (Vec<_>, Vec<_>) = (0..LANES).map(|_| channel::<u32>()).unzip();
            std::thread::scope(|scope| {
                for (lane, receiver) in receivers.into_iter().enumerate() {
                    let next = (lane + 1) % LANES;
                    let sender = senders[next].clone();
                    let (ledger, alive) = (&ledger, &alive);
                    scope.spawn(move || {
                        // The ring into lane `next` has its index.
                        let (mut sent, mut taken) = (1, 0);
                        sender.send(round % 17 + lane as u32).unwrap();
                        ledger.sent(next, sent);
                        ledger.enrol(lane);
                        while !ledger.is_quiet() {
                            let Ok(hops) = receiver.try_recv() else {
                                std::thread::yield_now();
                                continue;
                            };
                            taken += 1;
                            if hops > 0 {
                                sender.send(hops - 1).unwrap();
                                sent += 1;
                            } else {
                                alive.fetch_sub(1, Ordering::SeqCst);
                            }
                            ledger.sent(next, sent);
                            ledger.settled(lane, taken);
                        }
                        assert_eq!(alive.load(Ordering::SeqCst), 0);
                    });
                }
            });
        }
    }
}
