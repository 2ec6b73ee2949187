//! Messages from lane to lane allocate nothing once the lanes run.

use mycelium_rt::{Config, Emit, SourceState, routing_config, service};
use mycelium_test_support::allocations::so_far;
use mycelium_ui_tests::market::{Bar, Fill, Signal};

/// Bars, of which the first are for warming up.
const BARS: u64 = 200_000;
const WARM: u64 = 1_000;

/// What its thread had allocated after the first messages, and after the last one.
#[derive(Default)]
struct Meter {
    seen: u64,
    warm: u64,
    end: u64,
}

impl Meter {
    fn note(&mut self) {
        self.seen += 1;
        if self.seen == WARM {
            self.warm = so_far();
        }
        self.end = so_far();
    }
}

#[derive(Default)]
struct Maker {
    meter: Meter,
}

#[service]
impl Maker {
    #[source]
    fn next(&mut self, cx: &mut impl Emit<Bar>) -> SourceState {
        if self.meter.seen == BARS {
            return SourceState::Finished;
        }
        cx.emit(&Bar::of(self.meter.seen));
        self.meter.note();
        SourceState::Ready
    }
}

#[derive(Default)]
struct Near {
    meter: Meter,
}

#[service]
impl Near {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Signal> + Emit<Fill>)) {
        cx.emit(&Signal::of(bar.value));
        cx.emit(&Fill::of(bar.value));
        self.meter.note();
    }
}

#[derive(Default)]
struct Far {
    meter: Meter,
    fills: u64,
}

#[service]
impl Far {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {
        self.meter.note();
    }

    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        self.fills += fills.len() as u64;
        self.meter.note();
    }
}

routing_config! {
    name: Lanes,
    services: { maker: Maker, near: Near, far: Far },
    routes: { Bar => [near], Signal => [far], Fill => [far via queue(4096)] },
    lanes: { one: thread [maker], two: thread [near], three: thread [far] },
}

#[test]
fn messages_between_lanes_allocate_nothing() {
    let services = LanesServices { maker: Maker::default(), near: Near::default(), far: Far::default() };
    let ended = Lanes::start(services, &Config::new()).unwrap().join();
    assert!(ended.left.is_empty() && ended.broken.is_none(), "{}", ended.left);
    let services = ended.services;
    assert_eq!((services.near.meter.seen, services.far.fills), (BARS, BARS));
    for meter in [&services.maker.meter, &services.near.meter, &services.far.meter] {
        assert!(meter.seen > WARM);
        assert_eq!(meter.end - meter.warm, 0);
    }
}
