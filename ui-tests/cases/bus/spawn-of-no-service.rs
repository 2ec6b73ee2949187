#![allow(unused)]

use mycelium_rt::bus::{Bus, Runtime};

struct Strategy;

fn main() {
    let runtime = Runtime::new(&Bus::new()).unwrap();
    let _ = runtime.spawn(Strategy);
}
