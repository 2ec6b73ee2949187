//! Services that get stuck where a case says so.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::dense::{M1, M2, M3, M4, M5, M6, M7, M8, M9, M16};

use super::kinds::Tokio;

/// At what a case gets stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuck {
    /// The lane waits at a link without a peer.
    Link,
    /// The lane waits for room in a ring to a lane that is stuck itself, at a link without a peer.
    Ring,
    /// The lane waits for room at a task whose handler waits for ever.
    Task,
    /// The lane has many messages of a sender to handle, each of which is slow.
    Sender,
    /// The same in a queue of its own.
    Queue,
    /// The same from an input.
    Input,
    /// The same from a task.
    Outbox,
    /// The lane has a source that always has something, and is slow.
    Source,
    /// A task has many messages to handle, each of which is slow.
    Tasked,
}

impl Stuck {
    pub(super) const ALL: [Self; 9] = [
        Self::Link,
        Self::Ring,
        Self::Task,
        Self::Sender,
        Self::Queue,
        Self::Input,
        Self::Outbox,
        Self::Source,
        Self::Tasked,
    ];

    /// Whether handlers are slow, and don't wait for something that never comes.
    pub(super) fn is_slow(self) -> bool {
        !matches!(self, Self::Link | Self::Ring | Self::Task)
    }
}

/// How long a slow handler takes.
#[derive(Debug)]
pub(super) enum Pace {
    /// Until the test releases it, once for each call.
    Step(Mutex<Receiver<()>>),
    /// This long.
    Sleep(Duration),
}

/// What a case and its services share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) stuck: Stuck,
    pub(super) pace: Pace,
    /// Whether the first bar waits until the end has begun.
    pub(super) held: AtomicBool,
    /// What `desk` has begun, and has handled, of what the test sent.
    pub(super) begun: AtomicU64,
    pub(super) handled: AtomicU64,
    /// The same of other services.
    pub(super) elsewhere: (AtomicU64, AtomicU64),
    /// The same of slow calls.
    pub(super) slow: (AtomicU64, AtomicU64),
    /// Messages by which the test finds out whether the end has begun: accepted ones, and handled ones.
    pub(super) probes: (AtomicU64, AtomicU64),
    /// Services that have shut down.
    pub(super) shut_down: AtomicU64,
    /// The runtime, to be ended by a service that starts up.
    pub(super) runtime: Mutex<Option<Tokio>>,
}

pub(super) fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Release);
}

pub(super) fn get(count: &AtomicU64) -> u64 {
    count.load(Ordering::Acquire)
}

impl Shared {
    /// One slow call.
    fn slow(&self) {
        add(&self.slow.0);
        match &self.pace {
            // If the test has failed, it is not released.
            Pace::Step(go) => drop(go.lock().unwrap().recv()),
            Pace::Sleep(time) => std::thread::sleep(*time),
        }
        add(&self.slow.1);
    }
}

/// Gets stuck on its lane.
pub(super) struct Desk(pub(super) Arc<Shared>);

#[service]
impl Desk {
    fn shutdown(&mut self) {
        add(&self.0.shut_down);
    }

    #[source]
    fn look(&mut self) -> SourceState {
        if self.0.stuck != Stuck::Source {
            return SourceState::IdleFor(Duration::from_secs(3600));
        }
        self.0.slow();
        SourceState::Ready
    }

    #[handle]
    fn on_bar(&mut self, bar: &M1, cx: &mut (impl Emit<M2> + Emit<M3> + Emit<M4> + Emit<M7>)) {
        add(&self.0.begun);
        while self.0.held.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        match self.0.stuck {
            Stuck::Link => cx.emit(&M3::of(bar.value)),
            Stuck::Ring => cx.emit(&M2::of(bar.value)),
            Stuck::Task | Stuck::Tasked | Stuck::Outbox => cx.emit(&M4::of(bar.value)),
            Stuck::Queue => cx.emit(&M7::of(bar.value)),
            Stuck::Sender => self.0.slow(),
            Stuck::Input | Stuck::Source => {}
        }
        add(&self.0.handled);
    }

    #[handle]
    fn on_queued(&mut self, _: &M7) {
        self.0.slow();
    }

    #[handle]
    fn on_answer(&mut self, _: &M8) {
        self.0.slow();
    }

    #[handle]
    fn on_fed(&mut self, _: &M9) {
        self.0.slow();
    }
}

/// Receives from another lane, and waits at a link.
pub(super) struct Sink(pub(super) Arc<Shared>);

#[service]
impl Sink {
    fn shutdown(&mut self) {
        add(&self.0.shut_down);
    }

    #[handle]
    fn on_passed(&mut self, passed: &M2, cx: &mut impl Emit<M6>) {
        add(&self.0.elsewhere.0);
        cx.emit(&M6::of(passed.value));
        add(&self.0.elsewhere.1);
    }
}

/// Behind a task: waits for ever, is slow, or answers.
pub(super) struct Journal(pub(super) Arc<Shared>);

#[service]
impl Journal {
    fn shutdown(&mut self) {
        add(&self.0.shut_down);
    }

    #[handle]
    async fn on_entry(&mut self, entry: &M4, cx: &mut impl Emit<M8>) {
        add(&self.0.elsewhere.0);
        match self.0.stuck {
            Stuck::Task => std::future::pending().await,
            Stuck::Tasked => self.0.slow(),
            Stuck::Outbox => cx.emit(&M8::of(entry.value)),
            _ => {}
        }
        add(&self.0.elsewhere.1);
    }
}

/// Breaks its lane on [`M5`], and ends the runtime in its `startup`, if there is one to end.
pub(super) struct Fuse(pub(super) Arc<Shared>);

#[service]
impl Fuse {
    fn startup(&mut self) {
        drop(self.0.runtime.lock().unwrap().take());
    }

    fn shutdown(&mut self) {
        add(&self.0.shut_down);
    }

    #[handle]
    fn on_order(&mut self, _: &M5) {
        panic!("broken");
    }

    #[handle]
    fn on_probe(&mut self, _: &M16) {
        add(&self.0.probes.1);
    }
}
