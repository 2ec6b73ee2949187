#![allow(unused)]

use mycelium_rt::{Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill};

struct Strategy;

#[service]
impl Strategy {
    #[cfg_attr(all(), handle)]
    fn on_bar(&mut self, bar: &Bar) {}

    #[cfg_attr(debug_assertions, inline, cfg_attr(unix, handle))]
    fn on_fill(&mut self, fill: &Fill) {}

    #[cfg_attr(all(), every("1s"))]
    fn tick(&mut self) {}

    #[cfg_attr(any(), source)]
    fn next(&mut self) -> SourceState {
        SourceState::Finished
    }
}

// A service without handlers would be an error, too.
routing_config! {
    name: Router,
    services: { strategy: Strategy },
    routes: { Bar => [strategy], Fill => [strategy] },
}

fn main() {}
