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

/// Messages between two points at which others of the tokio runtime run; also the most that one call of a handler that takes `&[M]` gets.
const TURN: usize = MOST_GATHERED;

/// What a runner is made of.
pub(crate) struct Parts<S, P, C, I> {
    /// What the router calls the service, for the origin of a dead letter; empty on a bus, which has none.
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
    // Dropped first: its owner may wait for it.
    pub(crate) service: P,
    pub(crate) inbox: I,
    pub(crate) context: C,
    pub(crate) clock: ServiceClock,
    pub(crate) supervisor: Supervisor,
    factory: Option<Factory<D::Service>>,
    batch: BatchBuffer,
    timers: TimerQueue,
    /// What the context [counts](Host::words), for the timers to write to while a call has the context.
    words: Group<ServiceWords>,
    /// Whether sources and timers have stopped for good.
    is_quiet: bool,
}

/// What there is to do.
enum Work {
    Turn,
    /// No more messages are to come in.
    Close,
    /// Nothing, and never will be.
    End,
}

/// Whether messages with this id are handed over together. What is replied to is asked for one by one.
fn is_gathered<D: Dispatch<C>, C>(id: u16) -> bool {
    D::HANDLED.iter().any(|handled| handled.batch && handled.message.id == id) && !D::REPLIES.contains(&id)
}

/// All sources and timers, each timer due one period after `now`.
fn agenda_of<D: Dispatch<C>, C>(name: &'static str, now: Ticks) -> TimerQueue {
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
    /// A service whose timers are due one period from now.
    pub(crate) fn new(parts: Parts<D::Service, P, C, I>) -> Self {
        let Parts { name, service, mut context, inbox, clock, supervisor, factory, max_body } = parts;
        let gathers = D::HANDLED.iter().any(|handled| is_gathered::<D, C>(handled.message.id));
        let batch = BatchBuffer::new(max_body, if gathers { TURN } else { 1 });
        let timers = agenda_of::<D, C>(name, clock.ticks());
        let is_quiet = timers.is_empty();
        if is_quiet {
            context.fall_quiet();
        }
        let words = context.words().clone();
        Self { name, service, inbox, context, clock, supervisor, factory, batch, timers, words, is_quiet }
    }

    /// Drives the service until no more messages come in and none is left.
    ///
    /// # Errors
    /// It ends before.
    pub(crate) async fn serve(&mut self) -> Result<(), Stopped> {
        self.timers.begin(self.clock.ticks());
        let mut is_closing = false;
        loop {
            self.look_for_the_end();
            match self.wait(is_closing).await {
                Work::Turn => {}
                Work::Close => {
                    is_closing = true;
                    self.inbox.close();
                    continue;
                }
                Work::End => return Ok(()),
            }
            self.hand_over().await?;
            self.call_what_is_due().await?;
            self.context.publish();
            // A service that always finds something to do would keep the thread to itself.
            tokio::task::yield_now().await;
        }
    }

    /// Stops sources and timers once the end has begun.
    fn look_for_the_end(&mut self) {
        if !self.is_quiet && (self.context.end().has_begun() || self.inbox.is_closed()) {
            self.is_quiet = true;
            self.timers = TimerQueue::new();
            self.context.fall_quiet();
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
            () = clock.rested(sleep), if !self.is_quiet => Work::Turn,
            () = end.begun(), if !self.is_quiet => Work::Turn,
        }
    }

    /// Hands over what is there, up to the bound of a turn.
    async fn hand_over(&mut self) -> Result<(), Stopped> {
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

    /// Hands over the messages at hand.
    async fn deliver(&mut self) -> Result<(), Stopped> {
        let (id, body, count) = self.batch.at_hand();
        self.inbox.begin(count, D::REPLIES.contains(&id), &mut self.context);
        let handed = self.inbox.handed(body);
        let outcome = caught(D::deliver(&mut *self.service, id, handed, &mut self.context)).await;
        // Not only with the turn: a service that is aborted where it waits next has handled these all the same.
        self.inbox.settle(count, &mut self.context);
        if let Err(reason) = outcome {
            // Before anybody is told, so that who moves the clock then moves it past the pause.
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

    /// Calls the timers that are due, and asks the sources.
    async fn call_what_is_due(&mut self) -> Result<(), Stopped> {
        if self.is_quiet || !self.timers.is_due(|| self.clock.ticks()) {
            return Ok(());
        }
        // Before the look at the end: whoever ends the service waits for calls that have begun.
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

    /// One turn of the timers, cut short where the service is to end soon.
    ///
    /// # Errors
    /// What was called as it panicked, and the text of the panic.
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

    /// Does what the policy says of a failure at `now`: restarts the service after a pause, again for each attempt that fails.
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
                    // The pause may be none at all, and then a service that is aborted would never come to where it ends.
                    tokio::task::yield_now().await;
                    now = self.clock.ticks();
                }
            }
        }
    }

    /// Waits before a restart; not once the end has begun, or no more messages come in.
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
        if !self.is_quiet {
            // A new service has all its sources before it.
            self.timers = agenda_of::<D, C>(self.name, self.clock.ticks());
            self.context.live_sources(self.timers.live_sources());
        }
        // Last: whoever sees it may count on the new timers.
        self.context.restarted();
        Ok(())
    }
}
