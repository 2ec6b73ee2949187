//! The routers whose expansions are recorded as snapshots work.

use std::sync::atomic::Ordering;

use mycelium_ui_tests::market::Bar;

#[path = "../../../mycelium-macros/fixtures/direct.rs"]
mod direct;
#[allow(dead_code)] // Recorded for its names only; the others are run.
#[path = "../../../mycelium-macros/fixtures/everything.rs"]
mod everything;
#[path = "../../../mycelium-macros/fixtures/linked.rs"]
mod linked;
#[path = "../../../mycelium-macros/fixtures/queued.rs"]
mod queued;

#[test]
fn direct_routes() {
    let mut router = direct::Direct::new(direct::Strategy, direct::Execution::default(), direct::Totals::default());
    router.route_bar(&Bar::of(1));
    router.route_bar(&Bar::of(2));
    assert_eq!((router.totals.bars, router.totals.fills), (3, 5));
}

#[test]
fn queued_and_fallible_routes() {
    let mut router = queued::Queued::new(queued::Strategy::default(), queued::Desk, queued::Risk);
    assert_eq!(router.route_bar(&Bar::of(5)), Ok(()));
    assert_eq!(router.strategy.breaches, 0);
    assert_eq!(router.route_bar(&Bar::of(6)), Ok(()));
    assert_eq!(router.strategy.breaches, 12);
    let error = router.route_bar(&Bar::of(0)).unwrap_err();
    assert_eq!(error.to_string(), "`strategy` failed on `Bar`: nothing to do");
    assert_eq!(queued::FAILURES.load(Ordering::Relaxed), 1);
}

#[test]
fn linked_routes() {
    let services = linked::LinkedServices { maker: linked::Maker, journal: linked::Journal::default() };
    let path = std::env::temp_dir().join(format!("mycelium-fixture-{}.sock", std::process::id()));
    let nowhere = path.with_extension("none");
    // Nobody is there, which neither policy waits for.
    let config = mycelium_rt::Config::new()
        .address("feed", &path.to_string_lossy())
        .address("copy", "127.0.0.1:1")
        .address("audit", &nowhere.to_string_lossy());
    let mut router = linked::Linked::open(services, &config).unwrap();
    router.route_bar(&Bar::of(5));
    assert_eq!(router.poll(), 1);
    assert_eq!(router.journal.last, 5);
    router.flush();
    let stats = router.stats();
    assert_eq!(stats.link("audit").unwrap().dropped_newest, 1);
    assert_eq!(stats.link("copy").unwrap().dropped(), 0, "kept until somebody is there");
}
