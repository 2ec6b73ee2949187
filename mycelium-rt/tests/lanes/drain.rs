//! How a system ends, and what becomes of what is on its way.

use mycelium_rt::lane::{LaneSpec, RingSpec};

use crate::support::*;

const THREE: &[LaneSpec] = &[LaneSpec::thread("a"), LaneSpec::thread("b"), LaneSpec::thread("c")];

struct Chain;

impl Case for Chain {
    const LANES: &'static [LaneSpec] = THREE;
    const RINGS: &'static [RingSpec] = &[implicit(0, 1), implicit(1, 2)];
}

#[test]
fn what_was_sent_before_the_shutdown_reaches_the_end_of_the_chain() {
    let running = run::<Chain>(vec![Probe::forwarding(), Probe::forwarding(), Probe::new()]);
    let sender = running.sender();
    for number in 0..5_000 {
        sender.send(&bar(number)).unwrap();
    }
    let ended = running.shutdown(LONG);
    assert!(ended.left.is_empty(), "{}", ended.left);
    let expected: Vec<_> = (0..5_000).collect();
    assert!(ended.services.iter().all(|probe| probe.seen == expected));
}
