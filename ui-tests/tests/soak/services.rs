//! The services of both systems. Each counts what it does, and panics, fails and dawdles when chaos says so.

use std::sync::Arc;

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Heartbeat, Signal};
use mycelium_ui_tests::weather::Rain;

use crate::tally::Tally;

/// Bars with this bit are a sender's.
pub(crate) const FROM_SENDER: u64 = 1 << 40;

/// Reads bars from nowhere, and tells now and then that it is alive.
pub(crate) struct Reader(pub(crate) Arc<Tally>);

#[service]
impl Reader {
    #[source]
    fn read(&mut self, cx: &mut impl Emit<Bar>) -> SourceState {
        let tally = &self.0;
        tally.intake.strike_driven(&tally.chaos);
        if tally.bars.sent.get() >= tally.bar_goal.0.get() {
            return SourceState::Idle;
        }
        cx.emit(&Bar::of(tally.bars.sent.next()));
        tally.intake.strike_driven(&tally.chaos);
        SourceState::Ready
    }

    #[every("1ms")]
    fn tell(&mut self, cx: &mut impl Emit<Heartbeat>) {
        let tally = &self.0;
        tally.intake.strike_driven(&tally.chaos);
        tally.timer_beats.next();
        cx.emit(&Heartbeat::of(0));
        tally.intake.strike_driven(&tally.chaos);
    }
}

/// Takes heartbeats, by a queue that drops what it has no room for.
pub(crate) struct Clerk(pub(crate) Arc<Tally>);

#[service]
impl Clerk {
    #[handle]
    fn on_heartbeat(&mut self, _: &Heartbeat) {
        let tally = &self.0;
        tally.chaos.dawdle();
        tally.intake.strike(&tally.chaos);
        tally.beats_handled.next();
    }
}

/// Makes a signal of each bar, and a breach of some.
pub(crate) struct Maker(pub(crate) Arc<Tally>);

#[service]
impl Maker {
    /// Fails now and then, but not when the system starts.
    fn startup(&mut self) -> Result<(), &'static str> {
        let tally = &self.0;
        if tally.hot.total() > 0 && tally.chaos.fails() { Err("at random") } else { Ok(()) }
    }

    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Signal> + Emit<Breach>)) {
        let tally = &self.0;
        if bar.value < FROM_SENDER {
            tally.source_order.see(bar.value);
        }
        tally.chaos.dawdle();
        for _ in 0..bar.value % 4 {
            tally.breaches.sent.next();
            cx.emit(&Breach::of(bar.value));
        }
        tally.hot.strike(&tally.chaos);
        cx.emit(&Signal::of(tally.signals.sent.next()));
        tally.hot.strike(&tally.chaos);
        tally.bars.handled.next();
    }
}

/// Takes breaches, by a queue inside the lane.
pub(crate) struct Checker(pub(crate) Arc<Tally>);

#[service]
impl Checker {
    #[handle]
    fn on_breach(&mut self, _: &Breach) {
        let tally = &self.0;
        tally.hot.strike(&tally.chaos);
        tally.breaches.handled.next();
    }
}

/// Fills signals; fails now and then, which is an error and no panic.
pub(crate) struct Execution(pub(crate) Arc<Tally>);

#[service]
impl Execution {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) -> Result<(), &'static str> {
        let tally = &self.0;
        tally.signal_order.see(signal.value);
        tally.chaos.dawdle();
        tally.web.strike(&tally.chaos);
        cx.emit(&Fill::of(tally.fills.sent.next()));
        tally.web.strike(&tally.chaos);
        tally.signals.handled.next();
        if tally.chaos.fails() {
            tally.failures.next();
            return Err("at random");
        }
        Ok(())
    }
}

/// Lives on the lane that may not restart.
pub(crate) struct Frail(pub(crate) Arc<Tally>);

#[service]
impl Frail {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {
        let tally = &self.0;
        if tally.chaos.is_broken() {
            tally.frail.handlers.next();
            panic!("for good");
        }
        tally.frail_signals.next();
    }
}

/// Keeps fills by the batch, and rain.
pub(crate) struct Keeper(pub(crate) Arc<Tally>);

#[service]
impl Keeper {
    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        let tally = &self.0;
        fills.iter().for_each(|fill| tally.keeper_order.see(fill.value));
        tally.chaos.dawdle();
        tally.cold.strike(&tally.chaos);
        tally.fills.handled.add(fills.len() as u64);
    }

    #[handle]
    fn on_rain(&mut self, rain: &Rain) {
        let tally = &self.0;
        tally.rain_order.see(rain.value);
        tally.chaos.dawdle();
        tally.cold.strike(&tally.chaos);
        tally.rain.handled.next();
    }
}

/// Writes fills down behind a task, and says so.
pub(crate) struct Journal(pub(crate) Arc<Tally>);

#[service]
impl Journal {
    #[handle]
    async fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Heartbeat>) {
        let tally = &self.0;
        tally.journal_order.see(fill.value);
        if fill.value.is_multiple_of(64) {
            tokio::task::yield_now().await;
        }
        tally.chaos.dawdle();
        tally.task_beats.next();
        cx.emit(&Heartbeat::of(1));
        tally.journaled.next();
    }
}

/// Makes rain, at the other end of a link.
pub(crate) struct Sky(pub(crate) Arc<Tally>);

#[service]
impl Sky {
    #[source]
    fn look(&mut self, cx: &mut impl Emit<Rain>) -> SourceState {
        let tally = &self.0;
        tally.sky.strike_driven(&tally.chaos);
        if tally.rain.sent.get() >= tally.rain_goal.0.get() {
            return SourceState::Idle;
        }
        cx.emit(&Rain::of(tally.rain.sent.next()));
        tally.sky.strike_driven(&tally.chaos);
        SourceState::Ready
    }
}

/// Takes fills, at the other end of another.
pub(crate) struct Auditor(pub(crate) Arc<Tally>);

#[service]
impl Auditor {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        let tally = &self.0;
        tally.audit_order.see(fill.value);
        tally.chaos.dawdle();
        tally.office.strike(&tally.chaos);
        tally.audited.next();
    }
}
