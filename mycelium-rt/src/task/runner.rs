use std::future::poll_fn;
use std::sync::mpsc::SyncSender;

use super::held::Held;
use super::{Context, Routes};
use crate::ring::{Consumer, Ready};

/// Messages between two points at which the task lets others of its runtime run.
const TURN: u32 = 64;

/// What runs on the task.
pub(super) struct Runner<S, R> {
    service: S,
    inbox: Consumer,
    context: Context<R>,
    held: Held,
}

impl<S: Send + 'static, R: Routes<S>> Runner<S, R> {
    pub(super) fn new(service: S, inbox: Consumer, context: Context<R>, max_body: usize) -> Self {
        Self { service, inbox, context, held: Held::new(max_body) }
    }

    /// Takes messages until the sender is closed and nothing is left, then gives the service back.
    pub(super) async fn run(mut self, give_back: SyncSender<S>) {
        while poll_fn(|task| self.inbox.poll_ready(task)).await != Ready::Closed {
            self.turn().await;
            self.context.flush();
            // A handler that never waits would keep the thread to itself.
            tokio::task::yield_now().await;
        }
        let Self { service, .. } = self;
        // Whoever spawned the task may have no use for it.
        let _ = give_back.send(service);
    }

    async fn turn(&mut self) {
        for _ in 0..TURN {
            if !self.take() {
                return;
            }
            R::deliver(&mut self.service, self.held.id(), self.held.body(), &mut self.context).await;
        }
    }

    /// Takes one message out of the ring, if there is one.
    fn take(&mut self) -> bool {
        let (held, counters) = (&mut self.held, &self.context.counters);
        let taken = self.inbox.poll(1, |frame| {
            held.copy(&frame);
            counters.received.add(1);
            counters.bytes_received.add(frame.body.len() as u64);
            counters.gaps.add(u64::from(frame.lost));
        });
        taken > 0
    }
}
