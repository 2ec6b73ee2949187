#![allow(unused)]

use mycelium_rt::{Emit, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, #[cfg(debug_assertions)] cx: &mut impl Emit<Signal>) {}

    #[every("1s")]
    fn tick(&mut self, #[cfg_attr(unix, cfg(debug_assertions))] cx: &mut impl Emit<Signal>) {}
}

fn main() {}
