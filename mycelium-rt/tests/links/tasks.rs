//! The path to a tokio task.

use std::sync::LazyLock;

use mycelium_rt::MessageInfo;
use mycelium_rt::link::{LinkStats, RingSender};
use mycelium_rt::routing::{Dispatch, Handed};
use mycelium_rt::task::{Context, Task, TaskSpec, spawn};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use super::conformance::conforms;
use super::path::{Options, Path, Receiver};

conforms!(task, TaskPath);

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).build().expect("a thread can be started"));

/// A service that passes everything on to the test, and waits while the test takes nothing.
struct Forwarder(mpsc::Sender<(u16, Vec<u8>)>);

enum All {}

impl Dispatch<Context<Self>> for All {
    type Service = Forwarder;

    async fn deliver(forwarder: &mut Forwarder, id: u16, body: Handed<'_>, _: &mut Context<Self>) {
        // The test may have seen enough.
        let _ = forwarder.0.send((id, body.bytes().to_vec())).await;
    }
}

/// What the service passes on, at the other end.
pub(crate) struct Forwarded {
    messages: mpsc::Receiver<(u16, Vec<u8>)>,
    task: Task<Forwarder>,
    received: u64,
}

pub(crate) struct TaskPath;

impl Path for TaskPath {
    type Sender = RingSender;
    type Receiver = Forwarded;

    /// None leave the process.
    fn bytes(_: u64) -> u64 {
        0
    }

    fn new() -> Self {
        Self
    }

    fn sender(&self, options: Options) -> RingSender {
        open(options).0
    }

    fn receiver(&self, messages: &'static [MessageInfo]) -> Forwarded {
        open(Options { messages, ..Options::default() }).1
    }

    fn pair(options: Options) -> (RingSender, Forwarded) {
        open(options)
    }
}

fn open(Options { on_full, batch, messages, small }: Options) -> (RingSender, Forwarded) {
    let (forward, forwarded) = mpsc::channel(1);
    let capacity = if small { 16 } else { 1 << 15 };
    let max_body = messages.iter().map(MessageInfo::size).max().unwrap_or(0);
    let spec = TaskSpec { capacity, max_body, on_full, batch, ..TaskSpec::new("forwarder") };
    let (sender, _, task) = spawn::<_, All>(RUNTIME.handle(), Forwarder(forward), spec).unwrap();
    (sender, Forwarded { messages: forwarded, task, received: 0 })
}

impl Receiver for Forwarded {
    fn poll(&mut self, deliver: &mut dyn FnMut(u16, &[u8])) -> usize {
        let mut count = 0;
        while let Ok((id, body)) = self.messages.try_recv() {
            deliver(id, &body);
            count += 1;
        }
        self.received += count as u64;
        count
    }

    /// What the service has passed on, not only what has reached it.
    fn stats(&self) -> LinkStats {
        let mut stats = self.task.stats().messages;
        stats.received = self.received;
        stats
    }
}
