//! What is done to the other process, and what must hold then.

use std::convert::Infallible;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mycelium_rt::link::OnFull;
use mycelium_rt::shm::{ShmInput, ShmLink};
use rustix::process::{Pid, Signal, kill_process};

use crate::child::{SLOTS, body, input, link, number, progress_of};
use crate::progress::Progress;

const FAR_TOO_LONG: Duration = Duration::from_secs(60);

/// What this process holds of what a link takes.
pub(crate) struct Holdings {
    pub(crate) descriptors: usize,
    pub(crate) mappings: usize,
}

impl Holdings {
    pub(crate) fn now() -> Self {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs");
        let descriptors = std::fs::read_dir("/proc/self/fd").expect("procfs").count();
        Self { descriptors, mappings: maps.lines().filter(|line| line.contains("memfd:")).count() }
    }

    pub(crate) fn beyond(&self, before: &Self) -> Self {
        Self {
            descriptors: self.descriptors.saturating_sub(before.descriptors),
            mappings: self.mappings - before.mappings,
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.descriptors == 0 && self.mappings == 0
    }
}

/// Files besides the progress of children; killed listeners may leave their socket, which the next one takes over.
pub(crate) fn files_left(directory: &Path) -> usize {
    let files = std::fs::read_dir(directory).expect("our directory");
    let names = files.map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with("progress-")).inspect(|name| println!("left: {name}")).count()
}

/// Times that differ in each run; the seed is printed, and the order of events is the machine's anyway.
struct Random(u64);

impl Random {
    fn new(what: &str) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        let seed = now.subsec_nanos() as u64 | 1;
        println!("{what}: seed {seed}");
        Self(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn start(role: &str, directory: &Path) -> Child {
    let this = std::env::current_exe().expect("a path");
    Command::new(this).arg(role).arg(directory).spawn().expect("a child process")
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

/// Takes what there is; every message must be whole and the next in order.
fn take(input: &mut ShmInput, next: &mut u64) -> usize {
    input.poll(|_, _, bytes| {
        assert_eq!(number(bytes), Some(*next));
        *next += 1;
        Ok::<(), Infallible>(())
    })
}

pub(crate) fn kill_senders(directory: &Path, kills: u64) {
    let mut random = Random::new("kill senders");
    let mut input = input(directory);
    let (mut committed, mut received, mut extra) = (0, 0, 0);
    for round in 0..kills {
        let child = start("--sender", directory);
        let progress = progress_of(directory, child.id());
        let mut next = 0;
        // Half of them live long enough to send; of the others some die in the handshake.
        let wait_for_messages = round % 2 == 0;
        let begin = Instant::now();
        while wait_for_messages && next == 0 {
            take(&mut input, &mut next);
            assert!(begin.elapsed() < FAR_TOO_LONG);
        }
        let end = Instant::now() + Duration::from_micros(random.below(6000));
        while Instant::now() < end {
            take(&mut input, &mut next);
        }
        kill(child);
        let (known, begin) = (Progress::read(&progress)[0], Instant::now());
        let mut quiet = 0;
        // Until it is gone; one that never got through the handshake was never there.
        while input.peers() > 0 || quiet < 3 {
            // After a wait the next poll looks at the sockets, where its last words may be.
            input.wait(Duration::from_millis(1));
            quiet = if take(&mut input, &mut next) == 0 { quiet + 1 } else { 0 };
            assert!(begin.elapsed() < FAR_TOO_LONG, "the peer is still there");
        }
        assert!(next == known || next == known + 1, "committed {known} at least, received {next}");
        assert!(!wait_for_messages || next > 0);
        (committed, received, extra) = (committed + known, received + next, extra + next - known);
        std::fs::remove_file(progress).ok();
    }
    assert_eq!(input.stats().gaps + input.stats().invalid + input.stats().unlisted, 0);
    println!("killed {kills} senders: committed {committed} + {extra} in their last step = received {received}");
}

pub(crate) fn kill_receivers(directory: &Path, kills: u64) {
    let mut random = Random::new("kill receivers");
    let mut link = link(directory, OnFull::DropNewest);
    let (mut attempts, mut received) = (0_u64, 0);
    for _ in 0..kills {
        let child = start("--receiver", directory);
        let progress = progress_of(directory, child.id());
        let begin = Instant::now();
        while Progress::read(&progress)[0] == 0 {
            pump(&mut link, &mut attempts);
            assert!(begin.elapsed() < FAR_TOO_LONG, "no message has arrived: {:?}", link.stats());
        }
        let end = Instant::now() + Duration::from_micros(random.below(6000));
        while Instant::now() < end {
            pump(&mut link, &mut attempts);
        }
        kill(child);
        let begin = Instant::now();
        while link.is_connected() {
            pump(&mut link, &mut attempts);
            assert!(begin.elapsed() < FAR_TOO_LONG, "the link has not noticed");
        }
        received += Progress::read(&progress)[0];
        std::fs::remove_file(progress).ok();
    }
    link.flush();
    let stats = link.stats();
    assert_eq!((stats.connects, stats.disconnects, stats.dropped()), (kills, kills, stats.dropped_newest));
    assert_eq!(stats.sent + stats.dropped(), attempts);
    // A receiver may die between taking messages and giving back their slots: those count twice, an eighth of the ring at most. Or it
    // dies between the two before it wrote one down.
    let accounted = received + stats.lost_in_flight;
    let slack = kills * SLOTS as u64 / 8;
    println!(
        "killed {kills} receivers: sent {} = received {received} + left unread {} (within {slack})",
        stats.sent, stats.lost_in_flight
    );
    assert!(accounted >= stats.sent && accounted <= stats.sent + slack);
    drop(link);
    // Takes over the path of the last one that was killed, and removes it.
    drop(input(directory));
}

/// Sends a number, and gives the receiver a moment when the ring is full.
fn pump(link: &mut ShmLink, attempts: &mut u64) {
    link.poll();
    if !link.is_connected() {
        return sleep(Duration::from_micros(200));
    }
    let dropped = link.stats().dropped_newest;
    link.send_bytes(7, &body(*attempts)).expect("a policy that drops silently");
    *attempts += 1;
    if link.stats().dropped_newest > dropped {
        sleep(Duration::from_micros(20));
    }
}

pub(crate) fn stop_sender(directory: &Path, time: Duration) {
    let mut input = input(directory);
    let children = [start("--sender", directory), start("--sender", directory)];
    let begin = Instant::now();
    let mut received = 0;
    let poll = |input: &mut ShmInput, received: &mut u64| {
        *received += input.poll(|_, _, bytes| number(bytes).map(|_| ()).ok_or("a broken message")) as u64;
    };
    while input.peers() < 2 || received == 0 {
        poll(&mut input, &mut received);
        assert!(begin.elapsed() < FAR_TOO_LONG);
    }
    signal(&children[0], Signal::STOP);
    let (end, before) = (Instant::now() + time, received);
    while Instant::now() < end {
        poll(&mut input, &mut received);
    }
    assert_eq!((input.peers(), input.stats().disconnects), (2, 0), "a stopped peer is not a dead one");
    assert!(received > before, "the other sender was held up");
    // The other one is silenced as well, so that whatever comes next is from the first.
    signal(&children[1], Signal::STOP);
    let quiet = Instant::now() + Duration::from_millis(50);
    while Instant::now() < quiet {
        poll(&mut input, &mut received);
    }
    let before = received;
    signal(&children[0], Signal::CONT);
    let begin = Instant::now();
    while received < before + 1000 {
        poll(&mut input, &mut received);
        assert!(begin.elapsed() < FAR_TOO_LONG, "the stopped sender does not go on");
    }
    assert_eq!(input.stats().corrupt + input.stats().invalid + input.stats().gaps, 0);
    for child in children {
        let progress = progress_of(directory, child.id());
        kill(child);
        std::fs::remove_file(progress).ok();
    }
    println!("a sender was stopped for {time:?} and went on");
}

pub(crate) fn stop_receiver(directory: &Path, time: Duration) {
    let mut link = link(directory, OnFull::DropNewest);
    let child = start("--receiver", directory);
    let progress = progress_of(directory, child.id());
    let (mut attempts, begin) = (0, Instant::now());
    while Progress::read(&progress)[0] == 0 {
        pump(&mut link, &mut attempts);
        assert!(begin.elapsed() < FAR_TOO_LONG);
    }
    signal(&child, Signal::STOP);
    let end = Instant::now() + time;
    while Instant::now() < end {
        pump(&mut link, &mut attempts);
        sleep(Duration::from_micros(100));
    }
    link.flush();
    assert!(link.is_connected() && link.stats().lost_in_flight == 0, "a stopped peer is not a dead one");
    assert!(link.stats().dropped_newest > 0);
    signal(&child, Signal::CONT);
    let (sent, begin) = (link.stats().sent, Instant::now());
    while Progress::read(&progress)[0] < sent + 100 {
        pump(&mut link, &mut attempts);
        assert!(begin.elapsed() < FAR_TOO_LONG, "the stopped receiver does not go on");
    }
    kill(child);
    std::fs::remove_file(progress).ok();
    drop(link);
    drop(input(directory));
    println!("a receiver was stopped for {time:?} and went on, with every gap told");
}
