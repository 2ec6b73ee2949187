//! All counters of a router are in one block, whatever it is made of.

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Heartbeat, Signal};

use crate::support::DEADLINE;

#[derive(Default)]
struct Front(u64);

#[service]
impl Front {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Signal> + Emit<Heartbeat>)) {
        cx.emit(&Signal::of(bar.value));
        cx.emit(&Heartbeat::of(bar.value));
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {
        self.0 += 1;
    }

    #[every("1ms")]
    fn tick(&mut self) {}
}

#[derive(Default)]
struct Middle;

#[service]
impl Middle {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Fill> + Emit<Breach>)) -> Result<(), &'static str> {
        cx.emit(&Fill::of(signal.value));
        cx.emit(&Breach::of(signal.value));
        Err("each is an error")
    }
}

#[derive(Default)]
struct Back(u64);

#[service]
impl Back {
    #[handle]
    async fn on_fill(&mut self, _: &Fill) {
        self.0 += 1;
    }

    #[handle]
    async fn on_heartbeat(&mut self, _: &Heartbeat) {}
}

routing_config! {
    name: OneLane,
    services: { front: Front, middle: Middle, back: Back },
    inputs: { feed: tcp("127.0.0.1:0") [Bar] },
    routes: {
        Bar => [front],
        Breach => [front via local(8)],
        Signal => [middle via queue(8), desk via unix("/nowhere/desk", on_full = drop_newest)],
        Heartbeat => [back via task(8), desk],
        Fill => [back via task(8)],
    },
}

routing_config! {
    name: ThreeLanes,
    services: { front: Front, middle: Middle, back: Back },
    inputs: { feed: tcp("127.0.0.1:0") [Bar] },
    routes: {
        Bar => [front],
        Breach => [front via queue(8, on_full = drop_newest)],
        Signal => [middle via queue(8, on_full = drop_newest), desk via unix("/nowhere/desk", on_full = drop_newest)],
        Heartbeat => [back via task(8), desk],
        Fill => [back via task(8)],
    },
    lanes: { one: thread [front], two: thread [middle] },
}

#[test]
fn a_router_with_every_kind_of_end_counts_in_one_block() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let config = Config::new().tokio(runtime.handle().clone());
    macro_rules! check {
        ($router:ident, $services:ident) => {
            let services = $services { front: Front::default(), middle: Middle::default(), back: Back::default() };
            let running = $router::start(services, &config).unwrap();
            let bars = running.sender::<Bar>();
            (0..5).for_each(|value| bars.send(&Bar::of(value)).unwrap());
            drop(bars);
            // What does not fit is counted elsewhere, and could not be read in one place.
            let (used, all) = running.counted_lines();
            assert!(used >= 10 && used <= all, "{used} of {all} lines");
            let ended = running.shutdown(DEADLINE);
            assert_eq!((ended.services.back.0, ended.stats.handler_errors), (5, 5));
        };
    }
    check!(OneLane, OneLaneServices);
    check!(ThreeLanes, ThreeLanesServices);
}

#[derive(Default)]
struct Part;

#[service]
impl Part {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}
}

#[derive(Default)]
struct Source;

#[service]
impl Source {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::of(bar.value));
    }
}

#[derive(Default)]
struct Clerk(u64);

#[service]
impl Clerk {
    #[handle]
    async fn on_fill(&mut self, _: &Fill) {
        self.0 += 1;
    }
}

routing_config! {
    name: ManyLanes,
    services: {
        a: Source, b: Part, c: Part, d: Part, e: Part, f: Part, g: Part, h: Part, t: Clerk, u: Clerk, v: Clerk, w: Clerk,
    },
    routes: {
        Bar => [a, b, c, d, e, f, g, h],
        Fill => [t via task(8), u via task(8), v via task(8), w via task(8)],
    },
    lanes: {
        one: thread [a], two: thread [b], three: thread [c], four: thread [d], five: thread [e], six: thread [f],
        seven: thread [g], eight: thread [h],
    },
}

#[test]
fn many_lanes_with_many_tasks_count_in_one_block() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let services = || ManyLanesServices {
        a: Source,
        b: Part,
        c: Part,
        d: Part,
        e: Part,
        f: Part,
        g: Part,
        h: Part,
        t: Clerk(0),
        u: Clerk(0),
        v: Clerk(0),
        w: Clerk(0),
    };
    let running = ManyLanes::start(services(), &Config::new().tokio(runtime.handle().clone())).unwrap();
    running.sender::<Bar>().send(&Bar::of(1)).unwrap();
    let (used, all) = running.counted_lines();
    assert!(used > 40 && used <= all, "{used} of {all} lines");
    let ended = running.shutdown(DEADLINE);
    let Clerk(fills) = ended.services.w;
    assert_eq!(fills, 1);
}
