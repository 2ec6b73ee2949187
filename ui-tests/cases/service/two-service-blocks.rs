#![allow(unused)]

use mycelium_rt::service;
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {}
}

#[service]
impl Strategy {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) {}
}

fn main() {}
