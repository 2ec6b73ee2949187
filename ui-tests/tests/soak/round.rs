//! One round: two systems start, live through their troubles, and end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::lane::{Running, Sender, Shutdown};
use mycelium_rt::link::{Limits, LinkStats};
use mycelium_ui_tests::market::Bar;
use tokio::runtime::Handle;

use crate::chaos::{Chaos, End, Plan};
use crate::ledger::{Ended, Ledger, Round};
use crate::router::{Desk, DeskServices, Far, FarServices};
use crate::services::FROM_SENDER;
use crate::tally::Tally;
use crate::troubles::{Troubles, Ways, audit_socket, feed_address, while_trouble};

/// Far beyond what anything takes, so that only what never comes fails a round.
const LONG: Duration = Duration::from_secs(60);

/// What a round did, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    pub(crate) messages: u64,
    pub(crate) panics: u64,
    pub(crate) restarts: u64,
    pub(crate) connections: u64,
    pub(crate) missing: u64,
}

impl std::ops::AddAssign for Done {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.panics += other.panics;
        self.restarts += other.restarts;
        self.connections += other.connections;
        self.missing += other.missing;
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { messages, panics, restarts, connections, missing } = self;
        write!(
            f,
            "{messages} messages, {panics} panics, {restarts} restarts, {connections} connections, {missing} gaps"
        )
    }
}

/// Runs a round by `plan`, whose tokio lane and task are on `runtime`.
///
/// # Errors
/// Why it could not begin, what it waited for in vain; otherwise its ledger, whether it balances or not.
pub(crate) fn run(plan: &Plan, runtime: &Handle) -> Result<(Done, Ledger), String> {
    let tally = Tally::new(Chaos::new(plan));
    tally.bar_goal.0.add(plan.bars);
    tally.rain_goal.0.add(plan.rain);
    let ways = Ways::new().map_err(|error| format!("no relays: {error}"))?;
    let far = Far::start_with(far_factory(&tally), &far_config(&ways, &tally)).map_err(|error| error.to_string())?;
    let desk = Desk::start_with(desk_factory(&tally), &desk_config(&ways, &tally, runtime))
        .map_err(|error| error.to_string())?;
    let systems = Systems { plan, tally: &tally, desk, far };
    let (desk, far) = while_trouble(&ways, plan, |troubles| systems.live(troubles))?;
    let round = Round { plan, tally: &tally, desk, far, relays: ways.stats() };
    Ok((done(&round), Ledger::of(&round)))
}

fn done(round: &Round<'_>) -> Done {
    let (tally, relays) = (round.tally, round.relays);
    let sent = [&tally.bars.sent, &tally.sent_bars, &tally.signals.sent, &tally.breaches.sent, &tally.fills.sent];
    let beats = [&tally.timer_beats, &tally.task_beats, &tally.rain.sent];
    let lanes = || round.desk.health.lanes.iter().chain(&round.far.health.lanes);
    let gaps = |stats: Option<&LinkStats>| stats.map_or(0, |stats| stats.gaps);
    Done {
        messages: sent.iter().chain(&beats).map(|count| count.get()).sum(),
        panics: lanes().map(|lane| lane.panics).sum(),
        restarts: lanes().map(|lane| lane.restarts).sum(),
        connections: relays.0.connections + relays.1.connections,
        missing: gaps(round.far.stats.input("audit")) + gaps(round.desk.stats.input("feed")),
    }
}

fn desk_factory(tally: &Arc<Tally>) -> impl FnMut() -> DeskServices + Send + use<> {
    let tally = Arc::clone(tally);
    move || DeskServices::new(&tally)
}

fn far_factory(tally: &Arc<Tally>) -> impl FnMut() -> FarServices + Send + use<> {
    let tally = Arc::clone(tally);
    move || FarServices::new(&tally)
}

/// Small buffers, so that they are full often, and short pauses.
fn config(tally: &Arc<Tally>) -> Config {
    let limits = Limits {
        backoff: Duration::from_micros(200),
        backoff_max: Duration::from_millis(2),
        send_buffer: 4 * 1024,
        ..Limits::default()
    };
    let tally = Arc::clone(tally);
    let count = move |dead_letter: &mycelium_rt::lane::DeadLetter<'_>| {
        tally.panics_of(dead_letter.lane).dead_letters.next();
    };
    Config::new().limits(limits).on_dead_letter(count)
}

fn desk_config(ways: &Ways, tally: &Arc<Tally>, runtime: &Handle) -> Config {
    let config = config(tally).address("audit", ways.audit.address()).address("feed", &feed_address());
    config.tokio(runtime.clone()).core("hot", allowed_core())
}

fn far_config(ways: &Ways, tally: &Arc<Tally>) -> Config {
    config(tally).address("audit", &audit_socket(ways.directory())).address("feed", ways.feed.address())
}

/// Both systems while they run.
struct Systems<'a> {
    plan: &'a Plan,
    tally: &'a Tally,
    desk: Running<Desk>,
    far: Running<Far>,
}

impl Systems<'_> {
    fn live(self, mut troubles: Troubles<'_>) -> Result<(Ended, Ended), String> {
        let (plan, tally) = (self.plan, self.tally);
        let senders = [1, 2].map(|number| (number, self.desk.sender::<Bar>()));
        std::thread::scope(|scope| {
            let feeders = senders.map(|(number, sender)| scope.spawn(move || feed(plan, tally, number, &sender)));
            until("the source is half through", || tally.bars.sent.get() >= plan.bars / 2)?;
            match plan.end {
                End::AtOnce => Ok(self.end(Duration::ZERO)),
                End::Broken => self.break_down(),
                End::InOrder => {
                    for feeder in feeders {
                        feeder.join().expect("it does not panic");
                    }
                    until("the source is through", || tally.bars.sent.get() >= plan.bars)?;
                    until("it has rained enough", || tally.rain.sent.get() >= plan.rain)?;
                    tally.chaos.calm();
                    troubles.end();
                    self.end_in_order()
                }
            }
        })
    }

    fn end(self, deadline: Duration) -> (Ended, Ended) {
        (ended(self.desk.shutdown(deadline)), ended(self.far.shutdown(deadline)))
    }

    fn break_down(self) -> Result<(Ended, Ended), String> {
        self.tally.chaos.break_down();
        until("the desk notices", || {
            self.tally.bar_goal.0.next();
            !self.desk.is_running()
        })?;
        Ok((ended(self.desk.join()), ended(self.far.shutdown(Duration::ZERO))))
    }

    /// After the troubles: messages go on until some get through in both directions, so that the receivers know of all losses. Then
    /// both systems end one after the other, each when it has got everything.
    fn end_in_order(self) -> Result<(Ended, Ended), String> {
        let Self { tally, desk, far, .. } = self;
        let (fills, rain) = (tally.fills.sent.get(), tally.rain.sent.get());
        until("a fill gets through", || {
            tally.bar_goal.0.next();
            tally.audit_order.next.get() > fills
        })?;
        until("rain gets through", || {
            tally.rain_goal.0.next();
            tally.rain_order.next.get() > rain
        })?;
        let goal = tally.rain_goal.0.get();
        let settled = |stats: Option<&LinkStats>, sent| stats.is_some_and(|stats| stats.received + stats.gaps == sent);
        until("all rain is there", || tally.rain.sent.get() == goal && settled(desk.stats().input("feed"), goal))?;
        let desk = ended(desk.shutdown(LONG));
        until("all fills are there", || settled(far.stats().input("audit"), tally.fills.sent.get()))?;
        Ok((desk, ended(far.shutdown(LONG))))
    }
}

/// Sends its bars, unless the desk ends before.
fn feed(plan: &Plan, tally: &Tally, number: u64, sender: &Sender<Bar>) {
    for bar in 0..plan.sent_bars {
        if sender.send(&Bar::of(number * FROM_SENDER + bar)).is_err() {
            return;
        }
        tally.sent_bars.next();
    }
}

fn ended<Services>(shutdown: Shutdown<Services>) -> Ended {
    let Shutdown { left, broken, stats, health, .. } = shutdown;
    Ended { left, broken: broken.map(|broken| broken.lane), stats, health }
}

fn until(what: &str, mut step: impl FnMut() -> bool) -> Result<(), String> {
    let deadline = Instant::now() + LONG;
    while !step() {
        if Instant::now() >= deadline {
            return Err(format!("not within {LONG:?}: {what}"));
        }
        std::thread::yield_now();
    }
    Ok(())
}

/// A core that this process may use, as the kernel lists them: `0-3,8`.
fn allowed_core() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel says which cores are allowed");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("a list of cores");
    let first = list.trim().split(['-', ',']).next().and_then(|core| core.parse().ok());
    first.expect("a process that runs may use a core")
}
