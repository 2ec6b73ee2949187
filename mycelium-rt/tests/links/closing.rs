//! What happens to the messages that a link has accepted when it ends, and when its peer comes and goes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::link::{Address, Batch, Counters, Limits, LinkSpec, OnFull, StreamLink};

use super::path::{BOTH, DEADLINE, Options, Path, Receiver, Sender, assert_balanced, connect};
#[cfg(not(mycelium_portable))]
use super::shared_memory::ShmPath;
use super::streams::{TcpPath, UnixPath, quick};

/// A path whose senders use a given configuration.
trait Configured: Path {
    fn configured(&self, on_full: OnFull, config: Config) -> Self::Sender;
    fn counters(sender: &Self::Sender) -> Counters;
}

fn stream(address: Address, on_full: OnFull, config: &Config) -> StreamLink {
    let spec = LinkSpec { on_full, batch: Batch::of(64), ..LinkSpec::new("desk", address, "test", BOTH) };
    StreamLink::open(spec, config).unwrap()
}

impl Configured for UnixPath {
    fn configured(&self, on_full: OnFull, config: Config) -> StreamLink {
        stream(Address::unix("/"), on_full, &config.address("desk", &self.0.socket()))
    }

    fn counters(sender: &StreamLink) -> Counters {
        sender.counters().clone()
    }
}

impl Configured for TcpPath {
    fn configured(&self, on_full: OnFull, config: Config) -> StreamLink {
        stream(Address::tcp("localhost:1"), on_full, &config.address("desk", &self.0))
    }

    fn counters(sender: &StreamLink) -> Counters {
        sender.counters().clone()
    }
}

/// A sender gives 20,000 messages to a slow receiver, flushes and is dropped: all arrive, since it lingers for long enough.
fn accepted_messages_arrive_although_the_sender_is_dropped<P: Configured>() {
    const MESSAGES: u64 = 20_000;
    let path = P::new();
    let mut receiver = path.receiver(BOTH);
    let mut sender = path.configured(OnFull::Block, quick(false).linger(DEADLINE));
    connect(&mut sender, &mut receiver);
    let counters = P::counters(&sender);
    let over = AtomicBool::new(false);
    let mut numbers = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..MESSAGES {
                sender.send_number(number).unwrap();
            }
            sender.flush();
            drop(sender);
            over.store(true, Ordering::Release);
        });
        let deadline = Instant::now() + 2 * DEADLINE;
        while !over.load(Ordering::Acquire) || receiver.take(&mut numbers) > 0 {
            assert!(Instant::now() < deadline);
            receiver.take(&mut numbers);
            // Slow on purpose: this waits for nothing.
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    assert!(numbers.into_iter().eq(0..MESSAGES));
    assert_balanced(&counters.snapshot(), &[receiver.stats()], MESSAGES);
}

/// The receiver takes nothing: the drop ends in time, and what is lost is counted.
fn a_drop_lingers_no_longer_than_configured<P: Configured>() {
    for linger in [Duration::ZERO, Duration::from_millis(50)] {
        let path = P::new();
        let mut receiver = path.receiver(BOTH);
        let mut sender = path.configured(OnFull::Error, quick(false).linger(linger));
        connect(&mut sender, &mut receiver);
        // Full for a while, not just once: the kernel takes more once the receiver has acknowledged what has arrived.
        let (mut numbered, mut full) = (0, 0);
        while full < 50 {
            full = if sender.send_number(numbered).is_ok() { 0 } else { full + 1 };
            numbered += 1;
            if full > 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        let (counters, before) = (P::counters(&sender), Instant::now());
        drop(sender);
        let took = before.elapsed();
        assert!(took >= linger && took < linger + DEADLINE / 2, "{took:?}");
        assert!(counters.dropped_closed.get() > 0, "the buffer was full");
        let mut numbers = Vec::new();
        super::path::until("what was sent arrives", || {
            receiver.take(&mut numbers);
            receiver.stats().received == counters.sent.get()
        });
        assert_balanced(&counters.snapshot(), &[receiver.stats()], numbered);
    }
}

/// A receiver that greets and disconnects, again and again, is not dialed again without a pause.
fn a_receiver_that_greets_and_disconnects_is_dialed_less_and_less_often<P: Configured>() {
    let path = P::new();
    let (backoff, backoff_max) = (Duration::from_millis(1), Duration::from_millis(32));
    let limits = Limits { backoff, backoff_max, ..Limits::default() };
    let mut sender = path.configured(OnFull::DropNewest, Config::new().limits(limits));
    let before = Instant::now();
    for _ in 0..12 {
        let mut receiver = path.receiver(BOTH);
        connect(&mut sender, &mut receiver);
        drop(receiver);
        super::path::until("the sender notices", || !sender.poll());
    }
    // 1, 2, 4, 8, 16 and six times 32 ms, each shortened by at most a half.
    assert!(before.elapsed() >= Duration::from_millis(223 / 2), "{:?}", before.elapsed());
}

macro_rules! each {
    ($($module:ident: $path:ty),*) => {
        $(mod $module {
            #[test]
            fn accepted_messages_arrive_although_the_sender_is_dropped() {
                super::accepted_messages_arrive_although_the_sender_is_dropped::<$path>();
            }

            #[test]
            fn a_drop_lingers_no_longer_than_configured() {
                super::a_drop_lingers_no_longer_than_configured::<$path>();
            }

            #[test]
            fn a_receiver_that_greets_and_disconnects_is_dialed_less_and_less_often() {
                super::a_receiver_that_greets_and_disconnects_is_dialed_less_and_less_often::<$path>();
            }
        })*
    };
}

each!(unix: super::UnixPath, tcp: super::TcpPath);

#[cfg(not(mycelium_portable))]
#[test]
fn messages_sent_through_shared_memory_arrive_although_the_sender_is_dropped() {
    let (mut sender, mut receiver) = ShmPath::pair(Options::default());
    for number in 0..20_000 {
        sender.send_number(number).unwrap();
    }
    let counters = sender.counters().clone();
    drop(sender);
    let mut numbers = Vec::new();
    super::path::until("all arrive", || {
        receiver.take(&mut numbers);
        numbers.len() == 20_000
    });
    assert_balanced(&counters.snapshot(), &[receiver.stats()], 20_000);
}

/// On a thread of a runtime, whose only task could be the receiver: no panic, and no longer than elsewhere.
#[cfg(feature = "tokio")]
#[test]
fn a_drop_within_a_runtime_ends_in_time() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let linger = Duration::from_millis(30);
    let took = runtime.block_on(async {
        let path = UnixPath::new();
        let mut receiver = path.receiver(BOTH);
        let mut sender = path.configured(OnFull::Error, quick(false).linger(linger));
        connect(&mut sender, &mut receiver);
        while sender.send_number(1).is_ok() {}
        let before = Instant::now();
        drop(sender);
        before.elapsed()
    });
    assert!(took >= linger && took < linger + DEADLINE / 2, "{took:?}");
}

#[test]
fn a_link_whose_peer_never_came_reports_why_the_last_attempt_failed() {
    let path = UnixPath::new();
    let config = quick(false).address("desk", &path.0.socket()).wait_for_peers(Duration::from_millis(5));
    let error = StreamLink::open(LinkSpec::new("desk", Address::unix("/"), "test", BOTH), &config).unwrap_err();
    assert!(error.to_string().contains("by the deadline: No such file or directory"), "{error}");
}
