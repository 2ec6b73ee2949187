#![allow(unused)]

use mycelium_rt::service;

struct Clock;

#[service]
impl Clock {
    #[every("0s")]
    fn never(&mut self) {}

    #[every("-1s")]
    fn back(&mut self) {}

    #[every("0.5s")]
    fn half(&mut self) {}

    #[every("1h")]
    fn hourly(&mut self) {}

    #[every("99999999999999s")]
    fn some_day(&mut self) {}
}

fn main() {}
