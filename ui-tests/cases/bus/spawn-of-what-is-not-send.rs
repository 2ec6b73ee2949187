#![allow(unused)]

use std::rc::Rc;

use mycelium_rt::bus::{Bus, Runtime};
use mycelium_rt::service;
use mycelium_ui_tests::market::Bar;

struct Strategy(Rc<u64>);

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}
}

fn main() {
    let runtime = Runtime::new(&Bus::new()).unwrap();
    let _ = runtime.spawn(Strategy(Rc::new(1)));
}
