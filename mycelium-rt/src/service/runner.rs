//! The runner: drives a service turn by turn, restarts it after a panic, and ends it.

use std::future::poll_fn;
use std::ops::DerefMut;

use super::{At, BatchBuffer, End, Factory, Failure, Host, Inbox, Next, ServiceClock, Stopped};
use crate::counters::{Group, ServiceWords};
use crate::lane::supervise::{RestartDecision, Supervisor};
use crate::ring::Ready;
use crate::routing::timer_queue::{Item, TimerQueue};
use crate::routing::{Dispatch, MOST_GATHERED};
use crate::time::Ticks;
use crate::unwind::{catch, caught};

/// The most messages of one turn, after which other tasks of the tokio runtime run; also the most that one call of a handler that takes
/// `&[M]` gets.
const TURN: usize = MOST_GATHERED;

/// What a runner is made of.
pub(crate) struct Parts<S, P, C, I> {
    /// The name of the service in the router, for the origin of a dead letter; empty on a bus, which has none.
    pub(crate) name: &'static str,
    /// Holds the service.
    pub(crate) service: P,
    pub(crate) context: C,
    pub(crate) inbox: I,
    pub(crate) clock: ServiceClock,
    pub(crate) supervisor: Supervisor,
    /// Needed by a policy that restarts.
    pub(crate) factory: Option<Factory<S>>,
    /// The largest body of a message, in bytes.
    pub(crate) max_body: usize,
}

/// Runs a service, by what `D` dispatches.
pub(crate) struct Runner<D: Dispatch<C>, P, C, I> {
    name: &'static str,
    // Dropped first: the owner may wait for it.
    pub(crate) service: P,
    pub(crate) inbox: I,
    pub(crate) context: C,
    pub(crate) clock: ServiceClock,
    pub(crate) supervisor: Supervisor,
    factory: Option<Factory<D::Service>>,
    batch: BatchBuffer,
    timers: TimerQueue,
    /// The counters of the [context](Host::words), to write to while a call borrows the context.
    words: Group<ServiceWords>,
    /// Whether sources and timers have stopped for good.
    has_stopped: bool,
}

/// What there is to do.
enum Work {
    Turn,
    /// No more messages are to come in.
    Close,
    /// Nothing, and never will be.
    End,
}

/// Whether messages with this id are delivered together. Requests are delivered one by one.
fn is_gathered<D: Dispatch<C>, C>(id: u16) -> bool {
    D::HANDLED.iter().any(|handled| handled.batch && handled.message.id == id) && !D::REPLIES.contains(&id)
}

/// All sources and timers. Each timer is due one period after `now`.
fn timers_of<D: Dispatch<C>, C>(name: &'static str, now: Ticks) -> TimerQueue {
    let mut timers = TimerQueue::new();
    timers.add(0, name, D::SOURCES, D::TIMERS, now);
    timers
}

impl<D, P, C, I> Runner<D, P, C, I>
where
    D: Dispatch<C, Service: Send>,
    P: DerefMut<Target = D::Service> + Send,
    C: Host,
    I: Inbox<C>,
{
    /// Timers are due one period from now.
    pub(crate) fn new(parts: Parts<D::Service, P, C, I>) -> Self {
        let Parts { name, service, mut context, inbox, clock, supervisor, factory, max_body } = parts;
        let gathers = D::HANDLED.iter().any(|handled| is_gathered::<D, C>(handled.message.id));
        let batch = BatchBuffer::new(max_body, if gathers { TURN } else { 1 });
        let timers = timers_of::<D, C>(name, clock.ticks());
        let has_stopped = timers.is_empty();
        if has_stopped {
            context.sources_stopped();
        }
        let words = context.words().clone();
        Self { name, service, inbox, context, clock, supervisor, factory, batch, timers, words, has_stopped }
    }

    /// Drives the service until no more messages come in and none is left.
    ///
    /// # Errors
    /// It ended before that.
    pub(crate) async fn serve(&mut self) -> Result<(), Stopped> {
        self.timers.begin(self.clock.ticks());
        let mut is_closing = false;
        loop {
            self.check_for_end();
            match self.wait(is_closing).await {
                Work::Turn => {}
                Work::Close => {
                    is_closing = true;
                    self.inbox.close();
                    continue;
                }
                Work::End => return Ok(()),
            }
            self.deliver_arrived().await?;
            self.call_what_is_due().await?;
            self.context.publish();
            // A service that always finds something to do must not occupy the thread.
            tokio::task::yield_now().await;
        }
    }

    /// Stops sources and timers once the end has begun.
    fn check_for_end(&mut self) {
        if !self.has_stopped && (self.context.end().has_begun() || self.inbox.is_closed()) {
            self.has_stopped = true;
            self.timers = TimerQueue::new();
            self.context.sources_stopped();
        }
    }

    async fn wait(&mut self, is_closing: bool) -> Work {
        let (sleep, inbox) = (self.timers.sleep(), &mut self.inbox);
        let (clock, end) = (&self.clock, self.context.end());
        tokio::select! {
            biased;
            () = end.closing(), if !is_closing => Work::Close,
            ready = poll_fn(|cx| inbox.poll_ready(cx)) => match ready {
                Ready::Closed => Work::End,
                Ready::Yes | Ready::TimedOut => Work::Turn,
            },
            () = clock.wait_for(sleep), if !self.has_stopped => Work::Turn,
            () = end.begun(), if !self.has_stopped => Work::Turn,
        }
    }

    /// Delivers what has arrived, up to the bound of a turn.
    async fn deliver_arrived(&mut self) -> Result<(), Stopped> {
        for _ in 0..TURN / self.batch.room() {
            self.batch.clear();
            self.inbox.take(&mut self.batch);
            if self.batch.left() == 0 {
                break;
            }
            while self.batch.advance(is_gathered::<D, C>) {
                self.deliver().await?;
            }
        }
        Ok(())
    }

    /// Delivers the current messages of the batch.
    async fn deliver(&mut self) -> Result<(), Stopped> {
        let (id, body, count) = self.batch.current();
        self.inbox.begin(count, D::REPLIES.contains(&id), &mut self.context);
        let handed = self.inbox.handed(body);
        let outcome = caught(D::deliver(&mut *self.service, id, handed, &mut self.context)).await;
        // At once and not at the end of the turn: a service that is aborted where it waits next has handled these.
        self.inbox.settle(count, &mut self.context);
        if let Err(reason) = outcome {
            // Read before anything is reported: a test that then moves the clock moves it past the pause.
            let now = self.clock.ticks();
            let handled = D::HANDLED.iter().find(|handled| handled.message.id == id);
            let name = handled.map_or("", |handled| handled.message.name);
            let first = body.get(..body.len() / count.max(1)).unwrap_or(body);
            self.context.panicked(At::Messages { id, name, body: first, count }, &reason);
            self.context.publish();
            self.recover(Failure::Panicked(reason), now).await?;
        }
        match self.inbox.pace() {
            Next::GoOn => {}
            Next::Yield => tokio::task::yield_now().await,
            Next::Stop => {
                self.context.publish();
                return Err(Stopped::Cut);
            }
        }
        Ok(())
    }

    /// Calls the timers that are due, and the sources.
    async fn call_what_is_due(&mut self) -> Result<(), Stopped> {
        if self.has_stopped || !self.timers.is_due(|| self.clock.ticks()) {
            return Ok(());
        }
        // Before the check for the end: a shutdown waits for calls that have begun.
        self.context.begin_calls();
        let outcome = if self.context.end().has_begun() { Ok(()) } else { self.call() };
        self.context.end_calls();
        if self.timers.take_ended() > 0 {
            self.context.live_sources(self.timers.live_sources());
        }
        if let Err((item, reason)) = outcome {
            let now = self.clock.ticks();
            self.context.panicked(item.as_ref().map_or(At::Hook, At::Call), &reason);
            self.context.publish();
            self.recover(Failure::Panicked(reason), now).await?;
        }
        if self.inbox.pace() == Next::Stop {
            self.context.publish();
            return Err(Stopped::Cut);
        }
        Ok(())
    }

    /// One turn of the timers and sources, which ends early where the service is about to end.
    ///
    /// # Errors
    /// The method that panicked, and the message of the panic.
    fn call(&mut self) -> Result<(), (Option<Item>, String)> {
        let Self { service, inbox, context, clock, timers, words, .. } = self;
        let mut at = None;
        let call = |item: &Item| {
            if inbox.pace() != Next::GoOn {
                return Err(Stopped::Cut);
            }
            at = Some(*item);
            Ok(D::drive(&mut **service, item.due, context))
        };
        let outcome = catch(|| timers.turn(|| clock.ticks(), true, &words.missed_ticks, call));
        outcome.map(|_| ()).map_err(|reason| (at, reason))
    }

    /// Applies the policy to a failure at `now`: restarts the service after a pause, and again after each attempt that fails.
    ///
    /// # Errors
    /// The service is not restarted.
    #[cold]
    pub(crate) async fn recover(&mut self, mut failure: Failure, mut now: Ticks) -> Result<(), Stopped> {
        loop {
            match self.supervisor.decide(now) {
                RestartDecision::Abort => std::process::abort(),
                RestartDecision::Stop => return Err(Stopped::Failed(failure)),
                RestartDecision::RestartAfter(_) if self.factory.is_none() => return Err(Stopped::Failed(failure)),
                RestartDecision::RestartAfter(pause) => {
                    self.pause(now.after(pause)).await;
                    if self.inbox.pace() == Next::Stop {
                        return Err(Stopped::Cut);
                    }
                    match self.restart() {
                        Ok(()) => return Ok(()),
                        Err(failed) => failure = failed,
                    }
                    self.context.not_restarted(&failure);
                    // The pause may be zero, and then a service that is aborted would never reach a point where it ends.
                    tokio::task::yield_now().await;
                    now = self.clock.ticks();
                }
            }
        }
    }

    /// Waits before a restart, until the end begins, or no more messages come in.
    async fn pause(&mut self, due: Ticks) {
        let (clock, end, inbox) = (&self.clock, self.context.end(), &mut self.inbox);
        tokio::select! {
            biased;
            () = end.begun() => {}
            () = poll_fn(|cx| inbox.poll_closed(cx)) => {}
            () = clock.reached(due) => {}
        }
    }

    fn restart(&mut self) -> Result<(), Failure> {
        let Some(factory) = &mut self.factory else { return Ok(()) };
        if let Err(failure) = factory.replace(&mut *self.service) {
            if let Failure::Panicked(text) = &failure {
                self.context.panicked(At::Hook, text);
            }
            return Err(failure);
        }
        if !self.has_stopped {
            // All sources of a new service begin again.
            self.timers = timers_of::<D, C>(self.name, self.clock.ticks());
            self.context.live_sources(self.timers.live_sources());
        }
        // Last: a reader that sees it may count on the new timers.
        self.context.restarted();
        Ok(())
    }
}
