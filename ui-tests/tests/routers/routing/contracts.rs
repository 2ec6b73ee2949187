//! Routers that are exhaustive over one or several crates of contracts.

use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::{market, weather};

#[derive(Default)]
struct Everything {
    seen: Vec<(&'static str, u64)>,
}

#[service]
impl Everything {
    #[handle]
    fn on_bar(&mut self, bar: &market::Bar) {
        self.seen.push(("bar", bar.value));
    }

    #[handle]
    fn on_signal(&mut self, signal: &market::Signal) {
        self.seen.push(("market signal", signal.value));
    }

    #[handle]
    fn on_weather(&mut self, signal: &weather::Signal) {
        self.seen.push(("weather signal", signal.value));
    }
}

struct Forwards;

#[service]
impl Forwards {
    #[handle]
    fn on_rain(&mut self, rain: &weather::Rain, cx: &mut (impl Emit<weather::Signal> + Emit<market::Heartbeat>)) {
        cx.emit(&weather::Signal::of(rain.value));
        cx.emit(&market::Heartbeat::of(rain.value));
    }
}

routing_config! {
    name: Wide,
    contracts: [market, weather],
    services: { forwards: Forwards, everything: Everything },
    routes: {
        market::Bar => [everything],
        market::Signal => [everything],
        weather::Signal as forecast => [everything],
        weather::Rain => [forwards],
    },
    ignore: [market::Fill, market::Breach, market::Heartbeat],
}

#[test]
fn messages_of_two_crates_with_one_name_are_told_apart_by_an_alias() {
    let mut router = Wide::new(Forwards, Everything::default());
    router.route_signal(&market::Signal::of(1));
    router.route_forecast(&weather::Signal::of(2));
    router.route_rain(&weather::Rain::of(3));
    assert_eq!(router.everything.seen, [("market signal", 1), ("weather signal", 2), ("weather signal", 3)]);
}
