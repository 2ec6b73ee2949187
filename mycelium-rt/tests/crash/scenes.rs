//! What is done to the other process, and what must hold then.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mycelium_rt::link::OnFull;
use mycelium_rt::testing::Random;
use rustix::process::{Pid, Signal, kill_process};

use crate::child::{Received, Role, Sent, start};
use crate::via::{Input, Link, SLOTS, Via};

const FAR_TOO_LONG: Duration = Duration::from_secs(60);

/// One path, with an address of its own.
pub(crate) struct Scene<'a> {
    via: Via,
    address: String,
    directory: &'a Path,
}

/// A seed from the clock, so that runs differ; it is printed, although the order of events also depends on the machine.
fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    u64::from(now.subsec_nanos())
}

/// Calls `step` until it returns that it is done.
#[track_caller]
fn until(what: &str, mut step: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !step() {
        assert!(begin.elapsed() < FAR_TOO_LONG, "not in time: {what}");
    }
}

/// Calls `step` for this long.
fn during(time: Duration, mut step: impl FnMut()) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        step();
    }
}

/// Kills a child, which must not have ended before.
fn kill(mut child: Child) {
    child.kill().expect("a child that runs");
    let status = child.wait().expect("a status");
    assert_eq!(status.signal(), Some(9), "the child ended by itself: {status}");
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a child that runs");
}

/// Receives what there is; every message must be the next in order.
fn take(input: &mut dyn Input, next: &mut u64) -> usize {
    input.take(&mut |number| {
        assert_eq!(number, *next);
        *next += 1;
    })
}

/// Sends a number if there is a peer, and pauses for a moment when the link is full.
fn pump(link: &mut dyn Link, attempts: &mut u64) {
    if !link.poll() {
        return sleep(Duration::from_micros(200));
    }
    let dropped = link.stats().dropped_newest;
    link.send(*attempts).expect("a policy that drops silently");
    *attempts += 1;
    if link.stats().dropped_newest > dropped {
        sleep(Duration::from_micros(20));
    }
}

impl<'a> Scene<'a> {
    pub(crate) fn new(via: Via, directory: &'a Path) -> Self {
        Self { via, address: via.address(directory), directory }
    }

    fn start(&self, role: Role) -> (Child, std::path::PathBuf) {
        start(role, self.via, &self.address, self.directory)
    }

    fn link(&self) -> Box<dyn Link> {
        self.via.link(&self.address, OnFull::DropNewest)
    }

    fn input(&self) -> Box<dyn Input> {
        self.via.input(&self.address)
    }

    fn say(&self, what: &str) {
        println!("{}: {what}", self.via.name());
    }

    /// Takes over the path that a killed listener has left, and removes it.
    fn heal(&self) {
        drop(self.input());
    }

    pub(crate) fn kill_senders(&self, kills: u64) {
        let seed = seed();
        let mut random = Random::seeded(seed);
        self.say(&format!("seed {seed}"));
        let mut input = self.input();
        let (mut committed, mut received) = (0, 0);
        for round in 0..kills {
            let (child, progress) = self.start(Role::Sender);
            let mut next = 0;
            // Half of them live long enough to send; some of the others die in the handshake.
            let wait_for_messages = round % 2 == 0;
            until("a message", || {
                take(&mut *input, &mut next);
                next > 0 || !wait_for_messages
            });
            during(Duration::from_micros(random.below(6000)), || {
                take(&mut *input, &mut next);
            });
            kill(child);
            let sent = Sent::read(&progress);
            let mut quiet = 0;
            // Until it is gone; one that never completed the handshake was never a peer.
            until("the peer is gone", || {
                // After a wait the next poll looks at the sockets, which may hold its last packets.
                input.wait(Duration::from_millis(1));
                quiet = if take(&mut *input, &mut next) == 0 { quiet + 1 } else { 0 };
                input.peers() == 0 && quiet >= 3
            });
            // It may have died between a step and recording it.
            assert!((sent.committed..=sent.taken + 1).contains(&next), "{sent:?}, received {next}");
            assert!(!wait_for_messages || next > 0);
            (committed, received) = (committed + sent.committed, received + next);
            std::fs::remove_file(progress).ok();
        }
        let stats = input.stats();
        assert_eq!(stats.gaps + stats.invalid + stats.unlisted, 0);
        assert_eq!(received, stats.received);
        let last = received - committed;
        self.say(&format!(
            "killed {kills} senders: committed {committed} + {last} in their last step = received {received}"
        ));
    }

    pub(crate) fn kill_receivers(&self, kills: u64) {
        let seed = seed();
        let mut random = Random::seeded(seed);
        self.say(&format!("seed {seed}"));
        let mut link = self.link();
        let (mut attempts, mut received, mut gaps, mut next) = (0_u64, 0, 0, 0);
        for _ in 0..kills {
            let (child, progress) = self.start(Role::Receiver);
            until("a message has arrived", || {
                pump(&mut *link, &mut attempts);
                Received::read(&progress).messages > 0
            });
            during(Duration::from_micros(random.below(6000)), || pump(&mut *link, &mut attempts));
            kill(child);
            let seen = Received::read(&progress);
            // In order, over all of them: none gets what an earlier one had.
            assert!(seen.first >= next, "{seen:?} after {next}");
            assert_eq!(seen.next - seen.first, seen.messages + seen.gaps);
            until("the link notices", || {
                pump(&mut *link, &mut attempts);
                !link.poll()
            });
            (received, gaps, next) = (received + seen.messages, gaps + seen.gaps, seen.next);
            std::fs::remove_file(progress).ok();
        }
        link.flush();
        let stats = link.stats();
        assert_eq!((stats.connects, stats.reconnects, stats.disconnects), (kills, kills - 1, kills));
        assert_eq!(stats.dropped(), stats.dropped_newest);
        assert!(gaps <= stats.dropped(), "gaps {gaps}, dropped {}", stats.dropped());
        self.account_for(&stats, attempts, received, kills);
        drop(link);
        self.heal();
    }

    /// Whether what was sent to killed receivers is accounted for.
    fn account_for(&self, stats: &mycelium_rt::link::LinkStats, attempts: u64, received: u64, kills: u64) {
        let sent = stats.sent;
        if self.via != Via::Shm {
            // What the kernel held for them is gone with them, and how much of it they had read is unknown.
            assert!(received <= sent + kills && sent + stats.dropped() <= attempts, "{stats:?}");
            return self
                .say(&format!("killed {kills} receivers: sent {sent} >= received {received}, reconnected each time"));
        }
        assert_eq!(sent + stats.dropped(), attempts);
        // A receiver may die between taking messages and returning their slots: those count twice, at most an eighth of the
        // ring. Or it dies between the two before it recorded one.
        let unread = stats.lost_in_flight;
        let slack = kills * SLOTS as u64 / 8;
        let what = format!("sent {sent} = received {received} + left unread {unread} (within {slack})");
        self.say(&format!("killed {kills} receivers: {what}"));
        assert!((sent..=sent + slack).contains(&(received + unread)));
    }

    pub(crate) fn stop_sender(&self, time: Duration) {
        let mut input = self.input();
        let [(stopped, one), (other, two)] = [self.start(Role::Sender), self.start(Role::Sender)];
        let mut received = 0;
        until("both are there", || {
            received += input.take(&mut |_| {});
            input.peers() == 2 && received > 0
        });
        signal(&stopped, Signal::STOP);
        let before = received;
        during(time, || received += input.take(&mut |_| {}));
        assert_eq!((input.peers(), input.stats().disconnects), (2, 0), "a stopped peer is not a dead one");
        assert!(received > before, "the other sender was held up");
        // The other one is silenced as well, so that whatever comes next is from the first.
        signal(&other, Signal::STOP);
        during(Duration::from_millis(50), || received += input.take(&mut |_| {}));
        let before = received;
        signal(&stopped, Signal::CONT);
        until("the stopped sender goes on", || {
            received += input.take(&mut |_| {});
            received >= before + 1000
        });
        let stats = input.stats();
        assert_eq!(stats.corrupt + stats.invalid + stats.gaps + stats.disconnects, 0);
        for (child, progress) in [(stopped, one), (other, two)] {
            kill(child);
            std::fs::remove_file(progress).ok();
        }
        self.say(&format!("a sender was stopped for {time:?} and went on"));
    }

    pub(crate) fn stop_receiver(&self, time: Duration) {
        let mut link = self.link();
        let (child, progress) = self.start(Role::Receiver);
        let mut attempts = 0;
        until("a message has arrived", || {
            pump(&mut *link, &mut attempts);
            Received::read(&progress).messages > 0
        });
        signal(&child, Signal::STOP);
        let dropped = link.stats().dropped_newest;
        until("all the room there is, is taken", || {
            pump(&mut *link, &mut attempts);
            link.stats().dropped_newest > dropped + 100
        });
        during(time, || {
            pump(&mut *link, &mut attempts);
            sleep(Duration::from_micros(100));
        });
        link.flush();
        assert!(link.poll() && link.stats().lost_in_flight == 0, "a stopped peer is not a dead one");
        signal(&child, Signal::CONT);
        let sent = link.stats().sent;
        until("the stopped receiver goes on", || {
            pump(&mut *link, &mut attempts);
            Received::read(&progress).messages >= sent + 100
        });
        assert_eq!(link.stats().disconnects, 0);
        kill(child);
        std::fs::remove_file(progress).ok();
        drop(link);
        self.heal();
        self.say(&format!("a receiver was stopped for {time:?} and went on, with every gap reported"));
    }
}
