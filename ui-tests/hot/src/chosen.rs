//! A route with a condition, and the same function by hand.

use contracts::Bar;
use mycelium_rt::{routing_config, service};

/// Adds up volumes.
#[derive(Debug, Default)]
pub struct Volume {
    /// The sum.
    pub sum: u64,
    /// The number of bars.
    pub bars: u64,
}

#[service]
impl Volume {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.add(bar);
    }

    #[inline(always)]
    fn add(&mut self, bar: &Bar) {
        self.sum = self.sum.wrapping_add(bar.volume);
        self.bars += 1;
    }
}

routing_config! {
    /// All bars, and the large ones.
    name: pub Chosen,
    services: { all: Volume, large: Volume },
    routes: { Bar => [all, large if |bar| bar.volume >= 1_000] },
}

/// What the router generates.
// SAFETY: no other symbol of a program that links this crate has this name.
#[unsafe(no_mangle)]
pub fn mycelium_chosen_routed(router: &mut Chosen, bar: &Bar) {
    router.route_bar(bar);
}

/// What one writes by hand.
#[derive(Debug, Default)]
pub struct ByHand {
    all: Volume,
    large: Volume,
}

/// What one writes by hand.
// SAFETY: no other symbol of a program that links this crate has this name.
#[unsafe(no_mangle)]
pub fn mycelium_chosen_by_hand(desk: &mut ByHand, bar: &Bar) {
    desk.all.add(bar);
    if bar.volume >= 1_000 {
        desk.large.add(bar);
    }
}
