//! The two systems, joined by two links.

use std::sync::Arc;

use mycelium_rt::routing_config;
use mycelium_ui_tests::market::{Bar, Breach, Fill, Heartbeat, Signal};
use mycelium_ui_tests::weather::Rain;

use crate::services::{Auditor, Checker, Clerk, Execution, Frail, Journal, Keeper, Maker, Reader, Sky};
use crate::tally::Tally;

// Pauses grow so fast that no lane comes to its limit.
routing_config! {
    name: pub(crate) Desk,
    services: {
        reader: Reader,
        clerk: Clerk,
        maker: Maker,
        checker: Checker,
        execution: Execution,
        frail: Frail,
        keeper: Keeper,
        journal: Journal,
    },
    inputs: { feed: tcp("127.0.0.1:1") [Rain] on cold },
    routes: {
        Bar => [maker],
        Breach => [checker via local(8, on_full = drop_newest)],
        Signal => [execution, frail],
        Fill => [keeper, journal via task(64), audit via unix("audit", batch = 16, on_full = drop_oldest)],
        Heartbeat => [clerk via queue(32, on_full = drop_newest)],
        Rain => [keeper],
    },
    lanes: {
        intake: thread(on_panic = restart(max = 50, within = "4ms", backoff = "20us")) [reader, clerk],
        hot: pinned(core = 0, wait = yield, on_panic = restart(max = 50, within = "4ms", backoff = "20us")) [maker, checker],
        web: tokio(on_panic = restart(max = 50, within = "4ms", backoff = "20us")) [execution],
        cold: thread(wait = park(spin = "5us"), on_panic = restart(max = 50, within = "4ms", backoff = "20us"), watchdog = "60s") [keeper],
        frail: thread [frail],
    },
}

routing_config! {
    name: pub(crate) Far,
    services: { sky: Sky, auditor: Auditor },
    inputs: { audit: unix("audit") [Fill] on office },
    routes: {
        Rain => [feed via tcp("127.0.0.1:1", batch(max = 8, delay = "50us"))],
        Fill => [auditor],
    },
    lanes: {
        sky: thread(on_panic = restart(max = 50, within = "4ms", backoff = "20us")) [sky],
        office: thread(wait = yield, on_panic = restart(max = 50, within = "4ms", backoff = "20us")) [auditor],
    },
}

impl DeskServices {
    pub(crate) fn new(tally: &Arc<Tally>) -> Self {
        let tally = || Arc::clone(tally);
        Self {
            reader: Reader(tally()),
            clerk: Clerk(tally()),
            maker: Maker(tally()),
            checker: Checker(tally()),
            execution: Execution(tally()),
            frail: Frail(tally()),
            keeper: Keeper(tally()),
            journal: Journal(tally()),
        }
    }
}

impl FarServices {
    pub(crate) fn new(tally: &Arc<Tally>) -> Self {
        Self { sky: Sky(Arc::clone(tally)), auditor: Auditor(Arc::clone(tally)) }
    }
}
