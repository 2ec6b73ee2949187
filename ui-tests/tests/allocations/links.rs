//! Once a link is up, neither end allocates.

use std::time::{Duration, Instant};

use mycelium_rt::link::{Address, Batch, InputSpec, Limits, LinkSpec, OnFull, Status, StreamInput, StreamLink};
use mycelium_rt::{Config, MessageInfo};
use mycelium_test_support::allocations::count;

const TICK: MessageInfo =
    MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 1)] };
const LARGE: MessageInfo = MessageInfo { id: 8, name: "Large", layouts: &[(1, 60_000, 2)], ..TICK };

fn take(input: &mut StreamInput) -> usize {
    input.poll(|_, _, body| if body.is_empty() { Err("empty") } else { Ok(()) })
}

fn no_message_allocates(peers: usize, batch: Batch, on_full: OnFull) {
    let config = Config::new();
    let mut input =
        StreamInput::open(InputSpec::new("feed", Address::tcp("127.0.0.1:0"), "test", &[TICK, LARGE]), &config)
            .unwrap();
    let config = config.address("desk", &input.local_address().unwrap().to_string());
    let spec =
        LinkSpec { batch, on_full, ..LinkSpec::new("desk", Address::tcp("localhost:1"), "test", &[TICK, LARGE]) };
    let mut links: Vec<_> = (0..peers).map(|_| StreamLink::open(spec.clone(), &config).unwrap()).collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    for link in &mut links {
        while link.poll() != Status::Connected {
            take(&mut input);
            assert!(Instant::now() < deadline);
        }
    }
    let mut received = 0;
    let ((), allocations) = count(|| {
        for round in 0..2000 {
            for link in &mut links {
                if round % 100 == 0 {
                    let _ = link.send_bytes(LARGE.id, &[1; 60_000]);
                }
                let _ = link.send_bytes(TICK.id, &[1; 8]);
                link.poll();
            }
            if round % 10 == 0 {
                for link in &mut links {
                    link.flush();
                }
                input.wait(Duration::ZERO);
                received += take(&mut input);
            }
        }
    });
    assert_eq!(allocations, 0);
    assert!(received > 1000);
}

#[test]
fn no_message_allocates_one_by_one() {
    no_message_allocates(1, Batch::low_latency(), OnFull::DropNewest);
}

#[test]
fn no_message_allocates_in_batches() {
    no_message_allocates(2, Batch::high_throughput(), OnFull::DropOldest);
}

#[test]
fn no_message_that_waits_allocates() {
    let config = Config::new().limits(Limits { send_buffer: 1024, ..Limits::default() });
    let mut input =
        StreamInput::open(InputSpec::new("feed", Address::tcp("127.0.0.1:0"), "test", &[TICK]), &config).unwrap();
    let config = config.address("desk", &input.local_address().unwrap().to_string());
    let on_full = OnFull::latest(64);
    let spec = LinkSpec { on_full, ..LinkSpec::new("desk", Address::tcp("localhost:1"), "test", &[TICK]) };
    let mut link = StreamLink::open(spec, &config).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while link.poll() != Status::Connected {
        take(&mut input);
        assert!(Instant::now() < deadline);
    }
    // Nobody reads.
    let ((), allocations) = count(|| {
        for key in (0..64).cycle() {
            link.send_bytes_by_key(TICK.id, key, &[1; 8]).unwrap();
            if link.counters().conflated.get() > 10_000 {
                break;
            }
        }
    });
    assert_eq!(allocations, 0);
}

#[test]
fn no_message_allocates_with_many_peers() {
    no_message_allocates(20, Batch::of(8), OnFull::Error);
}

#[test]
fn no_message_allocates_that_may_have_to_wait() {
    no_message_allocates(1, Batch::low_latency(), OnFull::latest(1));
}
