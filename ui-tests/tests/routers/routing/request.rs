//! Requests: a message that is answered at once.

use mycelium_rt::testing::Recorder;
use mycelium_rt::{Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

#[derive(Default)]
struct Asks {
    replies: Vec<u64>,
}

#[service]
impl Asks {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Request<Signal, Reply = Fill> + Emit<Fill>)) {
        let reply = cx.request(&Signal::of(bar.value));
        self.replies.push(reply.value);
        cx.emit(&reply);
    }
}

#[derive(Default)]
struct Answers {
    asked: u64,
}

#[service]
impl Answers {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) -> Fill {
        self.asked += 1;
        Fill::of(signal.value * 2)
    }
}

#[derive(Default)]
struct Listens(Vec<u64>);

#[service]
impl Listens {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(fill.value);
    }
}

routing_config! {
    name: Desk,
    services: { asks: Asks, between: Listens, answers: Answers, listens: Listens },
    routes: { Bar => [asks], Signal => [answers], Fill => [between, listens] },
}

#[test]
fn the_reply_comes_back_before_the_handler_goes_on() {
    let mut desk = Desk::new(Asks::default(), Listens::default(), Answers::default(), Listens::default());
    desk.route_bar(&Bar::of(4));
    assert_eq!((desk.asks.replies, desk.answers.asked), (vec![8], 1));
    assert_eq!((desk.between.0, desk.listens.0), (vec![8], vec![8]));
}

#[test]
fn a_request_routed_from_outside_is_handled_and_its_reply_dropped() {
    let mut desk = Desk::new(Asks::default(), Listens::default(), Answers::default(), Listens::default());
    desk.route_signal(&Signal::of(4));
    assert_eq!((desk.answers.asked, desk.between.0.len()), (1, 0));
}

#[test]
fn a_service_that_asks_is_tested_alone_with_a_canned_reply() {
    let mut asks = Asks::default();
    let mut cx = Recorder::new().replying(|signal: &Signal| Fill::of(signal.value + 1));
    asks.on_bar(&Bar::of(1), &mut cx);
    assert_eq!(asks.replies, [2]);
    assert_eq!(cx.of::<Signal>(), [Signal::of(1)]);
    assert_eq!(cx.of::<Fill>(), [Fill::of(2)]);
}
