//! What a task is made from: its specification, and what it takes from the router that it belongs to.

use std::fmt;

use crate::Config;
use crate::clock::ClockSource;
use crate::config::Hooks;
use crate::counters::{Group, ServiceWords};
use crate::lane::supervise::made_again;
use crate::lane::{Ending, OnPanic, Opening, Producers};
use crate::link::{Batch, Counters, OnFull};
use crate::routing::{HandlerFailure, HookError, Service};
use crate::service::Factory;

/// What a task is made from, besides its service.
#[derive(Clone, Copy, Debug)]
pub struct TaskSpec {
    /// The service, as the router calls it.
    pub service: &'static str,
    /// The most messages that wait for the task.
    pub capacity: usize,
    /// The largest body of the messages that are sent to it, in bytes.
    pub max_body: usize,
    /// What happens to a message that finds the ring full.
    pub on_full: OnFull,
    /// When a sleeping task is woken; one that is awake takes what has arrived anyway.
    pub batch: Batch,
    /// The most messages that the task has emitted and the router has not taken yet; 0 for a service that emits nothing.
    /// One that finds the outbox full is dropped and counted: if the task waited for its router, which may wait for the task, neither would
    /// go on.
    pub outbox: usize,
    /// The largest body of the messages that the task emits, in bytes.
    pub max_emitted: usize,
    /// What follows a panic: with [`OnPanic::Stop`] the task ends, with [`OnPanic::Restart`] the service is made again and
    /// goes on with the next message. The current message is lost in either case, and counted.
    pub on_panic: OnPanic,
    /// Called on the task for every handler, source and timer that fails.
    pub hook: Option<fn(&HandlerFailure<'_>)>,
}

impl TaskSpec {
    /// Room for 256 messages of up to 1,024 bytes, and the default policies; the service called `service` emits nothing.
    pub const fn new(service: &'static str) -> Self {
        Self {
            service,
            capacity: 256,
            max_body: 1024,
            on_full: OnFull::Block,
            batch: Batch::low_latency(),
            outbox: 0,
            max_emitted: 1024,
            on_panic: OnPanic::Stop,
            hook: None,
        }
    }
}

/// The environment of a service behind a task: the factory that makes it again after a panic, its clock, and the hook for lost messages.
pub struct TaskEnv<S> {
    /// The lane that owns the task; empty where there are no lanes.
    pub(super) lane: &'static str,
    pub(super) clock: ClockSource,
    pub(super) hooks: Hooks,
    pub(super) ending: Ending,
    /// Where the sources of the service count as producers of the system.
    pub(super) producers: Option<Producers>,
    pub(super) factory: Option<Factory<S>>,
    /// The counters of what is sent to the task, of what it takes and emits, and of what is taken of that.
    pub(super) sent: Counters,
    pub(super) counters: Counters,
    pub(super) taken: Counters,
    pub(super) words: Group<ServiceWords>,
}

impl<S> TaskEnv<S> {
    /// With the clock and the hook for lost messages of `config`, and without a factory. Without a [clock](Config::clock), timers go by
    /// tokio's, and `now` is the time of day.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let (clock, hooks) = (config.get_clock().clone(), config.hooks());
        let (sent, counters, taken, words) = (config.counters(), config.counters(), config.counters(), config.words());
        Self {
            lane: "",
            clock,
            hooks,
            ending: Ending::default(),
            producers: None,
            factory: None,
            sent,
            counters,
            taken,
            words,
        }
    }

    /// Sets the factory that makes the service again, if its policy is to restart it. Its hook `startup` is called each time.
    #[must_use]
    pub fn with_factory(self, make: impl FnMut() -> S + Send + 'static) -> Self
    where
        S: Service + 'static,
    {
        self.with_factory_and_hook(make, S::startup)
    }

    pub(crate) fn with_factory_and_hook(
        mut self,
        make: impl FnMut() -> S + Send + 'static,
        startup: fn(&mut S) -> Result<(), HookError>,
    ) -> Self
    where
        S: 'static,
    {
        self.factory = Some(Factory::new(make, startup));
        self
    }

    /// Sets the lane that owns the task, and where its sources count as producers.
    pub(crate) fn on_lane(mut self, lane: &'static str, producers: Producers) -> Self {
        (self.lane, self.producers) = (lane, Some(producers));
        self
    }

    /// Tells the task when its sources and timers are to stop, and pauses before restarts to end.
    pub(crate) fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

impl<S> fmt::Debug for TaskEnv<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskEnv").field("restarts", &self.factory.is_some()).finish_non_exhaustive()
    }
}

impl<P> Opening<'_, P> {
    /// The environment of a service with this many sources. `take` takes it out of all services that the factory makes, of which the others
    /// are dropped; `startup` is its hook.
    #[must_use]
    pub fn task_env<T>(
        &self,
        sources: usize,
        take: impl Fn(&mut P) -> Option<T> + Send + 'static,
        startup: fn(&mut T) -> Result<(), HookError>,
    ) -> TaskEnv<T>
    where
        P: 'static,
        T: 'static,
    {
        let env = TaskEnv::new(self.config());
        let Some(producers) = self.adopt_task(env.ending(), sources) else { return env };
        let env = env.on_lane(self.lane(), producers);
        let Some(factory) = self.factory().cloned() else { return env };
        let make = move || {
            let service = made_again(&factory, &take);
            let Some(service) = service else { unreachable!("a factory makes every service") };
            service
        };
        env.with_factory_and_hook(make, startup)
    }
}
