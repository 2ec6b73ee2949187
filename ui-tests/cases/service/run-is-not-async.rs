#![allow(unused)]

use mycelium_rt::{Emit, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

struct ServiceContext;

#[service]
impl Strategy {
    fn run(&mut self, cx: &ServiceContext) {}
}

fn main() {}
