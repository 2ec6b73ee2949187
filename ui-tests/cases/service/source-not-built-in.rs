#![allow(unused)]

use mycelium_rt::{Emit, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[source]
    fn poll(&mut self, cx: &mut impl Emit<Signal>) {}
}

fn main() {}
