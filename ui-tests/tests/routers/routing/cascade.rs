//! Direct routes: who is called, and in which order.

use mycelium_rt::{Emit, Route, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

#[derive(Default)]
struct Spread {
    seen: Vec<u64>,
}

#[service]
impl Spread {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        self.seen.push(bar.value);
        cx.emit(&Signal::of(bar.value * 10));
    }
}

#[derive(Default)]
struct Execution {
    seen: Vec<u64>,
}

#[service]
impl Execution {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        self.seen.push(signal.value);
        cx.emit(&Fill::of(signal.value + 1));
        cx.emit(&Fill::of(signal.value + 2));
    }
}

#[derive(Default)]
struct RiskManager {
    bars: Vec<u64>,
    fills: Vec<u64>,
}

#[service]
impl RiskManager {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.bars.push(bar.value);
    }

    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        self.fills.extend(fills.iter().map(|fill| fill.value));
    }
}

routing_config! {
    name: Trading,
    services: { spread: Spread, execution: Execution, risk: RiskManager },
    routes: { Bar => [spread, risk], Signal => [execution], Fill => [risk] },
}

#[test]
fn a_cascade_runs_to_its_end_before_the_call_returns() {
    let mut trading = Trading::new(Spread::default(), Execution::default(), RiskManager::default());
    trading.route_bar(&Bar::of(1));
    trading.route(&Bar::of(2));
    assert_eq!(trading.spread.seen, [1, 2]);
    assert_eq!(trading.execution.seen, [10, 20]);
    assert_eq!(trading.risk.bars, [1, 2]);
    assert_eq!(trading.risk.fills, [11, 12, 21, 22]);
}

routing_config! { name: Short, routes: { Bar => [Spread], Signal => [Execution], Fill => [Fees] } }

#[derive(Default)]
struct Fees(u64);

#[service]
impl Fees {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0 += fill.value;
    }
}

#[test]
fn the_short_form_names_services_after_their_types() {
    let _ = |short: Short| (short.spread, short.execution, short.fees);
}
