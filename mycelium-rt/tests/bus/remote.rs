//! Buses that are joined by links, over each kind of path.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use contracts::{BarDone, BarSettled, RunDone};
use mycelium_rt::Config;
use mycelium_rt::bus::{AttachError, Attachment, Bus, BusError, RecvError, RequestError, Runtime, Subscriber};
use mycelium_rt::link::{Address, InputSpec, LinkError, LinkSpec, OnFull, StreamInput, StreamLink};
use mycelium_rt::{Message, MessageInfo, service};
use tokio::runtime::Builder;

use crate::common::{LONG, done, end, publish, settled};

/// A place of one test for the sockets of one kind.
pub(crate) struct Place {
    kind: fn(&'static str) -> Address,
    folder: PathBuf,
    pub(crate) config: Config,
}

impl Place {
    fn new(name: &str, kind: fn(&'static str) -> Address) -> Self {
        let folder = std::env::temp_dir().join(format!("bus-{name}-{}-{}", kind("").kind(), std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let path = |file: &str| folder.join(file).to_str().unwrap().to_owned();
        let config = Config::new().address("desk", &path("desk")).address("back", &path("back"));
        Self { kind, folder, config }
    }

    pub(crate) fn address(&self) -> Address {
        (self.kind)("/run/overridden-by-the-configuration")
    }

    fn input(&self, bus: &Bus) -> Attachment {
        bus.input("desk", self.address()).accept::<BarDone>().accept::<BarSettled>().open(&self.config).unwrap()
    }

    pub(crate) fn link(&self, bus: &Bus) -> Attachment {
        bus.link("desk", self.address()).forward::<BarDone>().forward::<BarSettled>().open(&self.config).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Waits for a condition that other threads bring about.
pub(crate) async fn until(done: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !done() {
        assert!(Instant::now() < deadline, "it does not come about");
        tokio::task::yield_now().await;
    }
}

/// Runs a test over Unix sockets and over shared memory.
pub(crate) fn over_each(name: &str, test: impl AsyncFn(&Place)) {
    for kind in [Address::unix, Address::shm] {
        let place = Place::new(name, kind);
        Builder::new_current_thread().enable_time().build().unwrap().block_on(test(&place));
    }
}

pub(crate) async fn receive(subscriber: &mut Subscriber<BarDone>, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert_eq!(subscriber.recv().await, Ok(done(number)));
    }
}

#[test]
fn what_is_published_on_one_bus_is_received_on_the_other() {
    over_each("joined", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let (mut dones, mut settleds) = (there.subscribe().unwrap(), there.subscribe::<BarSettled>().unwrap());
        let (input, link) = (place.input(&there), place.link(&here));
        publish(&mut here.publisher().unwrap(), 0..500);
        here.publisher().unwrap().publish(&settled(7));
        // What is not forwarded stays.
        here.publisher().unwrap().publish(&end(8));
        receive(&mut dones, 0..500).await;
        assert_eq!(settleds.recv().await, Ok(settled(7)));
        let sent = link.close(LONG);
        assert_eq!((sent.sent, sent.dropped()), (501, 0));
        let received = input.close(LONG);
        assert_eq!((received.received, received.gaps), (501, 0));
    });
}

#[test]
fn a_message_that_is_listed_twice_is_forwarded_once() {
    over_each("twice", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let mut dones = there.subscribe().unwrap();
        let input = there.input("desk", place.address()).accept::<BarDone>().accept::<BarDone>();
        let _input = input.open(&place.config).unwrap();
        let link = here.link("desk", place.address()).forward::<BarDone>().forward::<BarDone>();
        let link = link.open(&place.config).unwrap();
        publish(&mut here.publisher().unwrap(), [1, 2]);
        receive(&mut dones, [1, 2]).await;
        assert_eq!(link.close(LONG).sent, 2);
    });
}

#[test]
fn tcp_joins_two_buses() {
    Builder::new_current_thread().build().unwrap().block_on(async {
        let (here, there) = (Bus::new(), Bus::new());
        let mut dones = there.subscribe().unwrap();
        let any = Address::tcp("127.0.0.1:0");
        let input = there.input("desk", any).accept::<BarDone>().open(&Config::new()).unwrap();
        let config = Config::new().address("desk", &input.local_address().unwrap().to_string());
        let link = here.link("desk", Address::tcp("127.0.0.1:1")).forward::<BarDone>().open(&config).unwrap();
        publish(&mut here.publisher().unwrap(), 0..100);
        receive(&mut dones, 0..100).await;
        assert_eq!(link.close(LONG).sent, 100);
    });
}

#[test]
fn a_link_waits_for_its_peer_and_what_was_published_meanwhile() {
    over_each("late", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let _link = place.link(&here);
        publish(&mut here.publisher().unwrap(), 0..100);
        let mut dones = there.subscribe().unwrap();
        let _input = place.input(&there);
        receive(&mut dones, 0..100).await;
    });
}

#[test]
fn a_link_connects_again_when_its_peer_comes_back() {
    over_each("again", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let (mut publisher, mut dones) = (here.publisher().unwrap(), there.subscribe().unwrap());
        let (input, link) = (place.input(&there), place.link(&here));
        publish(&mut publisher, [1]);
        receive(&mut dones, [1]).await;
        drop(input);
        let again = place.input(&there);
        until(|| link.stats().reconnects == 1).await;
        publish(&mut publisher, [2]);
        receive(&mut dones, [2]).await;
        let (sent, received) = (link.close(LONG), again.close(LONG));
        assert_eq!((sent.sent, sent.dropped(), sent.lost_in_flight, received.received), (2, 0, 0, 1));
    });
}

#[test]
fn buses_that_are_joined_both_ways_do_not_echo() {
    over_each("echo", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let attach = |bus: &Bus, link: &'static str, input: &'static str| {
            let input = bus.input(input, place.address()).accept::<BarDone>().open(&place.config).unwrap();
            (input, bus.link(link, place.address()).forward::<BarDone>().open(&place.config).unwrap())
        };
        let (mut at_here, mut at_there) = (here.subscribe().unwrap(), there.subscribe().unwrap());
        let (_here, _there) = (attach(&here, "desk", "back"), attach(&there, "back", "desk"));
        publish(&mut here.publisher().unwrap(), 0..10);
        receive(&mut at_here, 0..10).await;
        receive(&mut at_there, 0..10).await;
        // An echo would arrive before these.
        publish(&mut there.publisher().unwrap(), 10..20);
        receive(&mut at_there, 10..20).await;
        receive(&mut at_here, 10..20).await;
    });
}

#[test]
fn what_a_link_has_no_room_for_is_counted_and_reported_to_the_peer() {
    over_each("full", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let link = here.link("desk", place.address()).forward::<BarDone>().capacity(4).on_full(OnFull::Block);
        let link = link.open(&place.config).unwrap();
        // Without a peer up to five wait, one of them in the link.
        let mut publisher = here.publisher().unwrap();
        let reached: usize = (0..20).map(|number| publisher.publish(&done(number))).sum();
        let dropped = link.stats().dropped();
        assert_eq!(reached as u64 + dropped, 20);
        assert!((15..=16).contains(&dropped), "{dropped}");
        let mut dones = there.subscribe().unwrap();
        let input = place.input(&there);
        receive(&mut dones, 0..4).await;
        publish(&mut publisher, [100]);
        while dones.recv().await != Ok(done(100)) {}
        assert_eq!(input.close(LONG).gaps, dropped);
    });
}

#[test]
fn closing_sends_what_waits() {
    over_each("close", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let (mut dones, _input) = (there.subscribe().unwrap(), place.input(&there));
        let link = place.link(&here);
        publish(&mut here.publisher().unwrap(), 0..1000);
        let stats = link.close(LONG);
        assert_eq!((stats.sent, stats.dropped()), (1000, 0));
        receive(&mut dones, 0..1000).await;
        assert_eq!(here.publisher().unwrap().publish(&done(1)), 0);
    });
}

#[test]
fn closing_without_a_peer_ends_at_the_deadline_and_counts_what_is_lost() {
    over_each("alone", async |place| {
        let bus = Bus::new();
        let link = place.link(&bus);
        publish(&mut bus.publisher().unwrap(), 0..10);
        let stats = link.close(Duration::from_millis(1));
        assert_eq!((stats.sent, stats.dropped()), (0, 10));
    });
}

#[test]
fn a_link_outlives_its_bus_until_everything_is_sent() {
    over_each("outlives", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let link = place.link(&here);
        publish(&mut here.publisher().unwrap(), 0..10);
        drop(here);
        let mut dones = there.subscribe().unwrap();
        let _input = place.input(&there);
        receive(&mut dones, 0..10).await;
        assert_eq!(link.close(LONG).sent, 10);
    });
}

/// Threads of this process with this name, as the kernel knows it.
fn threads(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().filter_map(Result::ok);
    tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|comm| comm.trim() == name)
        .count()
}

/// Whether there is a socket in this folder, as the kernel knows it.
fn listens(folder: &Path) -> bool {
    std::fs::read_to_string("/proc/net/unix").unwrap().contains(folder.to_str().unwrap())
}

#[test]
fn nothing_is_left_of_what_was_dropped() {
    Builder::new_current_thread().build().unwrap().block_on(async {
        let place = Place::new("left", Address::unix);
        let bus = Bus::new();
        let link = bus.link("leaky-out", place.address()).forward::<BarDone>();
        let config = place
            .config
            .clone()
            .address("leaky-out", "/nowhere")
            .address("leaky-in", place.folder.join("in").to_str().unwrap());
        let link = link.open(&config).unwrap();
        let input = bus.input("leaky-in", place.address()).accept::<BarDone>().open(&config).unwrap();
        let both = || (threads("bus:leaky-out"), threads("bus:leaky-in"));
        // A thread gets its name, and leaves the list, by itself.
        until(|| both() == (1, 1)).await;
        assert!(listens(&place.folder));
        assert_eq!(bus.stats()[0].receivers, 1);
        drop((link, input));
        until(|| both() == (0, 0)).await;
        assert!(!listens(&place.folder));
        assert_eq!(bus.stats()[0].receivers, 0);
    });
}

#[test]
fn a_bus_and_a_router_exchange_messages() {
    const MESSAGES: &[MessageInfo] = &[MessageInfo::of::<BarDone>()];
    Builder::new_current_thread().build().unwrap().block_on(async {
        let place = Place::new("router", Address::unix);
        let bus = Bus::new();
        let mut dones = bus.subscribe().unwrap();
        let _input = place.input(&bus);
        // The ends that routers use.
        let spec = LinkSpec::new("desk", place.address(), "market", MESSAGES);
        let mut link = StreamLink::open(spec, &place.config).unwrap();
        link.wait_for_peer(Instant::now() + LONG).unwrap();
        link.send(&done(1)).unwrap();
        link.flush();
        receive(&mut dones, [1]).await;

        let spec = InputSpec::new("back", place.address(), "market", MESSAGES);
        let mut input = StreamInput::open(spec, &place.config).unwrap();
        let _link = bus.link("back", place.address()).forward::<BarDone>().open(&place.config).unwrap();
        publish(&mut bus.publisher().unwrap(), [2]);
        let mut received = None;
        while received.is_none() {
            input.wait(LONG);
            input.poll(|id, _, body| {
                received = Some((id, BarDone::decode(body).map(|message| message.number)));
                Ok::<(), std::convert::Infallible>(())
            });
        }
        assert_eq!(received, Some((BarDone::ID, Ok(2))));
    });
}

#[test]
fn what_cannot_be_attached_is_an_error() {
    let bus = Bus::new();
    let here = || Address::unix("/nowhere/at/all");
    let input = bus.input("desk", here()).accept::<BarDone>().open(&Config::new()).map(drop);
    assert!(matches!(input, Err(AttachError::Link(LinkError::Path { .. }))), "{input:?}");
    let open = Address::tcp("192.0.2.1:1");
    let link = bus.link("desk", open).forward::<BarDone>().open(&Config::new()).map(drop);
    assert!(matches!(link, Err(AttachError::Link(LinkError::Config(_)))), "{link:?}");
    let link = bus.link("desk", here()).forward::<RunDone>().capacity(0).open(&Config::new()).map(drop);
    assert!(matches!(link, Err(AttachError::Bus(BusError::Ring { .. }))), "{link:?}");
    assert!(bus.stats().iter().all(|topic| topic.receivers == 0));
}

#[test]
fn a_lagging_subscriber_of_an_input_sees_the_gap_too() {
    over_each("lag", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let mut slow = there.subscribe_with_capacity::<BarDone>(2).unwrap();
        let mut quick = there.subscribe().unwrap();
        let (_input, _link) = (place.input(&there), place.link(&here));
        publish(&mut here.publisher().unwrap(), 0..10);
        receive(&mut quick, 0..10).await;
        receive(&mut slow, 0..2).await;
        publish(&mut here.publisher().unwrap(), [10]);
        assert_eq!(slow.recv().await, Err(RecvError::Lagged(8)));
        receive(&mut slow, [10]).await;
    });
}

#[test]
fn a_request_that_only_another_process_could_answer_is_refused() {
    over_each("asked", async |place| {
        let (desk, strategy) = (Bus::new(), Bus::new());
        let runtime = Runtime::new(&desk).unwrap();
        let _answering = runtime.spawn(Answering).unwrap();
        let (_input, link) = (place.input(&desk), place.link(&strategy));
        let refused = RequestError::Remote { request: "BarDone" };
        assert_eq!(strategy.request::<BarDone, BarSettled>(&done(1), LONG).await, Err(refused));
        // A service of this process replies, with or without a link.
        let here = Runtime::new(&strategy).unwrap().spawn(Answering).unwrap();
        assert_eq!(strategy.request::<BarDone, BarSettled>(&done(2), LONG).await, Ok(settled(2)));
        here.shutdown(LONG).await.unwrap();
        link.close(LONG);
        let nobody = RequestError::NoResponder { request: "BarDone" };
        assert_eq!(strategy.request::<BarDone, BarSettled>(&done(3), LONG).await, Err(nobody));
    });
}

/// Replies with the number.
struct Answering;

#[service]
impl Answering {
    #[handle]
    fn on_done(&mut self, done: &BarDone) -> BarSettled {
        settled(done.number)
    }
}
