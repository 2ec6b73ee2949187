//! The routers whose expansions are recorded as snapshots work.
#![forbid(unsafe_code)]

use std::sync::atomic::Ordering;

use mycelium_ui_tests::market::Bar;

#[path = "../../mycelium-macros/fixtures/direct.rs"]
mod direct;
#[path = "../../mycelium-macros/fixtures/queued.rs"]
mod queued;

#[test]
fn direct_routes() {
    let mut router = direct::Direct::new(direct::Strategy, direct::Execution::default(), direct::Totals::default());
    router.route_bar(&Bar { value: 1 });
    router.route_bar(&Bar { value: 2 });
    assert_eq!((router.totals.bars, router.totals.fills), (3, 5));
}

#[test]
fn queued_and_fallible_routes() {
    let mut router = queued::Queued::new(queued::Strategy::default(), queued::Desk, queued::Risk);
    assert_eq!(router.route_bar(&Bar { value: 5 }), Ok(()));
    assert_eq!(router.strategy.breaches, 0);
    assert_eq!(router.route_bar(&Bar { value: 6 }), Ok(()));
    assert_eq!(router.strategy.breaches, 12);
    let error = router.route_bar(&Bar { value: 0 }).unwrap_err();
    assert_eq!(error.to_string(), "`strategy` failed on `Bar`: nothing to do");
    assert_eq!(queued::FAILURES.load(Ordering::Relaxed), 1);
}
