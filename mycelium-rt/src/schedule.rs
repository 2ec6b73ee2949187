use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::random::Random;

/// Decides which lane of a router takes the next turn: one at a time, in an order that follows from a seed.
///
/// Lanes that run freely interleave differently each time. Under a schedule, the same seed gives the same interleaving, so a test can try many
/// of them and repeat the one that failed. Between two calls of [`run_until_idle`](Self::run_until_idle) nothing happens. A router whose
/// sources have finished ends within such a call, or when it is joined or shut down.
///
/// All lanes then run on plain threads, whatever `lanes` says about cores and runtimes, and none sleeps. Only lanes are scheduled: not tasks
/// behind `via task(N)`, nor peers of links and inputs. Use a [`ManualClock`](crate::testing::ManualClock) with it.
///
/// ```
/// use contracts::{Bar, Signal};
/// use mycelium_rt::testing::{ManualClock, Schedule};
/// use mycelium_rt::{Config, Emit, routing_config, service};
/// use std::time::Duration;
///
/// struct Strategy;
///
/// #[service]
/// impl Strategy {
///     #[handle]
///     fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
///         cx.emit(&Signal::default());
///     }
/// }
///
/// #[derive(Default)]
/// struct Journal {
///     signals: u64,
/// }
///
/// #[service]
/// impl Journal {
///     #[handle]
///     fn on_signal(&mut self, _: &Signal) {
///         self.signals += 1;
///     }
/// }
///
/// routing_config! {
///     name: Desk,
///     services: { strategy: Strategy, journal: Journal },
///     routes: { Bar => [strategy], Signal => [journal] },
///     lanes: { hot: pinned(core = 0, wait = spin) [strategy], cold: thread(wait = park) [journal] },
/// }
///
/// for seed in 0..10 {
///     let schedule = Schedule::seeded(seed);
///     let config = Config::new().schedule(&schedule).clock(ManualClock::new());
///     let desk = Desk::start(DeskServices { strategy: Strategy, journal: Journal::default() }, &config)?;
///     let bars = desk.sender::<Bar>();
///     bars.send(&Bar::default())?;
///     bars.send(&Bar::default())?;
///     assert!(schedule.run_until_idle().is_idle);
///     assert_eq!(desk.shutdown(Duration::from_secs(10)).services.journal.signals, 2, "with seed {seed}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Schedule(Arc<Shared>);

/// What [`Schedule::run_until_idle`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ran {
    /// The number of turns that lanes have taken.
    pub turns: u64,
    /// Whether no lane has anything left to do. If false, they were stopped after [`Schedule::MOST_TURNS`].
    pub is_idle: bool,
}

#[derive(Debug)]
struct Shared {
    seed: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    random: Random,
    mode: Mode,
    lanes: Vec<Lane>,
    /// The lane that takes a turn.
    granted: Option<usize>,
    /// Turns of the current run.
    turns: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// No lane takes a turn.
    Held,
    /// Lanes take turns until none has anything to do.
    UntilIdle,
    /// Lanes take turns without end: the router shuts down.
    Free,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    waits: bool,
    is_idle: bool,
    is_done: bool,
}

impl Schedule {
    /// The maximum number of turns of one run. A router that needs more is considered never to become idle.
    pub const MOST_TURNS: u64 = 10_000_000;

    /// A schedule whose choices follow from `seed`. It is for one router: set it by [`Config::schedule`](crate::Config::schedule).
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let state =
            State { random: Random::seeded(seed), mode: Mode::Held, lanes: Vec::new(), granted: None, turns: 0 };
        Self(Arc::new(Shared { seed, state: Mutex::new(state), changed: Condvar::new() }))
    }

    /// Lets lanes take turns until none has anything to do.
    ///
    /// A test that sends more than a ring holds need not call this in between: a sender that finds no room calls it.
    pub fn run_until_idle(&self) -> Ran {
        let mut state = self.state();
        state.begin();
        while state.mode == Mode::UntilIdle {
            state.grant();
            self.0.changed.notify_all();
            if state.mode == Mode::UntilIdle {
                state = self.wait(state);
            }
        }
        Ran { turns: state.turns, is_idle: state.turns < Self::MOST_TURNS }
    }

    /// Sets the number of lanes of the router.
    pub(crate) fn set_lanes(&self, lanes: usize) {
        self.state().lanes = vec![Lane::default(); lanes];
    }

    /// The slot of one lane.
    pub(crate) fn schedule_slot(&self, lane: usize) -> ScheduleSlot {
        ScheduleSlot { schedule: self.clone(), lane }
    }

    /// Lets lanes take turns from now on without waiting for [`run_until_idle`](Self::run_until_idle).
    pub(crate) fn run_freely(&self) {
        let mut state = self.state();
        state.mode = Mode::Free;
        state.grant();
        drop(state);
        self.0.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin(&mut self) {
        self.turns = 0;
        self.lanes.iter_mut().for_each(|lane| lane.is_idle = false);
        if self.mode == Mode::Held {
            self.mode = Mode::UntilIdle;
        }
    }

    /// Chooses the next lane once all lanes wait, so that the choice doesn't depend on which lane was faster.
    fn grant(&mut self) {
        let live = || self.lanes.iter().enumerate().filter(|(_, lane)| !lane.is_done);
        if self.mode == Mode::Held || self.granted.is_some() || !live().all(|(_, lane)| lane.waits) {
            return;
        }
        let is_over = live().all(|(_, lane)| lane.is_idle) || self.turns >= Schedule::MOST_TURNS;
        if self.mode == Mode::UntilIdle && is_over {
            self.mode = Mode::Held;
            return;
        }
        let count = live().count() as u64;
        let Some(chosen) = self.random.number().checked_rem(count) else { return };
        self.granted = live().nth(chosen as usize).map(|(lane, _)| lane);
        self.turns += 1;
    }
}

/// A lane's slot in a schedule.
#[derive(Clone, Debug)]
pub(crate) struct ScheduleSlot {
    schedule: Schedule,
    lane: usize,
}

impl ScheduleSlot {
    /// The seed for random choices of this lane.
    pub(crate) fn seed(&self) -> u64 {
        Random::seeded(self.schedule.0.seed.wrapping_add(self.lane as u64)).number()
    }

    /// Waits for the next turn of this lane.
    pub(crate) fn await_turn(&self) {
        let mut state = self.schedule.state();
        self.change(&mut state, |lane| lane.waits = true);
        state.grant();
        self.schedule.0.changed.notify_all();
        while state.granted != Some(self.lane) {
            state = self.schedule.wait(state);
        }
        self.change(&mut state, |lane| lane.waits = false);
    }

    /// Ends the turn. It was `busy` if it found something, or may have given something to other lanes.
    pub(crate) fn end_turn(&self, busy: bool) {
        let mut state = self.schedule.state();
        if busy {
            state.lanes.iter_mut().for_each(|lane| lane.is_idle = false);
        } else {
            self.change(&mut state, |lane| lane.is_idle = true);
        }
        self.give_back(&mut state);
    }

    /// Ends the lane. What it closed may let others end.
    pub(crate) fn leave(&self) {
        let mut state = self.schedule.state();
        state.lanes.iter_mut().for_each(|lane| lane.is_idle = false);
        self.change(&mut state, |lane| lane.is_done = true);
        self.give_back(&mut state);
        state.grant();
        self.schedule.0.changed.notify_all();
    }

    fn change(&self, state: &mut State, change: impl FnOnce(&mut Lane)) {
        if let Some(lane) = state.lanes.get_mut(self.lane) {
            change(lane);
        }
    }

    fn give_back(&self, state: &mut State) {
        if state.granted == Some(self.lane) {
            state.granted = None;
        }
    }
}
