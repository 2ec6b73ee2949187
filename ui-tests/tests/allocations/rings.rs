//! Once a ring is set up, neither end allocates: shared memory, queues, tasks.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use mycelium_rt::link::{Address, Batch, InputSpec, LinkSpec, OnFull, Status};
use mycelium_rt::ring;
use mycelium_rt::routing::{Dispatch, Handed};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::task::{Context, TaskSpec, spawn};
use mycelium_rt::{Config, MessageInfo};
use mycelium_test_support::allocations::count;

const DEADLINE: Duration = Duration::from_secs(20);
const TICK: MessageInfo =
    MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 1)] };
const LARGE: MessageInfo = MessageInfo { id: 8, name: "Large", layouts: &[(1, 60_000, 2)], ..TICK };

fn shared_memory(peers: usize, batch: Batch, on_full: OnFull) {
    let path = std::env::temp_dir().join(format!("mycelium-allocations-{}-{peers}", std::process::id()));
    let config = Config::new().address("desk", &path.to_string_lossy());
    let here = Address::shm("/");
    let options = ShmOptions { slots: 64, ..ShmOptions::default() };
    let mut input =
        ShmInput::open(InputSpec::new("desk", here.clone(), "test", &[TICK, LARGE]), options, &config).unwrap();
    let spec = LinkSpec { batch, on_full, ..LinkSpec::new("desk", here, "test", &[TICK, LARGE]) };
    let mut links: Vec<_> = (0..peers).map(|_| ShmLink::open(spec.clone(), options, &config).unwrap()).collect();
    let mut received = 0;
    let mut take = |input: &mut ShmInput| {
        let taken = input.poll(|_, _, _| Ok::<(), Infallible>(()));
        received += taken;
        taken
    };
    // A link is up at both ends when its first message has arrived.
    let deadline = Instant::now() + DEADLINE;
    for link in &mut links {
        while link.poll() != Status::Connected {
            take(&mut input);
            assert!(Instant::now() < deadline);
        }
        link.send_bytes(TICK.id, &[1; 8]).unwrap();
        while take(&mut input) == 0 {
            assert!(Instant::now() < deadline);
        }
    }
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
                links.iter_mut().for_each(|link| assert!(link.flush()));
                input.wait(Duration::ZERO);
                take(&mut input);
            }
        }
    });
    drop(input);
    let _ = std::fs::remove_file(&path);
    assert_eq!(allocations, 0);
    assert!(received > 1000);
}

#[test]
fn shared_memory_allocates_nothing_one_by_one() {
    shared_memory(1, Batch::low_latency(), OnFull::DropNewest);
}

#[test]
fn shared_memory_allocates_nothing_in_batches_with_many_peers() {
    shared_memory(8, Batch::high_throughput(), OnFull::Error);
}

#[test]
fn a_queue_allocates_nothing() {
    let (mut producer, mut consumer) = ring::queue(16, 64).unwrap();
    let (received, allocations) = count(|| {
        let mut received = 0;
        for round in 0..10_000_u64 {
            let _ = producer.push_bytes(7, &round.to_le_bytes());
            producer.flush();
            if round % 20 == 0 {
                received += consumer.poll(usize::MAX, |_| ());
            }
        }
        received
    });
    assert_eq!(allocations, 0);
    assert!(received > 1000);
}

struct Sink;

enum ToSink {}

impl Dispatch<Context<Self>> for ToSink {
    type Service = Sink;

    async fn deliver(_: &mut Sink, _: u16, _: Handed<'_>, _: &mut Context<Self>) {}
}

/// As far as the router's thread goes, which is the one that is counted.
#[test]
fn sending_to_a_task_allocates_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let spec = TaskSpec { capacity: 16, ..TaskSpec::new("sink") };
    let (mut sender, _outbox, mut task) = spawn::<_, ToSink>(runtime.handle(), Sink, spec).unwrap();
    let ((), allocations) = count(|| {
        for round in 0..2000_u64 {
            sender.send_bytes(7, &round.to_le_bytes()).unwrap();
        }
    });
    sender.close();
    assert!(task.finish(DEADLINE).is_ok());
    assert_eq!((allocations, task.stats().messages.received), (0, 2000));
}
