//! Routers that are being typed.

use super::{Case, check};

const PROGRAM: &str = r#"
use messages::{Bar, Breach, Fill, Heartbeat, Signal};
use mycelium_rt::{Config, Emit, routing_config, service};

#[derive(Default)]
pub struct Strategy(pub u64);

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        self.0 = bar.value;
        cx.emit(&Signal::default());
    }
}

#[derive(Default)]
pub struct Risk(pub u64);

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        self.0 = signal.value;
        cx.emit(&Fill::default());
    }
}

#[derive(Default)]
pub struct Journal(pub u64);

#[service]
impl Journal {
    #[handle]
    fn on_fill(&mut self, _: &Fill) {}
}

routing_config! {
    name: pub Plain,
    /*section*/
    services: {
        strategy: Strategy,
        /*service*/
        risk: Risk,
        journal: Journal,
    },
    routes: {
        Bar => [strategy],
        /*route*/
        Signal => [risk /*receiver*/],
        Fill => [journal],
    },
    ignore: [Heartbeat],
    on_error: continue,
}

pub fn plain() -> u64 {
    let mut plain = Plain::new(Strategy(1), Risk(2), Journal(3));
    plain.route_bar(&Bar::default());
    plain.route_fill(&Fill::default());
    let services = PlainServices { strategy: Strategy(1), risk: Risk(2), journal: Journal(3) };
    let again = Plain::from(services);
    plain.strategy.0 + again.journal.0
}

routing_config! {
    name: pub Linked,
    services: { strategy: Strategy, risk: Risk, journal: Journal },
    inputs: { feed: unix("/run/feed.sock") [Bar] on hot, /*input*/ },
    routes: {
        Bar => [strategy],
        Signal => [risk, desk via tcp("127.0.0.1:7402", batch = 32)],
        Fill => [journal via task(64, on_full = drop_newest), out via unix("/run/out.sock")],
    },
    lanes: { /*lane*/ hot: pinned(core = 1, wait = spin) [strategy], cold: thread [risk] },
}

pub fn linked(config: &Config) {
    let services = || LinkedServices { strategy: Strategy(1), risk: Risk(2), journal: Journal(3) };
    let mut linked = Linked::open(services(), config).unwrap();
    linked.poll();
    linked.route_bar(&Bar::default());
    linked.route_signal(&Signal::default());
    let _ = linked.stats();
    let running = Linked::start(services(), config).unwrap();
    let _ = running.sender::<Bar>();
}
"#;

/// In a place that is marked by its name.
const fn at(here: &'static str, now: &'static str, errors: usize) -> Case {
    Case { here, now, errors }
}

#[test]
fn a_mistake_in_a_router_leaves_its_type_and_methods() {
    let cases = [
        at("/*route*/", "Breach => [", 1),
        at("/*route*/", "Breach => []", 2),
        at("/*route*/", "Breach => [],", 1),
        at("/*route*/", "Breach => [sp],", 1),
        at("/*route*/", "Breach =>", 1),
        at("/*route*/", "Breach =", 1),
        at("/*route*/", "Breach", 1),
        at("/*route*/", "Bre", 1),
        at("/*route*/", "Breach as beat", 1),
        at("/*route*/", "Breach as beat =>", 1),
        at("/*route*/", "=> [risk],", 1),
        at("/*route*/", ",", 1),
        at("/*route*/", "Breach => risk,", 1),
        at("/*route*/", "Breach => {},", 1),
        at("Fill => [journal],\n    },\n    ignore", "Fill => [journal],\n  Sig  },\n    ignore", 1),
        at("/*receiver*/", "jour", 1),
        at("/*receiver*/", ", jour", 1),
        at("/*receiver*/", ", journal via", 1),
        at("/*receiver*/", ", journal via lo", 1),
        at("/*receiver*/", ", journal via local", 1),
        at("/*receiver*/", ", journal via local(", 1),
        at("/*receiver*/", ", journal via local()", 1),
        at("/*receiver*/", ", journal via local(4, on_full)", 1),
        at("/*receiver*/", ", journal via local(4, on_full =)", 1),
        at("/*receiver*/", ", journal via local(4, on_full = drop)", 1),
        at("/*receiver*/", ", , journal", 1),
        at("/*receiver*/", "via", 1),
        at("/*receiver*/", ", out via tcp()", 1),
        at("/*receiver*/", ", out via tcp(\"a:1\", on_full = latest(", 1),
        at("/*receiver*/", ", out via tcp(\"a:1\", on_full = latest())", 1),
        at("/*receiver*/", ", out via tcp(\"a:1\", on_full = latest(by))", 1),
        at("/*receiver*/", ", out via tcp(\"a:1\", on_full = latest(by = ))", 1),
        at("/*receiver*/", ", out via tcp(\"a:1\", on_full = latest(by = |it| it., keys = 4))", 1),
        at("/*receiver*/", ", out via tcp(\"a:1\", on_full = latest(by = |it| 1, keys = ))", 1),
        at("/*receiver*/", ", out via tcp(\"\")", 1),
        at("/*receiver*/", ", out via", 1),
        at("/*service*/", "aud", 1),
        at("/*service*/", "audit:", 1),
        at("/*service*/", "audit: Vec<", 1),
        at("/*service*/", "audit: ,", 1),
        at("/*service*/", ": Journal,", 1),
        at("/*service*/", "audit: Journal", 3),
        at("risk: Risk,\n        journal", "risk:\n        journal", 2),
        at("risk: Risk,\n        journal", "risk: Ri\n        journal", 1),
        at("risk: Risk,\n        journal", "risk Risk,\n        journal", 2),
        at("/*section*/", "lan", 1),
        at("/*section*/", "lanes", 1),
        at("/*section*/", "lanes:", 1),
        at("/*section*/", "lanes: {},", 1),
        at("/*section*/", "inputs: { feed }", 1),
        at("/*section*/", "contracts:", 1),
        at("/*section*/", "contracts: ,", 1),
        at("/*section*/", "#[derive()]", 1),
        at("ignore: [Heartbeat]", "ignore: [Hea", 1),
        at("ignore: [Heartbeat]", "ignore: [Heartbeat", 1),
        at("ignore: [Heartbeat]", "ignore:", 1),
        at("ignore: [Heartbeat]", "ignore: [journal:]", 1),
        at("on_error: continue", "on_error:", 1),
        at("on_error: continue", "on_error: con", 1),
        at("on_error: continue", "on_error: continue(ho)", 1),
        at("on_error: continue", "on_error: continue(hook = )", 1),
        at("name: pub Plain,", "name: pub ,", 1),
        at("name: pub Plain,", "name: pub Plain", 1),
    ];
    check(PROGRAM, &cases);
}

#[test]
fn a_mistake_in_a_path_or_lane_leaves_the_type_and_methods_of_a_router() {
    let cases = [
        at("batch = 32", "batch =", 1),
        at("batch = 32", "bat", 1),
        at("tcp(\"127.0.0.1:7402\", batch = 32)", "tcp(", 1),
        at("tcp(\"127.0.0.1:7402\", batch = 32)", "tcp()", 1),
        at("tcp(\"127.0.0.1:7402\", batch = 32)", "tcp", 1),
        at("tcp(\"127.0.0.1:7402\", batch = 32)", "tc", 1),
        at("tcp(\"127.0.0.1:7402\", batch = 32)", "", 1),
        at("task(64, on_full = drop_newest)", "task", 1),
        at("task(64, on_full = drop_newest)", "task(6, on)", 1),
        at("task(64, on_full = drop_newest)", "tas", 1),
        at("task(64, on_full = drop_newest)", "", 1),
        at("task(64, on_full = drop_newest)", "task(64, on_full = drop_)", 1),
        at("/*input*/", "more", 1),
        at("/*input*/", "more:", 1),
        at("/*input*/", "more: unix", 1),
        at("/*input*/", "more: unix()", 1),
        at("/*input*/", "more: unix(\"/run/more.sock\")", 1),
        at("/*input*/", "more: unix(\"/run/more.sock\") []", 1),
        at("/*input*/", "more: unix(\"/run/more.sock\") [Bar] on", 1),
        at("/*input*/", "more: unix(\"/run/more.sock\") [Bar] on ho", 1),
        at(" on hot", " on", 1),
        at(" on hot", " o", 1),
        at("/*lane*/", "io", 1),
        at("/*lane*/", "io:", 1),
        at("/*lane*/", "io: thr", 1),
        at("/*lane*/", "io: thread", 1),
        at("/*lane*/", "io: thread [],", 1),
        at("hot: pinned(core = 1, wait = spin)", "hot: pinned(core = , wait = spin)", 1),
        at("hot: pinned(core = 1, wait = spin)", "hot: pinned(core = 1, wait)", 1),
        at("hot: pinned(core = 1, wait = spin)", "hot: pinned", 1),
        at("hot: pinned(core = 1, wait = spin)", "hot:", 1),
        at("hot: pinned(core = 1, wait = spin)", "hot", 1),
        at("[strategy], cold", "[strategy ris], cold", 1),
        at("[strategy], cold", "[], cold", 1),
        at("[strategy], cold", ", cold", 1),
    ];
    check(PROGRAM, &cases);
}
