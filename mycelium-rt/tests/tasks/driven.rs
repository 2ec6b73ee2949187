//! Timers and sources behind tasks: they run between messages, by the clock of the router, and stop when the task is to end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use contracts::{Order, OrderFields, OrderId, Signal};
use mycelium_rt::lane::{OnPanic, Origin, Restart};
use mycelium_rt::link::RingSender;
use mycelium_rt::routing::{Dispatch, Driven, Due, Handed, Handled, Service, Source, Timer};
use mycelium_rt::task::{self, Context, Emits, Outbox, Task, TaskEnv, TaskSpec};
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, Emit, HandlerFailure, Message, SourceState, TimestampNs, service};
use tokio::runtime::{Builder, Runtime};

use super::DEADLINE;

const MS: Duration = Duration::from_millis(1);

/// Ticks, and has a source that returns the given states, and is idle after that.
#[derive(Debug, Default)]
struct Busy {
    started: u64,
    ticks: u64,
    asked: u64,
    signals: u64,
    says: Vec<SourceState>,
    /// Whether the source has something whenever it is called.
    always_ready: bool,
    /// The tick that panics.
    unlucky: Option<u64>,
    /// Holds each tick.
    hold: Option<TickHold>,
    /// What was called.
    calls: Vec<Call>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Message,
    Tick,
    Source,
}

/// Where a tick waits until the test lets it go on, and sets what the source returns from then on.
#[derive(Debug)]
struct TickHold {
    reached: Sender<()>,
    opened: Receiver<Vec<SourceState>>,
}

/// The test's end of a [`TickHold`]. Once it is dropped, ticks are no longer held.
struct TickControl {
    reached: Receiver<()>,
    open: Sender<Vec<SourceState>>,
}

impl TickControl {
    fn await_tick(&self) {
        self.reached.recv_timeout(DEADLINE).unwrap();
    }

    fn let_go(&self, says: Vec<SourceState>) {
        self.open.send(says).unwrap();
    }
}

#[service]
impl Busy {
    fn startup(&mut self) {
        self.started += 1;
    }

    #[handle]
    async fn on_signal(&mut self, _: &Signal) {
        tokio::task::yield_now().await;
        self.calls.push(Call::Message);
        self.signals += 1;
    }

    #[every("100ms")]
    fn tick(&mut self, cx: &mut impl Emit<Order>) -> Result<(), &'static str> {
        self.ticks += 1;
        self.calls.push(Call::Tick);
        if let Some(hold) = &self.hold {
            let _ = hold.reached.send(());
            if let Ok(says) = hold.opened.recv() {
                self.says = says;
            }
        }
        assert!(self.unlucky != Some(self.ticks), "unlucky");
        cx.emit(&Order::from(OrderFields { id: OrderId(self.ticks), ..OrderFields::default() }));
        if self.ticks == 2 { Err("two is no good") } else { Ok(()) }
    }

    #[source]
    fn next(&mut self, cx: &mut impl Emit<Signal>) -> SourceState {
        self.asked += 1;
        self.calls.push(Call::Source);
        let rest = if self.always_ready { SourceState::Ready } else { SourceState::Idle };
        let said = self.says.pop().unwrap_or(rest);
        if said == SourceState::Ready {
            cx.emit(&Signal::default());
        }
        said
    }
}

enum Driving {}

impl Emits<Order> for Driving {}
impl Emits<Signal> for Driving {}

impl Dispatch<Context<Self>> for Driving {
    type Service = Busy;
    const HANDLED: &'static [Handled] = <Busy as Service>::HANDLED;
    const SOURCES: &'static [Source] = <Busy as Service>::SOURCES;
    const TIMERS: &'static [Timer] = <Busy as Service>::TIMERS;

    async fn deliver(busy: &mut Busy, id: u16, body: Handed<'_>, cx: &mut Context<Self>) {
        match id {
            Signal::ID => task::deliver::<Signal, _, _>(busy, body, cx).await,
            _ => cx.refuse(id, &"not routed here"),
        }
    }

    fn drive(busy: &mut Busy, due: Due, cx: &mut Context<Self>) -> SourceState {
        Driven::drive(busy, due, cx)
    }
}

/// A task whose clock only the test moves.
struct Scene {
    clock: ManualClock,
    dead_letters: Receiver<(Origin, u16, String)>,
    sender: RingSender,
    outbox: Outbox,
    task: Task<Busy>,
    _runtime: Runtime,
}

impl Scene {
    fn new(busy: Busy) -> Self {
        Self::with(busy, OnPanic::Stop, Busy::default)
    }

    /// One whose ticks are held. The control is dropped first, also if the test fails: a tick that is held would block the runtime.
    fn held() -> (Self, TickControl) {
        let ((reached, is_reached), (open, opened)) = (channel(), channel());
        let hold = Some(TickHold { reached, opened });
        (Self::new(Busy { hold, ..Busy::default() }), TickControl { reached: is_reached, open })
    }

    fn with(busy: Busy, on_panic: OnPanic, make: impl FnMut() -> Busy + Send + 'static) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
        let (clock, (report, dead_letters)) = (ManualClock::at(TimestampNs(1)), channel());
        let config = Config::new().clock(clock.clone()).on_dead_letter(move |dead_letter| {
            let _ = report.send((dead_letter.origin, dead_letter.id, dead_letter.reason.to_owned()));
        });
        let spec = TaskSpec { outbox: 1 << 12, on_panic, ..TaskSpec::new("busy") };
        let env = TaskEnv::new(&config).with_factory(make);
        let (sender, outbox, task) = task::spawn_in::<_, Driving>(runtime.handle(), busy, spec, env).unwrap();
        Self { clock, dead_letters, sender, outbox, task, _runtime: runtime }
    }

    /// The messages that the task has emitted since the last call: orders and signals.
    fn emitted(&mut self) -> (u64, u64) {
        let (mut orders, mut signals) = (0, 0);
        self.outbox.poll(usize::MAX, |id, _| match id {
            Order::ID => orders += 1,
            _ => signals += 1,
        });
        (orders, signals)
    }

    /// Waits until the task has emitted this many orders and signals.
    fn await_emitted(&mut self, wanted: (u64, u64)) {
        let (mut seen, deadline) = ((0, 0), Instant::now() + DEADLINE);
        while seen != wanted {
            assert!(Instant::now() < deadline, "{seen:?} of {wanted:?}");
            let (orders, signals) = self.emitted();
            seen = (seen.0 + orders, seen.1 + signals);
            std::thread::yield_now();
        }
    }

    fn end(mut self) -> Busy {
        self.sender.close();
        self.task.finish(DEADLINE).unwrap()
    }
}

#[test]
fn a_timer_follows_the_clock_of_the_router_and_what_it_emits_comes_back() {
    let mut scene = Scene::new(Busy::default());
    for _ in 0..3 {
        scene.clock.advance(MS * 100);
        scene.await_emitted((1, 0));
    }
    scene.clock.advance(MS * 99);
    assert_eq!(scene.task.stats().missed_ticks, 0);
    assert_eq!(scene.task.stats().handler_errors, 1, "the second fails");
    let busy = scene.end();
    assert_eq!((busy.ticks, busy.started), (3, 0), "`startup` is called by who starts the task");
}

#[test]
fn ticks_that_are_too_late_are_counted() {
    let (scene, control) = Scene::held();
    scene.clock.advance(MS * 100);
    control.await_tick();
    control.let_go(Vec::new());
    scene.clock.advance(MS * 500);
    control.await_tick();
    assert_eq!(
        scene.task.stats().missed_ticks,
        4,
        "before the late tick is called, so before anybody sees what it does"
    );
    drop(control);
    assert_eq!(scene.end().ticks, 2);
}

#[test]
fn a_queue_that_is_never_empty_starves_neither_timers_nor_sources() {
    let (mut scene, control) = Scene::held();
    scene.clock.advance(MS * 100);
    control.await_tick();
    // All sent before the task looks again: its queue is not empty until the last one is taken.
    (0..192).for_each(|_| scene.sender.send(&Signal::default()).unwrap());
    scene.sender.flush();
    scene.clock.advance(MS * 100);
    control.let_go(vec![SourceState::Ready; 64]);
    drop(control);
    scene.await_emitted((2, 64));
    let busy = scene.end();
    let from_first_tick = busy.calls.iter().copied().skip_while(|call| *call != Call::Tick);
    let turn = |ticks| [(Call::Message, 64), (Call::Tick, ticks), (Call::Source, 16)];
    let wanted: Vec<Call> = [(Call::Tick, 1), (Call::Source, 16)]
        .into_iter()
        .chain(turn(1))
        .chain(turn(0))
        .chain(turn(0))
        .flat_map(|(call, times)| std::iter::repeat_n(call, times))
        .collect();
    assert_eq!(from_first_tick.take(wanted.len()).collect::<Vec<_>>(), wanted);
    assert_eq!(busy.signals, 192);
}

#[test]
fn an_idle_source_is_called_again_soon_even_if_the_clock_stands_still() {
    use SourceState::{Idle, Ready};
    // The last is returned first.
    let mut scene = Scene::new(Busy { says: vec![Ready, Idle, Idle, Ready], ..Busy::default() });
    scene.await_emitted((0, 2));
}

#[test]
fn a_pausing_source_is_not_called_early_and_a_finished_one_never() {
    use SourceState::{Finished, IdleFor, Ready};
    let says = vec![Ready, Finished, Ready, IdleFor(MS * 50), Ready];
    let mut scene = Scene::new(Busy { says, ..Busy::default() });
    scene.await_emitted((0, 1));
    scene.sender.send(&Signal::default()).unwrap();
    scene.clock.advance(MS * 49);
    scene.sender.send(&Signal::default()).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while !scene.task.is_settled(&scene.sender) {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
    assert_eq!(scene.emitted(), (0, 0));
    scene.clock.advance(MS);
    scene.await_emitted((0, 1));
    // Whatever wakes the task now.
    scene.clock.advance(MS * 50);
    scene.await_emitted((1, 0));
    assert_eq!(scene.end().asked, 4);
}

#[test]
fn a_task_ends_while_a_source_is_always_ready_and_handles_what_is_left() {
    let mut scene = Scene::new(Busy { always_ready: true, ..Busy::default() });
    for _ in 0..200 {
        scene.sender.send(&Signal::default()).unwrap();
    }
    assert_eq!(scene.end().signals, 200);
}

#[test]
fn a_deadline_ends_a_task_whose_source_is_always_ready_and_whose_sender_is_open() {
    let mut scene = Scene::new(Busy { always_ready: true, ..Busy::default() });
    assert!(scene.task.end(Instant::now() + MS).is_some());
}

#[test]
fn a_panic_of_a_timer_restarts_the_service_with_its_timers_and_sources_and_loses_no_message() {
    use SourceState::{Finished, Ready};
    let restart = Restart { max: 3, within: MS * 10_000, backoff: MS * 10 };
    let make = || Busy { says: vec![Finished, Ready], ..Busy::default() };
    let unlucky = Busy { unlucky: Some(2), ..make() };
    let mut scene = Scene::with(unlucky, OnPanic::Restart(restart), make);
    scene.await_emitted((0, 1));
    scene.clock.advance(MS * 100);
    scene.await_emitted((1, 0));
    scene.clock.advance(MS * 100);
    let dead_letter = scene.dead_letters.recv_timeout(DEADLINE).unwrap();
    let timer = Origin::Timer { service: "busy", method: "tick" };
    assert_eq!(dead_letter, (timer, 0, "unlucky".to_owned()));
    // In the pause.
    (0..3).for_each(|_| scene.sender.send(&Signal::default()).unwrap());
    assert_eq!(scene.task.stats().panics, 1);
    scene.clock.advance(MS * 10);
    // The new source has something, and the new timer is due one period from the restart.
    scene.await_emitted((0, 1));
    scene.clock.advance(MS * 100);
    scene.await_emitted((1, 0));
    let stats = scene.task.stats();
    assert_eq!((stats.panics, stats.restarts, stats.lost_in_panics, stats.missed_ticks), (1, 1, 0, 0));
    let busy = scene.end();
    assert_eq!((busy.started, busy.ticks, busy.signals, busy.asked), (1, 1, 3, 2));
}

#[test]
fn without_a_policy_a_panic_of_a_timer_ends_the_task() {
    let mut scene = Scene::new(Busy { unlucky: Some(1), ..Busy::default() });
    scene.clock.advance(MS * 100);
    scene.dead_letters.recv_timeout(DEADLINE).unwrap();
    assert!(scene.task.finish(DEADLINE).is_err());
    assert!(scene.task.end(Instant::now()).is_some(), "the service comes back");
    assert_eq!((scene.task.stats().panics, scene.task.stats().lost_in_panics), (1, 0));
}

#[test]
fn errors_of_timers_go_to_the_hook_of_the_router() {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    fn hook(failure: &HandlerFailure<'_>) {
        assert_eq!(failure.to_string(), "`busy` failed on `tick`: two is no good");
        TOLD.fetch_add(1, Ordering::Relaxed);
    }
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let clock = ManualClock::new();
    let spec = TaskSpec { outbox: 16, hook: Some(hook), ..TaskSpec::new("busy") };
    let env = TaskEnv::new(&Config::new().clock(clock.clone()));
    let (_sender, mut outbox, _task) =
        task::spawn_in::<_, Driving>(runtime.handle(), Busy::default(), spec, env).unwrap();
    let deadline = Instant::now() + DEADLINE;
    for _ in 0..3 {
        clock.advance(MS * 100);
        while outbox.poll(1, |_, _| ()) == 0 {
            assert!(Instant::now() < deadline);
            std::thread::yield_now();
        }
    }
    assert_eq!(TOLD.load(Ordering::Relaxed), 1);
}

#[test]
fn a_timer_follows_tokio_where_the_router_has_the_system_clock() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let spec = TaskSpec { outbox: 64, ..TaskSpec::new("busy") };
    let says = vec![SourceState::Finished];
    let (mut sender, _outbox, mut task) =
        task::spawn::<_, Driving>(runtime.handle(), Busy { says, ..Busy::default() }, spec).unwrap();
    runtime.block_on(async { tokio::time::sleep(MS * 1050).await });
    sender.close();
    let busy = runtime.block_on(async {
        loop {
            match task.finish(Duration::ZERO) {
                Ok(busy) => return busy,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    assert_eq!(busy.ticks, 10);
}

#[test]
fn timers_and_sources_need_a_runtime_with_a_timer() {
    let runtime = super::runtime();
    let spawned = |clock: Option<ManualClock>| {
        let config = clock.map_or_else(Config::new, |clock| Config::new().clock(clock));
        let (spec, env) = (TaskSpec::new("busy"), TaskEnv::new(&config));
        task::spawn_in::<_, Driving>(runtime.handle(), Busy::default(), spec, env)
    };
    let error = spawned(None).unwrap_err().to_string();
    assert!(error.contains("`busy`") && error.contains("enable_time"), "{error}");
    assert!(spawned(Some(ManualClock::new())).is_err(), "an idle source is asked again by the computer's time");
}
