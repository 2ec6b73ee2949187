#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct A;

#[service]
impl A {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {}
}

struct B;

#[service]
impl B {
    #[handle]
    fn on_signal(&mut self, _: &Signal, cx: &mut impl Emit<Fill>) {}
}

struct C;

#[service]
impl C {
    #[handle]
    fn on_fill(&mut self, _: &Fill, cx: &mut impl Emit<Bar>) {}
}

routing_config! {
    name: Desk,
    services: { a: A, b: B, c: C },
    routes: { Bar => [a via queue(64)], Signal => [b], Fill => [c via queue(16)] },
    inputs: { more: unix("/run/desk.sock") [Bar] on third },
    lanes: { first: thread [a], second: thread [b], third: thread [c] },
}

fn main() {}
