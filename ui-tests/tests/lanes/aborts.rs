//! A lane whose panics abort the process: this test program, started again.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use mycelium_rt::{Config, routing_config, service};
use mycelium_ui_tests::market::Bar;

use crate::support::DEADLINE;

/// Marks the started process.
const CHILD: &str = "MYCELIUM_TEST_ABORTS";

/// SIGABRT, on Linux and the BSDs alike.
const ABORTED: i32 = 6;

/// Panics on 13.
struct Fragile;

#[service]
impl Fragile {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        assert!(bar.value != 13, "unlucky");
    }
}

routing_config! {
    name: Aborting,
    services: { fragile: Fragile },
    routes: { Bar => [fragile] },
    lanes: { hot: thread(on_panic = abort) [fragile] },
}

/// Sends these to a router, and shuts it down.
fn run(values: &str) {
    let running = Aborting::start(AbortingServices { fragile: Fragile }, &Config::new()).unwrap();
    let bars = running.sender::<Bar>();
    for value in values.split(',') {
        bars.send(&Bar::of(value.parse().unwrap())).unwrap();
    }
    drop(bars);
    assert!(running.shutdown(DEADLINE).left.is_empty());
}

#[test]
fn a_panic_on_a_lane_that_aborts_ends_the_process_by_its_signal() {
    if let Ok(values) = std::env::var(CHILD) {
        return run(&values);
    }
    let child = |values: &str| {
        let name = "aborts::a_panic_on_a_lane_that_aborts_ends_the_process_by_its_signal";
        let program = std::env::current_exe().unwrap();
        Command::new(program).args(["--exact", name, "--nocapture"]).env(CHILD, values).output().unwrap()
    };
    let output = child("1,2,3");
    assert!(output.status.success(), "without a panic: {output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
    let output = child("1,13,3");
    assert_eq!(output.status.signal(), Some(ABORTED), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("unlucky"), "{output:?}");
}
