//! What its user allows above a service, a handler or a router is allowed in what is generated for it: a warning is an error here.

use mycelium_rt::{Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::Bar;
#[allow(deprecated)]
use mycelium_ui_tests::old::{OldBar, OldBarFields};

/// Allows it above the block.
#[derive(Default)]
struct Strategy {
    bars: u64,
}

#[allow(deprecated)]
#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<OldBar>) {
        self.bars += 1;
        cx.emit(&OldBar::from(OldBarFields { value: bar.value }));
    }
}

/// Allows or expects it above each method.
#[derive(Default)]
struct Journal {
    sum: u64,
}

#[service]
impl Journal {
    #[expect(deprecated)]
    #[handle]
    fn on_old_bar(&mut self, old: &OldBar) {
        self.sum += old.value;
    }
}

/// Does so above what is called without a message.
#[derive(Default)]
struct Feeder;

#[service]
impl Feeder {
    #[cfg_attr(all(), allow(deprecated))]
    #[source]
    fn next(&mut self, _: &mut impl Emit<OldBar>) -> SourceState {
        SourceState::Finished
    }

    #[allow(deprecated)]
    #[every("1s")]
    fn tick(&mut self, _: &mut impl Emit<OldBar>) {}
}

/// Takes them together, behind a task.
#[derive(Default)]
struct Writer;

#[service]
#[allow(deprecated)]
impl Writer {
    #[handle]
    async fn on_old_bars(&mut self, bars: &[OldBar]) -> Result<(), String> {
        std::future::ready(if bars.is_empty() { Err("no bars".to_owned()) } else { Ok(()) }).await
    }
}

routing_config! {
    #[allow(deprecated)]
    name: Allowing,
    services: { feeder: Feeder, strategy: Strategy, journal: Journal },
    routes: { Bar => [strategy], OldBar => [journal] },
}

routing_config! {
    #[expect(deprecated)]
    name: Expecting,
    services: { feeder: Feeder, strategy: Strategy, journal: Journal, writer: Writer },
    inputs: { feed: unix("/run/mycelium/old.sock") [OldBar] on hot },
    routes: {
        Bar => [strategy],
        OldBar => [journal via local(4), writer via task(4), log via tcp("127.0.0.1:1")],
    },
    lanes: { hot: thread [feeder, strategy, journal] },
}

#[allow(deprecated)]
mod by_module {
    use mycelium_rt::routing_config;
    use mycelium_ui_tests::old::OldBar;

    use super::Journal;

    routing_config! {
        name: pub(super) Short,
        routes: { OldBar => [Journal] },
    }
}

#[test]
#[allow(deprecated)]
fn what_is_deprecated_is_routed_all_the_same() {
    let mut router = Allowing::new(Feeder, Strategy::default(), Journal::default());
    router.route_bar(&Bar::of(3));
    assert_eq!((router.strategy.bars, router.journal.sum), (1, 3));
    let mut short = by_module::Short::new(Journal::default());
    short.route_old_bar(&OldBar::from(OldBarFields { value: 2 }));
    assert_eq!(short.journal.sum, 2);
}
