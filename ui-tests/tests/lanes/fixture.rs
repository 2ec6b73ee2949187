//! The fixture of the snapshot.

use std::time::Duration;

use mycelium_rt::Config;
use mycelium_ui_tests::market::Bar;

#[path = "../../../mycelium-macros/fixtures/lanes.rs"]
pub(crate) mod laned;

use laned::{Execution, Laned, LanedServices, Risk, Spread};

fn services() -> LanedServices {
    LanedServices { spread: Spread::default(), execution: Execution, risk: Risk::default() }
}

#[test]
fn messages_cross_lanes_in_order_and_come_back() {
    let running = Laned::start(services(), &Config::new()).expect("nothing is in the way");
    let bars = running.sender::<Bar>();
    for value in 0..100 {
        bars.send(&Bar::of(value)).expect("it runs");
    }
    drop(bars);
    let ended = running.shutdown(Duration::from_secs(20));
    assert_eq!(ended.left.total(), 0);
    assert_eq!(ended.services.risk.fills, (0..100).collect::<Vec<_>>());
    assert_eq!(ended.services.spread.breaches, (0..100).step_by(10).collect::<Vec<_>>());
}

#[test]
fn routes_name_the_lane_of_each_service() {
    let routes = mycelium_rt::routing::routes_text::<Laned>();
    for (service, lane) in [("spread", "hot"), ("execution", "hot"), ("risk", "cold")] {
        let is_it = |line: &&str| line.starts_with(&format!(r#"{{"service":"{service}","#));
        let line = routes.lines().find(is_it).expect("it is a service");
        assert!(line.ends_with(&format!(r#","lane":"{lane}"}}"#)), "{line}");
    }
}
