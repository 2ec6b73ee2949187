//! What panics do to services behind tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use contracts::{Fill, FillFields, Order, OrderFields, OrderId, Signal};
use mycelium_rt::lane::{OnPanic, Origin, Restart};
use mycelium_rt::link::{LinkError, RingSender, SendError};
use mycelium_rt::routing::{Dispatch, Handed, Handled, Service};
use mycelium_rt::task::{self, Context, Outbox, Task, TaskEnv, TaskError, TaskSpec};
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, Message, TimestampNs, service};
use tokio::runtime::Runtime;

use super::{DEADLINE, runtime};

/// What an instance of a service has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    started: bool,
    orders: Vec<u64>,
    fills: usize,
}

/// Panics on the order 13, and in its `startup` where the test says so.
#[derive(Debug, Default)]
struct Fragile {
    seen: Seen,
    fails_to_start: bool,
}

#[service]
impl Fragile {
    fn startup(&mut self) -> Result<(), &'static str> {
        self.seen.started = true;
        if self.fails_to_start { Err("not today") } else { Ok(()) }
    }

    #[handle]
    async fn on_order(&mut self, order: &Order) {
        tokio::task::yield_now().await;
        assert!(order.id.0 != 13, "unlucky");
        self.seen.orders.push(order.id.0);
    }

    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        assert!(fills.iter().all(|fill| fill.order.0 != 13), "unlucky");
        self.seen.fills += fills.len();
    }

    #[handle]
    fn on_signal(&mut self, _: &Signal) {}
}

enum Handling {}

impl Dispatch<Context<Self>> for Handling {
    type Service = Fragile;
    const HANDLED: &'static [Handled] = <Fragile as Service>::HANDLED;

    async fn deliver(fragile: &mut Fragile, id: u16, body: Handed<'_>, cx: &mut Context<Self>) {
        match id {
            Order::ID => task::deliver::<Order, _, _>(fragile, body, cx).await,
            Fill::ID => task::deliver_batch::<Fill, _, _>(fragile, body, cx).await,
            Signal::ID => task::deliver::<Signal, _, _>(fragile, body, cx).await,
            _ => cx.refuse(id, &"not routed here"),
        }
    }
}

fn order(id: u64) -> Order {
    Order::from(OrderFields { id: OrderId(id), ..OrderFields::default() })
}

/// A dead letter: origin, name, id of the order, reason.
type Told = (Origin, &'static str, u64, String);

/// A task whose clock only the test moves, and the dead letters.
struct Scene {
    clock: ManualClock,
    dead_letters: Receiver<Told>,
    sender: RingSender,
    task: Task<Fragile>,
    _outbox: Outbox,
    runtime: Runtime,
}

impl Scene {
    fn new(restart: Restart, make: impl FnMut() -> Fragile + Send + 'static) -> Self {
        let (runtime, clock, (report, dead_letters)) = (runtime(), ManualClock::at(TimestampNs(1)), channel());
        let config = Config::new().clock(clock.clone()).on_dead_letter(move |dead_letter| {
            let id = Order::decode(dead_letter.body).map_or(0, |order| order.id.0);
            let _ = report.send((dead_letter.origin, dead_letter.message, id, dead_letter.reason.to_owned()));
        });
        let spec = TaskSpec { capacity: 256, on_panic: OnPanic::Restart(restart), ..TaskSpec::new("fragile") };
        let env = TaskEnv::new(&config).with_factory(make);
        let (sender, outbox, task) =
            task::spawn_in::<_, Handling>(runtime.handle(), Fragile::default(), spec, env).unwrap();
        Self { clock, dead_letters, sender, task, _outbox: outbox, runtime }
    }

    fn send(&mut self, orders: impl IntoIterator<Item = u64>) {
        orders.into_iter().for_each(|id| self.sender.send(&order(id)).unwrap());
    }

    /// Waits until the task has lost a message.
    fn dead_letter(&self) -> Told {
        self.dead_letters.recv_timeout(DEADLINE).unwrap()
    }

    fn end(&mut self) -> Seen {
        self.sender.close();
        self.task.finish(DEADLINE).unwrap().seen
    }

    /// Panics, restarts and lost messages.
    fn counts(&self) -> (u64, u64, u64) {
        let stats = self.task.stats();
        (stats.panics, stats.restarts, stats.lost_in_panics)
    }
}

/// Longer than any pause of the restarts below.
const LONG: Duration = Duration::from_secs(10);

fn restart(max: u32) -> Restart {
    Restart { max, within: LONG, backoff: LONG / 10 }
}

#[test]
fn what_waits_in_the_queue_outlives_a_restart_and_only_the_current_message_is_lost() {
    let mut scene = Scene::new(restart(5), Fragile::default);
    scene.send([1, 2, 13, 3, 4]);
    assert_eq!(scene.dead_letter(), (Origin::Queue("fragile"), "Order", 13, "unlucky".to_owned()));
    scene.clock.advance(LONG);
    assert_eq!(scene.end(), Seen { started: true, orders: vec![3, 4], fills: 0 }, "by the restarted service");
    assert_eq!(scene.counts(), (1, 1, 1));
    assert_eq!(scene.task.unsettled(&scene.sender), 0);
}

#[test]
fn it_restarts_after_its_pause_and_not_before() {
    let (made, makes) = channel();
    let mut scene = Scene::new(restart(5), move || {
        made.send(()).unwrap();
        Fragile::default()
    });
    scene.send([13, 1]);
    scene.dead_letter();
    // The shortest pause that the random choice allows.
    scene.clock.advance(LONG / 20 - Duration::from_nanos(1));
    // On this one thread, the task has run when another one has.
    scene.runtime.block_on(scene.runtime.spawn(tokio::task::yield_now())).unwrap();
    assert_eq!((scene.counts(), makes.try_recv().is_err()), ((1, 0, 1), true));
    scene.clock.advance(LONG);
    makes.recv_timeout(DEADLINE).unwrap();
    assert_eq!(scene.end().orders, [1]);
}

#[test]
fn a_panic_beyond_the_limit_ends_the_task_and_sends_to_it_fail() {
    let mut scene = Scene::new(restart(2), Fragile::default);
    scene.send([13, 13, 13, 1]);
    for _ in 0..2 {
        scene.dead_letter();
        scene.clock.advance(LONG / 4);
    }
    scene.dead_letter();
    assert!(matches!(scene.task.finish(DEADLINE), Err(TaskError::Gone { service: "fragile" })));
    assert_eq!((scene.counts(), scene.task.unsettled(&scene.sender)), ((3, 2, 3), 1), "the last one is left");
    assert_eq!((0..1000).find_map(|_| scene.sender.send(&order(1)).err()), Some(SendError::PeerGone));
    assert!(scene.task.end(Instant::now()).is_some(), "the service comes back");
}

#[test]
fn a_pause_ends_when_the_sender_is_closed() {
    // Nobody moves the clock.
    let mut scene = Scene::new(restart(5), Fragile::default);
    scene.send([13, 1]);
    scene.dead_letter();
    assert_eq!(scene.end().orders, [1]);
}

#[test]
fn a_restart_that_fails_counts_as_another_panic() {
    let attempts = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&attempts);
    let mut scene = Scene::new(Restart { backoff: Duration::ZERO, ..restart(3) }, move || {
        let attempt = counted.fetch_add(1, Ordering::Relaxed);
        assert!(attempt != 1, "the factory panics as the test wants it to");
        Fragile { fails_to_start: true, ..Fragile::default() }
    });
    scene.send([13]);
    scene.dead_letter();
    assert!(matches!(scene.task.finish(DEADLINE), Err(TaskError::Gone { .. })));
    assert_eq!((attempts.load(Ordering::Relaxed), scene.counts()), (3, (1, 0, 1)));
}

#[test]
fn of_messages_taken_together_only_those_being_delivered_are_lost() {
    let mut scene = Scene::new(restart(5), Fragile::default);
    // Taken together, since the only thread of the runtime is busy until they are there.
    let ((started, starts), (release, released)) = (channel(), channel::<()>());
    scene.runtime.spawn(async move {
        started.send(()).unwrap();
        released.recv().unwrap();
    });
    starts.recv().unwrap();
    let fill = |order: u64| Fill::from(FillFields { order: OrderId(order), ..FillFields::default() });
    scene.send([1]);
    [12, 13, 14].into_iter().for_each(|id| scene.sender.send(&fill(id)).unwrap());
    scene.send([2]);
    [15, 16].into_iter().for_each(|id| scene.sender.send(&fill(id)).unwrap());
    release.send(()).unwrap();
    assert_eq!(scene.dead_letter().1, "Fill");
    assert_eq!(scene.counts(), (1, 0, 3));
    assert_eq!(scene.end(), Seen { started: true, orders: vec![2], fills: 2 });
}

#[test]
fn a_policy_that_cannot_work_is_refused() {
    let spec = TaskSpec { on_panic: OnPanic::Restart(Restart::default()), ..TaskSpec::new("fragile") };
    let runtime = runtime();
    let refused = |env| -> LinkError {
        task::spawn_in::<_, Handling>(runtime.handle(), Fragile::default(), spec, env).unwrap_err()
    };
    let alone = refused(TaskEnv::new(&Config::new())).to_string();
    assert!(alone.contains("`fragile`") && alone.contains("start_with"), "{alone}");
    // This runtime has no timer, and the clock is the system's.
    let timeless = refused(TaskEnv::new(&Config::new()).with_factory(Fragile::default)).to_string();
    assert!(timeless.contains("`fragile`") && timeless.contains("enable_time"), "{timeless}");
}

#[test]
fn a_task_takes_any_duration() {
    let extremes = [Duration::ZERO, Duration::from_nanos(1), Duration::from_nanos(u64::MAX), Duration::MAX];
    for extreme in extremes {
        let mut scene = Scene::new(Restart { max: 5, within: extreme, backoff: extreme }, Fragile::default);
        scene.send([1, 13, 2]);
        scene.dead_letter();
        scene.clock.advance(extreme);
        scene.sender.close();
        // Closing ends a pause before a restart.
        assert_eq!(scene.task.finish(extreme.max(DEADLINE)).unwrap().seen.orders, [2], "{extreme:?}");
        assert!(scene.task.finish(extreme).is_err());
    }
}

/// Carried by a panic: dropping it panics with another one, for ever.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        std::panic::panic_any(Self);
    }
}

/// Panics with a bomb on the order 13, waits for ever on 14, and panics when it is dropped, as often as the shared count allows.
struct Explosive {
    orders: Vec<u64>,
    left: Arc<AtomicU64>,
}

impl Drop for Explosive {
    fn drop(&mut self) {
        let may = |left: u64| left.checked_sub(1);
        assert!(self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, may).is_err(), "dropped");
    }
}

#[service]
impl Explosive {
    #[handle]
    async fn on_order(&mut self, order: &Order) {
        if order.id.0 == 13 {
            std::panic::panic_any(Bomb);
        }
        let held = Explosive { orders: Vec::new(), left: Arc::clone(&self.left) };
        if order.id.0 == 14 {
            std::future::pending::<()>().await;
        }
        std::mem::forget(held);
        self.orders.push(order.id.0);
    }
}

enum Exploding {}

impl Dispatch<Context<Self>> for Exploding {
    type Service = Explosive;

    async fn deliver(explosive: &mut Explosive, id: u16, body: Handed<'_>, cx: &mut Context<Self>) {
        match id {
            Order::ID => task::deliver::<Order, _, _>(explosive, body, cx).await,
            _ => cx.refuse(id, &"not routed here"),
        }
    }
}

/// A task of such a service, with the count of those that may still panic.
fn explosive(runtime: &Runtime) -> (RingSender, Task<Explosive>, Arc<AtomicU64>) {
    let left = Arc::new(AtomicU64::new(0));
    let make = |left: &Arc<AtomicU64>| Explosive { orders: Vec::new(), left: Arc::clone(left) };
    let (first, all, captured) = (make(&left), Arc::clone(&left), make(&left));
    let factory = move || {
        let _ = &captured;
        make(&all)
    };
    let spec = TaskSpec {
        on_panic: OnPanic::Restart(Restart { backoff: Duration::ZERO, ..restart(5) }),
        ..TaskSpec::new("fuse")
    };
    let config = Config::new().clock(ManualClock::new()).on_dead_letter(|_| std::panic::panic_any(Bomb)).quiet();
    let env = TaskEnv::new(&config).with_factory(factory);
    let (sender, _outbox, task) = task::spawn_in::<_, Exploding>(runtime.handle(), first, spec, env).unwrap();
    (sender, task, left)
}

#[test]
fn a_task_goes_on_if_drops_panic() {
    let runtime = runtime();
    let (mut sender, mut task, left) = explosive(&runtime);
    left.store(3, Ordering::Relaxed);
    [1, 13, 2, 13, 3].into_iter().for_each(|id| sender.send(&order(id)).unwrap());
    sender.close();
    let service = task.finish(DEADLINE).unwrap();
    assert_eq!((task.stats().panics, task.stats().restarts, task.stats().lost_in_panics), (2, 2, 2));
    assert_eq!(service.orders, [3]);
    // Two that were replaced, and what the factory had captured, which goes with the task.
    let deadline = Instant::now() + DEADLINE;
    while left.load(Ordering::Relaxed) > 0 {
        assert!(Instant::now() < deadline, "not all is dropped");
        std::thread::yield_now();
    }
}

#[test]
fn an_aborted_task_gives_its_service_back_if_drops_panic() {
    let runtime = runtime();
    let (mut sender, mut task, left) = explosive(&runtime);
    [1, 14, 2].into_iter().for_each(|id| sender.send(&order(id)).unwrap());
    sender.close();
    left.store(2, Ordering::Relaxed);
    let service = task.end(Instant::now() + Duration::from_millis(20)).unwrap();
    assert_eq!((service.orders.as_slice(), task.unsettled(&sender)), (&[1][..], 2));
    left.store(0, Ordering::Relaxed);
    // Its runtime still works.
    runtime.block_on(runtime.spawn(async {})).unwrap();
}
