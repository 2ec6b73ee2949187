//! Services behind tokio tasks: errors, panics, timers and sources, what they emit.
#![cfg(feature = "tokio")]

mod driven;
mod panics;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use contracts::{Fill, Order, OrderFields, OrderId, Signal};
use mycelium_rt::link::{Batch, LinkError, OnFull, RingSender, SendError};
use mycelium_rt::routing::{Dispatch, Handed, Handled, Service};
use mycelium_rt::task::{self, Context, Emits, Outbox, Task, TaskError, TaskSpec};
use mycelium_rt::{Emit, HandlerFailure, Message, service};
use tokio::runtime::{Builder, Runtime};

const DEADLINE: Duration = Duration::from_secs(20);

/// Turns signals into numbered orders, and fails on fills.
#[derive(Debug, Default)]
struct Trader {
    signals: u64,
}

#[service]
impl Trader {
    #[handle]
    async fn on_signal(&mut self, _: &Signal, cx: &mut impl Emit<Order>) {
        self.signals += 1;
        tokio::task::yield_now().await;
        cx.emit(&Order::from(OrderFields { id: OrderId(self.signals), ..OrderFields::default() }));
    }

    #[handle]
    async fn on_fill(&mut self, _: &Fill) -> Result<(), &'static str> {
        tokio::task::yield_now().await;
        Err("no fills today")
    }

    /// A plain handler behind a task.
    #[handle]
    fn on_order(&mut self, order: &Order) {
        assert!(order.id.0 != 13, "the handler panics as the test wants it to");
        self.signals += 100;
    }
}

enum Trading {}

impl Emits<Order> for Trading {}

impl Dispatch<Context<Self>> for Trading {
    type Service = Trader;

    async fn deliver(trader: &mut Trader, id: u16, body: Handed<'_>, cx: &mut Context<Self>) {
        match id {
            Signal::ID => task::deliver::<Signal, _, _>(trader, body, cx).await,
            Fill::ID => task::deliver::<Fill, _, _>(trader, body, cx).await,
            Order::ID => task::deliver::<Order, _, _>(trader, body, cx).await,
            _ => cx.refuse(id, &"not routed here"),
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).build().unwrap()
}

fn spawn(runtime: &Runtime, spec: TaskSpec) -> (RingSender, Outbox, Task<Trader>) {
    task::spawn::<_, Trading>(runtime.handle(), Trader::default(), spec).unwrap()
}

#[test]
fn what_a_task_emits_comes_back_in_order() {
    let runtime = runtime();
    let (mut sender, mut outbox, mut task) =
        spawn(&runtime, TaskSpec { capacity: 8, outbox: 64, ..TaskSpec::new("trader") });
    let (mut orders, deadline) = (Vec::new(), Instant::now() + DEADLINE);
    for sent in 1..=1000 {
        sender.send(&Signal::default()).unwrap();
        // Never more in flight than the outbox holds.
        while orders.len() + 32 < sent {
            assert!(Instant::now() < deadline);
            outbox.poll(usize::MAX, |id, body| {
                assert_eq!(id, Order::ID);
                orders.push(Order::decode(body.bytes()).unwrap().id.0);
            });
        }
    }
    sender.close();
    assert_eq!(task.finish(DEADLINE).unwrap().signals, 1000);
    outbox.poll(usize::MAX, |_, body| orders.push(Order::decode(body.bytes()).unwrap().id.0));
    assert!(orders.into_iter().eq(1..=1000));
    let stats = task.stats().messages;
    assert_eq!((stats.received, stats.sent, stats.dropped()), (1000, 1000, 0));
}

#[test]
fn an_outbox_that_is_full_loses_and_counts() {
    let runtime = runtime();
    let (mut sender, mut outbox, mut task) = spawn(&runtime, TaskSpec { outbox: 4, ..TaskSpec::new("trader") });
    for _ in 0..10 {
        sender.send(&Signal::default()).unwrap();
    }
    sender.close();
    task.finish(DEADLINE).unwrap();
    assert_eq!(outbox.poll(usize::MAX, |_, _| ()), 4);
    let stats = task.stats().messages;
    assert_eq!((stats.sent, stats.dropped_newest), (4, 6));
}

#[test]
fn what_is_dropped_after_the_last_message_is_a_gap_to_the_task() {
    let runtime = runtime();
    // The only thread of the runtime is busy, so that the ring fills.
    let (started, starts) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    runtime.spawn(async move {
        started.send(()).unwrap();
        released.recv().unwrap();
    });
    starts.recv().unwrap();
    let spec = TaskSpec { capacity: 2, on_full: OnFull::DropNewest, batch: Batch::of(100), ..TaskSpec::new("trader") };
    let (mut sender, _outbox, mut task) = spawn(&runtime, spec);
    for _ in 0..5 {
        sender.send(&Signal::default()).unwrap();
    }
    let counters = sender.counters().clone();
    drop(sender);
    release.send(()).unwrap();
    assert_eq!(task.finish(DEADLINE).unwrap().signals, 2);
    let (sent, received) = (counters.snapshot(), task.stats().messages);
    assert_eq!((sent.sent, sent.dropped_newest, received.received, received.gaps), (2, 3, 2, 3));
}

#[test]
fn errors_of_async_handlers_are_counted_and_reported() {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    fn hook(failure: &HandlerFailure<'_>) {
        assert_eq!(failure.to_string(), "`trader` failed on `Fill`: no fills today");
        TOLD.fetch_add(1, Ordering::Relaxed);
    }
    let runtime = runtime();
    let (mut sender, _outbox, mut task) = spawn(&runtime, TaskSpec { hook: Some(hook), ..TaskSpec::new("trader") });
    sender.send(&Fill::default()).unwrap();
    sender.send(&Order::default()).unwrap();
    sender.close();
    assert_eq!(task.finish(DEADLINE).unwrap().signals, 100, "what comes after an error is handled");
    assert_eq!((task.stats().handler_errors, TOLD.load(Ordering::Relaxed)), (1, 1));
}

#[test]
fn a_panic_of_a_handler_shows_at_both_ends() {
    let runtime = runtime();
    let (mut sender, _outbox, mut task) = spawn(&runtime, TaskSpec { capacity: 2, ..TaskSpec::new("trader") });
    let fatal = Order::from(OrderFields { id: OrderId(13), ..OrderFields::default() });
    sender.send(&fatal).unwrap();
    assert!(matches!(task.finish(DEADLINE), Err(TaskError::Gone { service: "trader" })));
    // A blocking sender does not wait for a task that is gone: it fails when the ring is full, at the latest.
    let error = (0..10).find_map(|_| sender.send(&fatal).err());
    assert_eq!((error, sender.is_closed()), (Some(SendError::PeerGone), true));
}

#[test]
fn a_task_that_is_at_work_is_late_and_can_be_awaited_again() {
    let runtime = runtime();
    let (mut sender, _outbox, mut task) = spawn(&runtime, TaskSpec::new("trader"));
    assert!(matches!(task.finish(Duration::ZERO), Err(TaskError::Late { service: "trader" })));
    sender.close();
    assert!(task.finish(DEADLINE).is_ok());
}

#[test]
fn drop_oldest_is_refused() {
    let spec = TaskSpec { on_full: OnFull::DropOldest, ..TaskSpec::new("trader") };
    let error = task::spawn::<_, Trading>(runtime().handle(), Trader::default(), spec).unwrap_err();
    assert!(matches!(error, LinkError::Config(_)) && error.to_string().contains("`drop_oldest`"), "{error}");
}

/// Counts signals in batches.
#[derive(Debug, Default)]
struct Counter {
    signals: usize,
}

#[service]
impl Counter {
    #[handle]
    fn on_signals(&mut self, signals: &[Signal]) {
        self.signals += signals.len();
    }
}

enum Counting {}

impl Dispatch<Context<Self>> for Counting {
    type Service = Counter;
    const HANDLED: &'static [Handled] = <Counter as Service>::HANDLED;

    async fn deliver(counter: &mut Counter, id: u16, body: Handed<'_>, cx: &mut Context<Self>) {
        match id {
            Signal::ID => task::deliver_batch::<Signal, _, _>(counter, body, cx).await,
            _ => cx.refuse(id, &"not routed here"),
        }
    }
}

#[test]
fn a_bad_body_within_a_batch_is_counted_and_the_others_are_delivered() {
    let runtime = runtime();
    let spec = TaskSpec { capacity: 256, max_body: size_of::<Signal>(), ..TaskSpec::new("counter") };
    let (mut sender, _outbox, mut task) =
        task::spawn::<_, Counting>(runtime.handle(), Counter::default(), spec).unwrap();
    for number in 0..200 {
        match number % 50 {
            25 => sender.send_bytes(Signal::ID, &[0xff; size_of::<Signal>()]).unwrap(),
            26 => sender.send_bytes(Signal::ID, &[0; 3]).unwrap(),
            _ => sender.send(&Signal::default()).unwrap(),
        }
    }
    sender.close();
    let counter = task.finish(DEADLINE).unwrap();
    let stats = task.stats();
    assert_eq!((counter.signals, stats.messages.received, stats.messages.invalid), (192, 200, 8));
    assert_eq!(stats.handler_errors, 8);
}

#[test]
fn a_task_whose_handler_panicked_still_gives_its_service_back() {
    let runtime = runtime();
    let (mut sender, _outbox, mut task) = spawn(&runtime, TaskSpec::new("trader"));
    sender.send(&Order::from(OrderFields { id: OrderId(13), ..OrderFields::default() })).unwrap();
    sender.close();
    assert!(task.end(Instant::now() + DEADLINE).is_some());
    let stats = task.stats();
    assert_eq!((stats.panics, stats.restarts, stats.lost_in_panics), (1, 0, 1));
    assert_eq!(task.unsettled(&sender), 0, "it is lost, not left");
    assert!(task.is_settled(&sender), "nothing more will come of it");
}

#[test]
fn a_task_that_is_late_or_whose_runtime_is_gone_gives_its_service_back() {
    let runtime = runtime();
    let (_sender, _outbox, mut late) = spawn(&runtime, TaskSpec::new("trader"));
    assert!(late.end(Instant::now()).is_some(), "its sender is still open, so it never ends by itself");
    let (_sender, _outbox, mut orphan) = spawn(&runtime, TaskSpec::new("trader"));
    drop(runtime);
    assert!(orphan.end(Instant::now() + DEADLINE).is_some());
}
