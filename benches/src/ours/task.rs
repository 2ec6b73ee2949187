//! A service behind a tokio task, and the drivers of it and its peers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mycelium_rt::link::{Batch, RingSender};
use mycelium_rt::routing::{Dispatch, Handed};
use mycelium_rt::task::{self, Context, Emits, Outbox, Task, TaskSpec};
use mycelium_rt::{Emit, Message, TimestampNs, service};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::cores::{Cores, pin};
use crate::messages::{Price, Quote, QuoteFields};
use crate::port::{Body, round_trips};
use crate::samples::Samples;

/// The end outside a task that echoes or counts.
pub trait Tasked {
    /// Sends, and wakes the task; false if there is no room.
    fn try_send(&mut self, body: &Body<8>) -> bool;
    /// Flushes what was sent.
    fn flush(&mut self) {}
    /// Takes an answer, if there is one.
    fn try_receive(&mut self) -> bool;
    /// Messages that the task has counted.
    fn seen(&self) -> u64;
}

/// What runs on the task.
struct Echo {
    answers: bool,
    messages: u64,
    seen: Arc<AtomicU64>,
}

#[service]
impl Echo {
    #[handle]
    async fn on_quote(&mut self, quote: &Quote, cx: &mut impl Emit<Quote>) {
        if self.answers {
            cx.emit(quote);
        } else {
            self.messages += 1;
            self.seen.store(self.messages, Ordering::Relaxed);
        }
    }
}

enum EchoRoutes {}

impl Dispatch<Context<Self>> for EchoRoutes {
    type Service = Echo;

    async fn deliver(echo: &mut Echo, id: u16, body: Handed<'_>, cx: &mut Context<Self>) {
        match id {
            Quote::ID => task::deliver::<Quote, _, _>(echo, body, cx).await,
            _ => cx.refuse(id, &"not routed here"),
        }
    }
}

impl Emits<Quote> for EchoRoutes {}

/// The end outside the task.
pub struct Near {
    sender: RingSender,
    outbox: Outbox,
    seen: Arc<AtomicU64>,
    _task: Task<Echo>,
}

/// Starts a task that sends messages back if `echo`, and counts them otherwise.
pub fn start(handle: &Handle, echo: bool) -> Near {
    let seen = Arc::new(AtomicU64::new(0));
    let service = Echo { answers: echo, messages: 0, seen: Arc::clone(&seen) };
    let spec = TaskSpec {
        capacity: 1024,
        max_body: 64,
        outbox: 1024,
        max_emitted: 64,
        batch: Batch::of(if echo { 1 } else { 64 }),
        ..TaskSpec::new("echo")
    };
    let (sender, outbox, task) = task::spawn::<_, EchoRoutes>(handle, service, spec)
        .unwrap_or_else(|error| panic!("a task to measure: {error}"));
    Near { sender, outbox, seen, _task: task }
}

impl Tasked for Near {
    fn try_send(&mut self, body: &Body<8>) -> bool {
        // As programs send: a message, which needs no further check.
        let [day, _, bid, ask, bid_size, ask_size, number, origin] = *body;
        let quote = Quote::from(QuoteFields {
            day: TimestampNs(day),
            bid: Price(bid.cast_signed()),
            ask: Price(ask.cast_signed()),
            bid_size,
            ask_size,
            number,
            origin,
            ..QuoteFields::default()
        });
        // It blocks without room, the default of senders to tasks.
        self.sender.send(&quote).is_ok()
    }

    fn flush(&mut self) {
        self.sender.flush();
    }

    fn try_receive(&mut self) -> bool {
        self.outbox.poll(1, |_, _| {}) > 0
    }

    fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }
}

/// A runtime of one thread on the far core.
fn runtime(cores: Cores) -> Runtime {
    let built = Builder::new_multi_thread().worker_threads(1).on_thread_start(move || pin(cores.far)).build();
    built.unwrap_or_else(|error| panic!("a runtime to measure on: {error}"))
}

/// One-way times between a thread that polls and a task on a runtime of its own.
pub fn latency<T: Tasked>(cores: Cores, count: usize, body: &Body<8>, start: impl Fn(&Handle, bool) -> T) -> Samples {
    let runtime = runtime(cores);
    let mut near = start(runtime.handle(), true);
    pin(cores.near);
    round_trips(count, || {
        assert!(near.try_send(body), "one message has room");
        while !near.try_receive() {
            std::hint::spin_loop();
        }
    })
}

/// One-way times between two tasks of one runtime of one thread.
pub fn latency_within<T: Tasked>(
    cores: Cores,
    count: usize,
    body: &Body<8>,
    start: impl Fn(&Handle, bool) -> T,
) -> Samples {
    pin(cores.near);
    let runtime = Builder::new_current_thread().build().unwrap_or_else(|error| panic!("a runtime: {error}"));
    let mut near = start(runtime.handle(), true);
    round_trips(count, || {
        runtime.block_on(async {
            assert!(near.try_send(body), "one message has room");
            while !near.try_receive() {
                tokio::task::yield_now().await;
            }
        });
    })
}

/// Messages per second, in millions, from a thread to a task on a runtime of its own.
pub fn rate<T: Tasked>(cores: Cores, count: usize, body: &Body<8>, start: impl Fn(&Handle, bool) -> T) -> f64 {
    let runtime = runtime(cores);
    let mut near = start(runtime.handle(), false);
    pin(cores.near);
    let mut run = |count: usize, total: u64| {
        for _ in 0..count {
            while !near.try_send(body) {
                std::hint::spin_loop();
            }
        }
        near.flush();
        while near.seen() < total {
            std::hint::spin_loop();
        }
    };
    let warm_up = count.div_ceil(10);
    run(warm_up, warm_up as u64);
    let begin = Instant::now();
    run(count, (warm_up + count) as u64);
    count as f64 / begin.elapsed().as_secs_f64() / 1e6
}
