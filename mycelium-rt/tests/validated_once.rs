//! A message is validated once, where its bytes enter the process, and on no path within it.
#![cfg(feature = "tokio")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use contracts::RunDone;
use mycelium_rt::__private::zerocopy;
use mycelium_rt::bus::{Bus, Runtime};
use mycelium_rt::link::{Address, Status};
use mycelium_rt::{Config, Emit, Message, ValidationError, routing_config, service};

/// Longer than any step of these tests takes.
const LONG: Duration = Duration::from_secs(60);

/// The number of validations in this process.
static VALIDATIONS: AtomicU64 = AtomicU64::new(0);

/// A message that counts how often it is validated.
#[derive(Clone, Copy, Debug, Default, PartialEq, zerocopy::IntoBytes, zerocopy::Immutable)]
#[zerocopy(crate = "mycelium_rt::__private::zerocopy")]
#[repr(C)]
pub struct Counted {
    number: u64,
}

mycelium_rt::__private::readable!(Counted, any(number));

impl Message for Counted {
    const ID: u16 = 60_001;
    const NAME: &'static str = "Counted";
    const TOPIC: &'static str = "counted";
    const VERSION: u16 = 1;
    const MIN_COMPATIBLE: u16 = 1;
    const LAYOUTS: &'static [(u16, usize, u64)] = &[(1, 8, 0xc0)];
    const LAYOUT_HASH: u64 = 0xc0;

    fn as_bytes(&self) -> &[u8] {
        mycelium_rt::__private::bytes_of(self)
    }

    fn validate(&self) -> Result<(), ValidationError> {
        VALIDATIONS.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Checks that each of `each` messages is validated `expected` times while `run` delivers them to all receivers.
fn validations(path: &str, each: u64, expected: u64, run: impl FnOnce()) {
    let before = VALIDATIONS.load(Ordering::Relaxed);
    run();
    assert_eq!(VALIDATIONS.load(Ordering::Relaxed) - before, each * expected, "{path}");
}

/// The number of messages for each path.
const EACH: u64 = 100;

fn numbers() -> impl Iterator<Item = Counted> {
    (0..EACH).map(|number| Counted { number })
}

/// Receives single messages.
#[derive(Debug, Default)]
pub struct One(u64);

#[service]
impl One {
    #[handle]
    fn on_counted(&mut self, _: &Counted) {
        self.0 += 1;
    }
}

/// Receives batches.
#[derive(Debug, Default)]
pub struct Many(u64);

#[service]
impl Many {
    #[handle]
    fn on_counted(&mut self, counted: &[Counted]) {
        self.0 += counted.len() as u64;
    }
}

/// Emits all messages at once.
#[derive(Debug, Default)]
pub struct Spring;

#[service]
impl Spring {
    #[handle]
    fn on_done(&mut self, _: &RunDone, cx: &mut impl Emit<Counted>) {
        numbers().for_each(|counted| cx.emit(&counted));
    }
}

routing_config! {
    name: Inside,
    services: { spring: Spring, one: One, local: One, queued: One, batched: Many, tasked: One, together: Many },
    routes: {
        RunDone => [spring],
        Counted => [
            one,
            local via local(1000),
            queued via queue(1000),
            batched via queue(1000),
            tasked via task(1000),
            together via task(1000),
        ],
    },
}

routing_config! {
    name: Lanes,
    services: { spring: Spring, one: One, queued: One, batched: Many, tasked: One },
    routes: {
        RunDone => [spring],
        Counted => [one, queued via queue(1000), batched via queue(1000), tasked via task(1000)],
    },
    lanes: { a: thread [spring], b: thread [one, queued, batched] },
}

routing_config! {
    name: Unix,
    services: { one: One, batched: Many, tasked: One },
    inputs: { feed: unix("/overridden") [Counted] },
    routes: { Counted => [one, batched via queue(1000), tasked via task(1000)] },
}

routing_config! {
    name: Shm,
    services: { one: One, batched: Many, tasked: One },
    inputs: { feed: shm("/overridden") [Counted] },
    routes: { Counted => [one, batched via queue(1000), tasked via task(1000)] },
}

fn tokio() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < LONG, "not in time: {what}");
        std::thread::yield_now();
    }
}

/// A unique socket path.
fn socket() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("validated-{}-{number}.sock", std::process::id()))
}

fn in_a_router() {
    let runtime = tokio();
    let services = InsideServices {
        spring: Spring,
        one: One::default(),
        local: One::default(),
        queued: One::default(),
        batched: Many::default(),
        tasked: One::default(),
        together: Many::default(),
    };
    let mut router = Inside::open(services, &Config::new().tokio(runtime.handle().clone())).unwrap();
    router.route_run_done(&RunDone::default());
    until("all are handled", || {
        router.poll();
        router.flush();
        let stats = router.stats();
        let tasks: u64 = stats.queues.iter().map(|queue| queue.stats.received).sum();
        router.batched.0 == EACH && router.queued.0 == EACH && tasks >= 4 * EACH
    });
    assert_eq!((router.one.0, router.local.0), (EACH, EACH));
}

fn between_lanes() {
    let runtime = tokio();
    let services = LanesServices {
        spring: Spring,
        one: One::default(),
        queued: One::default(),
        batched: Many::default(),
        tasked: One::default(),
    };
    let running = Lanes::start(services, &Config::new().tokio(runtime.handle().clone())).unwrap();
    running.sender::<RunDone>().send(&RunDone::default()).unwrap();
    let sender = running.sender::<Counted>();
    numbers().for_each(|counted| sender.send(&counted).unwrap());
    drop(sender);
    let services = running.shutdown(LONG).services;
    let counts = [services.one.0, services.queued.0, services.batched.0, services.tasked.0];
    assert_eq!(counts, [2 * EACH; 4]);
}

/// All paths of a bus within one process.
fn on_a_bus() {
    tokio().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let mut subscriber = bus.subscribe::<Counted>().unwrap();
        let (one, many) = (runtime.spawn(One::default()).unwrap(), runtime.spawn(Many::default()).unwrap());
        let _spring = runtime.spawn(Spring).unwrap();
        bus.publisher().unwrap().publish(&RunDone::default());
        for counted in numbers() {
            assert_eq!(subscriber.recv().await, Ok(counted));
        }
        let (sender, mut receiver) = (bus.sender::<Counted>(), bus.receiver::<Counted>().unwrap());
        for counted in numbers() {
            sender.send(&counted).await.unwrap();
            assert_eq!(receiver.recv().await, Some(counted));
        }
        assert_eq!(one.shutdown(LONG).await.unwrap().0, EACH);
        assert_eq!(many.shutdown(LONG).await.unwrap().0, EACH);
    });
}

macro_rules! from_outside {
    ($name:ident, $router:ident, $services:ident, $link:path) => {
        fn $name() {
            let (runtime, path) = (tokio(), socket());
            let config = Config::new().address("feed", path.to_str().unwrap()).tokio(runtime.handle().clone());
            let services = $services { one: One::default(), batched: Many::default(), tasked: One::default() };
            let mut router = $router::open(services, &config).unwrap();
            let mut link = $link(&config);
            until("a peer", || {
                router.poll();
                link.poll() == Status::Connected
            });
            numbers().for_each(|counted| link.send_bytes(Counted::ID, counted.as_bytes()).unwrap());
            until("all are handled", || {
                link.poll();
                link.flush();
                router.poll();
                router.flush();
                let queues: u64 = router.stats().queues.iter().map(|queue| queue.stats.received).sum();
                router.batched.0 == EACH && queues >= 2 * EACH
            });
            assert_eq!(router.one.0, EACH);
        }
    };
}

const MESSAGES: &[mycelium_rt::MessageInfo] = &[mycelium_rt::MessageInfo::of::<Counted>()];

fn socket_link(config: &Config) -> mycelium_rt::link::StreamLink {
    let spec = mycelium_rt::link::LinkSpec::new("feed", Address::unix("/"), "", MESSAGES);
    mycelium_rt::link::StreamLink::open(spec, config).unwrap()
}

fn shm_link(config: &Config) -> mycelium_rt::shm::ShmLink {
    let spec = mycelium_rt::link::LinkSpec::new("feed", Address::shm("/"), "", MESSAGES);
    mycelium_rt::shm::ShmLink::open(spec, mycelium_rt::shm::ShmOptions::default(), config).unwrap()
}

from_outside!(from_a_socket, Unix, UnixServices, socket_link);
from_outside!(from_shared_memory, Shm, ShmServices, shm_link);

/// From one bus to another, where a subscriber and two services receive the messages.
fn from_another_bus(address: Address) {
    tokio().block_on(async {
        let config = Config::new().address("feed", socket().to_str().unwrap());
        let (here, there) = (Bus::new(), Bus::new());
        let runtime = Runtime::new(&here).unwrap();
        let mut subscriber = here.subscribe::<Counted>().unwrap();
        let (one, many) = (runtime.spawn(One::default()).unwrap(), runtime.spawn(Many::default()).unwrap());
        let _input = here.input("feed", address.clone()).accept::<Counted>().open(&config).unwrap();
        let config = config.wait_for_peers(LONG);
        let _link = there.link("feed", address).forward::<Counted>().open(&config).unwrap();
        let mut publisher = there.publisher().unwrap();
        numbers().for_each(|counted| _ = publisher.publish(&counted));
        for counted in numbers() {
            assert_eq!(subscriber.recv().await, Ok(counted));
        }
        assert_eq!(one.shutdown(LONG).await.unwrap().0, EACH);
        assert_eq!(many.shutdown(LONG).await.unwrap().0, EACH);
    });
}

/// One test, since all paths share one counter.
#[test]
fn a_message_is_validated_where_it_enters_the_process_and_nowhere_else() {
    validations("direct, local, queue and task", EACH, 0, in_a_router);
    validations("between lanes, from senders and behind tasks", EACH, 0, between_lanes);
    validations("on a bus", EACH, 0, on_a_bus);
    validations("from a socket", EACH, 1, from_a_socket);
    validations("from shared memory", EACH, 1, from_shared_memory);
    validations("from another bus over a socket", EACH, 1, || from_another_bus(Address::unix("/")));
    validations("from another bus over shared memory", EACH, 1, || from_another_bus(Address::shm("/")));
}
