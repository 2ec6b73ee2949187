#![allow(unused)]

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Feed;

#[service]
impl Feed {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}

    fn startup(&mut self) -> Result<(), Feed> {
        Err(Feed)
    }
}

fn main() {}
