#![allow(unused)]

use mycelium_rt::bus::{Bus, Runtime};
use mycelium_rt::{Request, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Request<Signal, Reply = Fill>) {
        let fill = cx.request(&Signal::of(1));
    }
}

fn main() {
    let runtime = Runtime::new(&Bus::new()).unwrap();
    let _ = runtime.spawn(Strategy);
}
