//! The process that loses messages.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use contracts::Fill;
use mycelium_rt::__private::routing::queue;
use mycelium_rt::link::{
    Address, InputSpec, LinkSpec, OnFull, RingSpec, SendError, Status, StreamInput, StreamLink, wait,
};
use mycelium_rt::ring::Ready;
use mycelium_rt::{Config, MessageInfo};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{HALT, TICK};

/// Set if the process runs a scene.
pub(crate) const FLAG: &str = "--scene";

/// Runs `who/scene`; `who` is who receives the notices.
pub(crate) fn run(scene: &str) {
    let (who, scene) = scene.split_once('/').expect("who hears, and the scene");
    let config = Config::new();
    let config = match who {
        "nobody" => config,
        "subscribed" => {
            tracing::subscriber::set_global_default(Printer).expect("it is the first");
            config
        }
        "quiet" => config.quiet(),
        _ => panic!("who is `{who}`?"),
    };
    match scene {
        "refused" => refused(&config),
        "not-accepted" => not_accepted(&config),
        "nobody_there" => nobody_there(&config),
        "held_for_nobody" => held_for_nobody(&config),
        "full" => full(&config),
        "dropped" => dropped(&config),
        "blocked" => blocked(&config),
        "blocked_ring" => blocked_ring(),
        "refusing_ring" => refusing_ring(),
        "router_queue" => queue_dropped(&config),
        _ => panic!("no scene is called `{scene}`"),
    }
}

fn path() -> PathBuf {
    std::env::temp_dir().join(format!("mycelium-notices-{}.sock", std::process::id()))
}

/// Two programs of different schemas.
fn refused(config: &Config) {
    let config = config.clone().address("desk", &path().to_string_lossy()).known_elsewhere(["desk"]);
    let here = Address::unix("/nowhere/desk.sock");
    let mut input = StreamInput::open(InputSpec::new("desk", here.clone(), "market", &[TICK]), &config).unwrap();
    let mut link = StreamLink::open(LinkSpec::new("desk", here, "weather", &[TICK]), &config).unwrap();
    while link.poll() != Status::Refused {
        input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
    }
}

/// A receiver that does not know all messages, which returns twice.
fn not_accepted(config: &Config) {
    let config = config.clone().address("desk", &path().to_string_lossy()).known_elsewhere(["desk"]);
    let here = Address::unix("/nowhere/desk.sock");
    let mut link = StreamLink::open(LinkSpec::new("desk", here.clone(), "market", &[TICK, HALT]), &config).unwrap();
    for connects in 1..=3 {
        let mut input = StreamInput::open(InputSpec::new("desk", here.clone(), "market", &[TICK]), &config).unwrap();
        while link.poll() != Status::Connected || link.stats().connects < connects {
            input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
        }
        for _ in 0..3 {
            link.send_bytes(HALT.id, &[0; 8]).unwrap();
        }
        drop(input);
        while link.poll() == Status::Connected {}
    }
    assert_eq!(link.stats().not_accepted, 9);
}

/// A link whose peer never comes, and what it drops.
fn nobody_there(config: &Config) {
    let mut link = link(config, OnFull::DropNewest);
    for _ in 0..100 {
        link.send_bytes(7, &[0; 8]).unwrap();
    }
    poll_for_a_while(&mut link);
    for _ in 0..100 {
        link.send_bytes(7, &[0; 8]).unwrap();
    }
}

/// A link that holds the newest messages for a peer that never comes.
fn held_for_nobody(config: &Config) {
    let mut link = link(&config.clone().linger(Duration::ZERO), OnFull::DropOldest);
    link.send_bytes(7, &[0; 8]).unwrap();
    poll_for_a_while(&mut link);
}

/// A peer that takes nothing, while messages are still sent.
fn full(config: &Config) {
    let (input, mut link) = pair(config, OnFull::DropNewest);
    while link.stats().dropped() < 50_000 {
        link.send_bytes(7, &[0; 8]).unwrap();
    }
    drop(link);
    drop(input);
}

/// A peer that takes nothing, and a sender that is dropped.
fn dropped(config: &Config) {
    let (input, mut link) = pair(&config.clone().linger(Duration::from_millis(10)), OnFull::Error);
    while link.send_bytes(7, &[0; 8]).is_ok() {}
    drop(link);
    drop(input);
}

/// A sender that waits for a peer that never comes.
fn blocked(config: &Config) {
    let mut link = link(config, OnFull::Block);
    let interrupt = link.interrupt();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(1500));
            interrupt.set();
        });
        assert_eq!(link.send_bytes(7, &[0; 8]), Err(SendError::Interrupted));
    });
}

/// A sender that waits for another thread, which takes nothing for a while.
fn blocked_ring() {
    let spec = RingSpec { capacity: 4, max_body: 8, ..RingSpec::new("ticks") };
    let (mut sender, mut receiver) = spec.open().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(1500));
            while receiver.wait(None) != Ready::Closed {
                receiver.poll(usize::MAX, |_, _| ());
            }
        });
        for _ in 0..8 {
            sender.send_bytes(7, &[0; 8]).unwrap();
        }
        drop(sender);
    });
}

/// A ring whose receiver is gone.
fn refusing_ring() {
    let spec = RingSpec { capacity: 4, max_body: 8, ..RingSpec::new("ticks") };
    let (mut sender, receiver) = spec.open().unwrap();
    drop(receiver);
    let refused = (0..8).filter(|_| sender.send_bytes(7, &[0; 8]) == Err(SendError::PeerGone)).count();
    assert!(refused > 1, "{refused}");
}

/// A queue of a router that is dropped with messages in it.
fn queue_dropped(config: &Config) {
    let (mut sender, _receiver) = queue(config, "journal", 4, &[MessageInfo::of::<Fill>()]).unwrap();
    sender.send(&Fill::default(), OnFull::DropNewest).unwrap();
}

fn link(config: &Config, on_full: OnFull) -> StreamLink {
    let config = config.clone().address("desk", &path().to_string_lossy());
    let spec = LinkSpec { on_full, ..LinkSpec::new("desk", Address::unix("/nowhere/desk.sock"), "market", &[TICK]) };
    StreamLink::open(spec, &config).unwrap()
}

/// Two connected ends.
fn pair(config: &Config, on_full: OnFull) -> (StreamInput, StreamLink) {
    let config = config.clone().address("desk", &path().to_string_lossy());
    let spec = InputSpec::new("desk", Address::unix("/nowhere/desk.sock"), "market", &[TICK]);
    let mut input = StreamInput::open(spec, &config).unwrap();
    let mut link = link(&config, on_full);
    while link.poll() != Status::Connected {
        input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
    }
    (input, link)
}

/// Drives the link for longer than it takes to report a missing peer.
fn poll_for_a_while(link: &mut StreamLink) {
    let end = Instant::now() + Duration::from_millis(1500);
    while Instant::now() < end {
        link.poll();
        let due = link.timer().map_or(end, |timer| timer.min(end));
        wait(link.interest(), Some(due.saturating_duration_since(Instant::now()))).unwrap();
    }
}

/// Prints events to standard output.
struct Printer;

impl Subscriber for Printer {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut Fields(&mut line));
        println!("{line}");
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {} = {value:?}", field.name());
    }
}
