//! Code generated for an item with a `cfg` has the same `cfg`.

use std::fmt::Display;

use mycelium_rt::routing::{Driven, Handles, OnBus, ReportFailure, Service};
use mycelium_rt::{Emit, Message, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Signal};

/// Is never there.
#[cfg(any())]
pub(crate) struct Gated;

#[derive(Default)]
struct Strategy {
    bars: u64,
}

#[service]
impl Strategy {
    #[cfg(any())]
    #[handle]
    fn on_gated(&mut self, gated: &Gated) {}

    #[cfg_attr(all(), cfg(any()), inline)]
    #[handle]
    fn on_fill(&mut self, fill: &Missing, cx: &mut impl Emit<Gated>) -> Result<(), Missing> {}

    #[cfg(any())]
    #[handle]
    async fn on_all_gated(&mut self, all: &[Gated], cx: &mut impl Emit<Gated>) -> Gated {}

    #[cfg(any())]
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Gated> + Emit<Signal>)) {}

    #[cfg(not(any()))]
    #[cfg_attr(any(), cfg(any()))]
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        self.bars += bar.value;
        cx.emit(&Signal::of(bar.value));
    }

    #[cfg(any())]
    #[source]
    fn next(&mut self, cx: &mut impl Emit<Gated>) -> Missing {}

    #[cfg(not(any()))]
    #[source]
    fn other(&mut self) -> SourceState {
        SourceState::Finished
    }

    #[cfg(any())]
    #[every("1s")]
    fn tick(&mut self, cx: &mut impl Emit<Gated>) {}

    #[cfg(any())]
    fn startup(&mut self) -> Missing {}

    #[cfg(not(any()))]
    fn startup(&mut self) {
        self.bars = 0;
    }

    #[cfg(any())]
    fn shutdown(&mut self) {}
}

/// Would run.
struct Runner;

#[service]
impl Runner {
    #[cfg(any())]
    async fn run(&mut self, cx: &missing::ServiceContext) -> Missing {}

    #[cfg(not(any()))]
    async fn run(&mut self, _: &mycelium_rt::bus::ServiceContext) {
        std::future::ready(()).await;
    }
}

/// A type that `cfg` removes, together with its handlers.
#[service]
#[cfg(any())]
impl Gated {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {}
}

#[derive(Default)]
struct Desk {
    signals: u64,
}

#[service]
impl Desk {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.signals += signal.value;
    }
}

routing_config! {
    /// Is never there.
    #[cfg(any())]
    name: pub(crate) Never,
    services: { strategy: Gated, desk: Desk },
    routes: { Bar => [strategy, desk via local(4)], Signal => [desk via queue(4), log via tcp("127.0.0.1:1")] },
    lanes: { hot: thread [strategy, desk] },
}

routing_config! {
    #[cfg(not(any()))]
    name: Conditional,
    services: { strategy: Strategy, desk: Desk },
    routes: { Bar => [strategy], Signal => [desk] },
}

#[test]
fn what_is_behind_a_condition_is_not_listed() {
    let handled: Vec<u16> = <Strategy as Service>::HANDLED.iter().map(|handled| handled.message.id).collect();
    assert_eq!(handled, [Bar::ID]);
    let sources: Vec<&str> = <Strategy as Service>::SOURCES.iter().map(|source| source.method).collect();
    assert_eq!(sources, ["other"]);
    assert!(<Strategy as Service>::TIMERS.is_empty());
}

#[test]
fn what_is_there_works() {
    let mut router = Conditional::new(Strategy::default(), Desk::default());
    router.route_bar(&Bar::of(3));
    assert_eq!((router.strategy.bars, router.desk.signals), (3, 3));
}

#[test]
fn only_what_is_there_asks_anything_of_a_context() {
    struct Signals;
    impl Emit<Signal> for Signals {
        fn emit(&mut self, _: &Signal) {}
    }
    impl ReportFailure for Signals {
        fn report_failure(&mut self, _: &'static str, _: &dyn Display) {}
    }
    fn handles<T: Handles<Bar> + Driven<Signals> + OnBus<Signals>>() {}
    handles::<Strategy>();
    const { assert!(<Runner as OnBus<mycelium_rt::bus::ServiceContext>>::RUNS) };
}
