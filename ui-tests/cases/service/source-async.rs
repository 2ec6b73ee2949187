#![allow(unused)]

use mycelium_rt::{Emit, Poll, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Feed;

#[service]
impl Feed {
    #[source]
    async fn next(&mut self) -> Poll {
        Poll::Idle
    }
}

fn main() {}
