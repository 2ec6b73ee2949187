#![allow(unused)]

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Feed;

#[service]
impl Feed {
    #[source]
    const NEXT: u8 = 1;
}

fn main() {}
