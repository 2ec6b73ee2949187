#![allow(unused)]

use mycelium_rt::routing_config;

routing_config! {}

fn main() {}
