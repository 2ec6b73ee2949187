#![allow(unused)]

use mycelium_rt::service;

#[service]
struct Strategy;

fn main() {
    let _ = Strategy;
}
