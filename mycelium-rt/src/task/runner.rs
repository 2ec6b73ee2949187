use std::future::poll_fn;
use std::ops::DerefMut;

use super::held::Held;
use super::keeper::{Keeper, Lost};
use super::lent::Lent;
use super::{Context, Routes};
use crate::link::Unchecked;
use crate::ring::{Consumer, Ready};
use crate::routing::Handed;
use crate::time::Ticks;
use crate::unwind::caught;

/// Messages between two points at which the task lets others of its runtime run; also the most that one call of a handler
/// that takes `&[M]` gets.
const TURN: usize = 64;

/// What runs on the task.
pub(super) struct Runner<S, R> {
    pub(super) service: Lent<S>,
    inbox: Consumer,
    unchecked: Unchecked,
    context: Context<R>,
    keeper: Keeper<S>,
    held: Held,
    /// Messages that were handled, or lost in a panic.
    settled: u64,
}

/// The task ends before its messages do.
struct Stopped;

impl<S: Send + 'static, R: Routes<S>> Runner<S, R> {
    pub(super) fn new(
        service: Lent<S>,
        inbox: Consumer,
        unchecked: Unchecked,
        context: Context<R>,
        keeper: Keeper<S>,
        max_body: usize,
    ) -> Self {
        let gathers = R::HANDLED.iter().any(|handled| handled.batch);
        let held = Held::new(max_body, if gathers { TURN } else { 1 });
        Self { service, inbox, unchecked, context, keeper, held, settled: 0 }
    }

    /// Takes messages until the sender is closed and nothing is left. The service is given back however this ends.
    pub(super) async fn run(mut self) {
        while poll_fn(|task| self.inbox.poll_ready(task)).await != Ready::Closed {
            if let Err(Stopped) = self.turn().await {
                return;
            }
            self.publish();
            // A handler that never waits would keep the thread to itself.
            tokio::task::yield_now().await;
        }
        // What was dropped after the last message no message could tell.
        let counters = &self.context.counters;
        counters.gaps.add(self.inbox.lost_total().saturating_sub(counters.gaps.get()));
        self.service.return_well();
    }

    async fn turn(&mut self) -> Result<(), Stopped> {
        for _ in 0..TURN / self.held.most() {
            if !self.take() {
                break;
            }
            while self.held.advance(is_gathered::<S, R>) {
                let (id, body, messages) = self.held.at_hand();
                let handed = if self.unchecked.is_noted() { Handed::unchecked(body) } else { Handed::new(body) };
                let outcome = caught(R::deliver(self.service.deref_mut(), id, handed, &mut self.context)).await;
                self.settled += messages as u64;
                // Not only with the turn: a task that is aborted where it waits next has handled these all the same.
                self.service.progress().settle(self.settled);
                if let Err(reason) = outcome {
                    // Before anybody is told, so that who moves the clock then moves it past the pause.
                    let now = self.keeper.clock().ticks();
                    self.keeper.count(&Lost { messages, id, body, reason: &reason }, R::HANDLED);
                    self.publish();
                    self.go_on(now).await?;
                }
                if self.service.progress().cutoff.is_set() {
                    self.publish();
                    return Err(Stopped);
                }
            }
        }
        Ok(())
    }

    /// Lets others see what was emitted and settled.
    fn publish(&mut self) {
        self.context.flush();
        self.service.progress().settle(self.settled);
    }

    /// Goes on after a panic at `now`, if its policy says so.
    #[cold]
    async fn go_on(&mut self, now: Ticks) -> Result<(), Stopped> {
        let goes_on = self.keeper.obey(self.service.deref_mut(), &mut self.inbox, now).await;
        if goes_on { Ok(()) } else { Err(Stopped) }
    }

    /// Takes out of the ring what is there and held at once; whether there was anything.
    fn take(&mut self) -> bool {
        let (held, counters) = (&mut self.held, &self.context.counters);
        held.clear();
        let taken = self.inbox.poll(held.most(), |frame| {
            held.copy(&frame);
            counters.received.add(1);
            counters.bytes_received.add(frame.body.len() as u64);
            counters.gaps.add(u64::from(frame.lost));
        });
        taken > 0
    }
}

fn is_gathered<S, R: Routes<S>>(id: u16) -> bool {
    R::HANDLED.iter().any(|handled| handled.batch && handled.message.id == id)
}
