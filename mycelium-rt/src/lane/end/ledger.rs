//! When lanes that send to each other in a cycle have nothing left to do.
//!
//! While a system drains, a lane ends once every ring into it is closed and empty. Then it closes its own, and so the end goes
//! through the lanes in the order of the routes. Lanes in a cycle would wait for each other. They are done when each of them is
//! passive and no ring holds a message. No lane can see that alone. So each records how many messages it has sent into each ring and how
//! many of each ring it has *settled*: taken, and sent everything that followed from them. A lane that goes idle compares the numbers.
//!
//! A lane writes at the end of a turn: first all sent numbers, then all settled ones. A lane that compares reads all settled numbers
//! first, then all sent ones. If the two agree for every ring, nothing was on its way at the moment between the two reads:
//!
//! - A message in a ring, whose sender has recorded it, makes the two numbers of its ring differ.
//! - Suppose that at that moment lanes were within turns, having taken messages. Consider the message of these that was taken first.
//!   It is not counted as settled. Since the numbers agree, its sender has not recorded it: it was sent in a turn that had not ended
//!   either. A draining lane sends only because of a message that it took before in the same turn, and that message was taken even
//!   earlier. Contradiction.
//!
//! `enrolled` says that a draining lane sends for no other reason: a lane sets it in its first turn without sources, timers, inputs and
//! senders, after it has recorded what it has sent until then. All accesses are sequentially consistent, since "the moment between" is
//! one of a single order of all of them; they are only made while draining. (The idea of counting is from Mattern, Algorithms for
//! distributed termination detection, 1987; comparing ring by ring saves the second round.)

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Takes the place of the settled number of a ring whose receiver has ended. That lane has recorded what it had sent by then, and sends
/// nothing more, so what is in this ring can't lead to another message.
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

    /// The sender has pushed this many messages into the ring, ever.
    pub(in crate::lane) fn sent(&self, ring: usize, messages: u64) {
        if let Some(entry) = self.rings.get(ring) {
            entry.sent.store(messages, Ordering::SeqCst);
        }
    }

    /// The receiver has settled this many messages of the ring, ever.
    pub(in crate::lane) fn settled(&self, ring: usize, messages: u64) {
        if let Some(entry) = self.rings.get(ring) {
            entry.settled.store(messages, Ordering::SeqCst);
        }
    }

    /// The receiver has ended: what is in the ring, or is sent to it later, no longer counts.
    pub(in crate::lane) fn abandoned(&self, ring: usize) {
        self.settled(ring, ABANDONED);
    }

    /// From now on the lane sends only because of messages that it takes.
    pub(in crate::lane) fn enrol(&self, lane: usize) {
        if let Some(enrolled) = self.enrolled.get(lane) {
            enrolled.store(true, Ordering::SeqCst);
        }
    }

    /// Whether a lane has found that nothing is on its way any more. A lane that is about to sleep checks it after arming its waker; the lane
    /// that finds out wakes all lanes after it is set.
    pub(in crate::lane) fn is_known_quiet(&self) -> bool {
        self.quiet.load(Ordering::SeqCst)
    }

    /// Whether nothing is on its way any more. Once true, it stays true.
    pub(in crate::lane) fn is_quiet(&self) -> bool {
        if self.quiet.load(Ordering::SeqCst) {
            return true;
        }
        let quiet = self.agrees();
        if quiet {
            self.quiet.store(true, Ordering::SeqCst);
        }
        quiet
    }

    fn agrees(&self) -> bool {
        if !self.enrolled.iter().all(|lane| lane.load(Ordering::SeqCst)) {
            return false;
        }
        let settled: Vec<u64> = self.rings.iter().map(|entry| entry.settled.load(Ordering::SeqCst)).collect();
        let agree = |entry: &Entry, settled| settled == ABANDONED || entry.sent.load(Ordering::SeqCst) == settled;
        self.rings.iter().zip(settled).all(|(entry, settled)| agree(entry, settled))
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
    fn a_ring_whose_receiver_has_ended_delays_no_other_lane() {
        let ledger = Ledger::new(2, 1);
        ledger.enrol(0);
        ledger.sent(1, 3);
        ledger.abandoned(1);
        assert!(!ledger.is_known_quiet());
        assert!(ledger.is_quiet() && ledger.is_known_quiet());
    }

    #[test]
    fn it_is_not_quiet_while_a_message_is_not_settled() {
        let ledger = Ledger::new(2, 1);
        ledger.enrol(0);
        ledger.sent(1, 3);
        ledger.settled(1, 2);
        assert!(!ledger.is_quiet());
        ledger.settled(1, 3);
        assert!(ledger.is_quiet());
    }

    /// Lanes pass tokens around in a cycle, each for a number of hops. The test fails if a lane finds the ledger quiet while a token is alive.
    #[test]
    fn it_is_never_quiet_while_a_message_goes_around() {
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
