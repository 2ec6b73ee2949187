//! What has arrived together, for handlers that take `&[M]`.

use std::sync::atomic::{AtomicU64, Ordering};

use mycelium_rt::{Config, Emit, HandlerFailure, MessageInfo, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use super::support::{Log, Peer, Socket, assert_balanced, until};

/// Keeps the slices that it is given, and emits their sum.
#[derive(Default)]
struct Batches(Vec<(&'static str, Vec<u64>)>);

#[service]
impl Batches {
    #[handle]
    fn on_bars(&mut self, bars: &[Bar], cx: &mut impl Emit<Breach>) {
        self.0.push(("Bar", bars.iter().map(|bar| bar.value).collect()));
        cx.emit(&Breach::of(bars.iter().map(|bar| bar.value).sum()));
    }

    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        self.0.push(("Fill", fills.iter().map(|fill| fill.value).collect()));
    }

    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.0.push(("Signal", vec![signal.value]));
    }
}

/// Takes the sums.
#[derive(Default)]
struct Sums(Vec<u64>);

#[service]
impl Sums {
    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.0.push(breach.value);
    }
}

routing_config! {
    name: Arrivals,
    services: { sums: Sums, batches: Batches },
    inputs: { feed: unix("/nowhere/feed.sock") [Bar, Fill, Signal] },
    routes: { Bar => [batches], Fill => [batches], Signal => [batches], Breach => [sums via local(4)] },
}

fn arrivals(socket: &Socket) -> (Arrivals, Peer) {
    let services = ArrivalsServices { sums: Sums::default(), batches: Batches::default() };
    let mut router = Arrivals::open(services, &Config::new().address("feed", socket.text())).unwrap();
    let messages = [MessageInfo::of::<Bar>(), MessageInfo::of::<Fill>(), MessageInfo::of::<Signal>()];
    let peer = Peer::connect(socket, &messages, || {
        router.poll();
        router.stats().input("feed").unwrap().connects > 0
    });
    (router, peer)
}

fn bars(values: impl IntoIterator<Item = u64>) -> Vec<u64> {
    values.into_iter().collect()
}

#[test]
fn consecutive_messages_of_one_type_are_one_call_and_order_holds() {
    let socket = Socket::new();
    let (mut router, mut peer) = arrivals(&socket);
    for value in [1, 2, 3] {
        peer.write(&Bar::of(value));
    }
    peer.write(&Signal::of(4));
    peer.write(&Bar::of(5));
    peer.write(&Fill::of(6));
    peer.write(&Fill::of(7));
    peer.send();
    assert_eq!(router.poll(), 7, "messages are counted, not calls");
    let expected = [("Bar", bars([1, 2, 3])), ("Signal", bars([4])), ("Bar", bars([5])), ("Fill", bars([6, 7]))];
    assert_eq!(router.batches.0, expected);
    assert_eq!(router.sums.0, [6, 5], "the `local` queue is emptied after each call");
    assert_eq!(router.stats().input("feed").unwrap().received, 7);
}

#[test]
fn a_lone_message_is_delivered_by_the_poll_that_took_it() {
    let socket = Socket::new();
    let (mut router, mut peer) = arrivals(&socket);
    for value in 0..3 {
        peer.write(&Bar::of(value));
        peer.send();
        assert_eq!(router.poll(), 1);
        assert_eq!(router.batches.0.last(), Some(&("Bar", bars([value]))));
    }
    assert_eq!(router.batches.0.len(), 3);
}

#[test]
fn a_batch_has_at_most_64_messages() {
    let socket = Socket::new();
    let (mut router, mut peer) = arrivals(&socket);
    (0..150).for_each(|value| peer.write(&Bar::of(value)));
    peer.send();
    assert_eq!(router.poll(), 150);
    let expected = [("Bar", bars(0..64)), ("Bar", bars(64..128)), ("Bar", bars(128..150))];
    assert_eq!(router.batches.0, expected);
}

#[test]
fn a_call_of_a_router_is_a_slice_of_one() {
    let socket = Socket::new();
    let (mut router, _peer) = arrivals(&socket);
    router.route_bar(&Bar::of(1));
    router.route_bar(&Bar::of(2));
    assert_eq!(router.batches.0, [("Bar", bars([1])), ("Bar", bars([2]))]);
}

#[test]
fn bytes_that_lie_do_not_hold_back_what_came_before_them() {
    let socket = Socket::new();
    let (mut router, mut peer) = arrivals(&socket);
    peer.write(&Bar::of(1));
    peer.write(&Bar::of(2));
    peer.write_frame(250, &[0; 8]);
    peer.send();
    until("the liar is gone", || {
        router.poll();
        router.stats().input("feed").unwrap().disconnects == 1
    });
    assert_eq!(router.batches.0, [("Bar", bars([1, 2]))]);
}

mod shared_memory {
    use super::*;

    routing_config! {
        name: Sender,
        routes: { Bar => [desk via shm("/nowhere/desk.sock")], Signal => [desk] },
    }

    routing_config! {
        name: Receiver,
        services: { batches: Batches },
        inputs: { feed: shm("/nowhere/desk.sock") [Bar, Signal] },
        routes: { Bar => [batches], Signal => [batches] },
        ignore: [Breach, batches: [Fill]],
    }

    #[test]
    fn messages_of_a_ring_are_gathered() {
        let socket = Socket::new();
        let config = |link| Config::new().address(link, socket.text());
        let mut receiver = Receiver::open(ReceiverServices { batches: Batches::default() }, &config("feed")).unwrap();
        let mut sender = Sender::open(SenderServices {}, &config("desk")).unwrap();
        until("they connect", || {
            receiver.poll();
            sender.poll();
            let connects =
                (sender.stats().link("desk").unwrap().connects, receiver.stats().input("feed").unwrap().connects);
            connects == (1, 1)
        });
        (0..70).for_each(|value| sender.route_bar(&Bar::of(value)));
        sender.route_signal(&Signal::of(70));
        sender.route_bar(&Bar::of(71));
        sender.flush();
        assert_eq!(receiver.poll(), 72);
        let expected = [("Bar", bars(0..64)), ("Bar", bars(64..70)), ("Signal", bars([70])), ("Bar", bars([71]))];
        assert_eq!(receiver.batches.0, expected);
        assert_balanced(&[*sender.stats().link("desk").unwrap()], &[*receiver.stats().input("feed").unwrap()]);
    }
}

/// Sends as many bars as the signal says, a fill, and a bar.
struct Burst;

#[service]
impl Burst {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Bar> + Emit<Fill>)) {
        (0..signal.value).for_each(|value| cx.emit(&Bar::of(value)));
        cx.emit(&Fill::of(signal.value));
        cx.emit(&Bar::of(signal.value));
    }
}

routing_config! {
    name: Queued,
    services: { burst: Burst, batches: Batches, log: Log, sums: Sums },
    routes: {
        Signal => [burst],
        Bar => [batches via queue(128), log],
        Fill => [batches via queue(128), log via queue(8)],
        Breach => [sums],
    },
    ignore: [batches: [Signal]],
}

#[test]
fn a_queue_gathers_for_its_own_service_whatever_the_other_receivers_are() {
    let services =
        QueuedServices { burst: Burst, batches: Batches::default(), log: Log::default(), sums: Sums::default() };
    let mut router = Queued::open(services, &Config::new()).unwrap();
    router.route_signal(&Signal::of(66));
    assert!(router.batches.0.is_empty());
    router.poll();
    let expected = [("Bar", bars(0..64)), ("Bar", bars([64, 65])), ("Fill", bars([66])), ("Bar", bars([66]))];
    assert_eq!(router.batches.0, expected);
    assert_eq!(router.sums.0, [(0..64).sum(), 64 + 65, 66]);
    assert_eq!(router.stats().queue("batches").unwrap().received, 68);
}

routing_config! {
    name: Shared,
    services: { batches: Batches, log: Log },
    inputs: { feed: unix("/nowhere/feed.sock") [Bar, Fill] },
    routes: { Bar => [batches, log], Fill => [batches, copy via unix("/nowhere/copy.sock", on_full = drop_newest)] },
    ignore: [Breach, batches: [Signal], log: [Fill]],
}

#[test]
fn beside_another_receiver_slices_hold_one_message() {
    let socket = Socket::new();
    let services = SharedServices { batches: Batches::default(), log: Log::default() };
    let mut router = Shared::open(services, &Config::new().address("feed", socket.text())).unwrap();
    let messages = [MessageInfo::of::<Bar>(), MessageInfo::of::<Fill>()];
    let mut peer = Peer::connect(&socket, &messages, || {
        router.poll();
        router.stats().input("feed").unwrap().connects > 0
    });
    peer.write(&Bar::of(1));
    peer.write(&Bar::of(2));
    peer.write(&Fill::of(3));
    peer.write(&Fill::of(4));
    peer.send();
    assert_eq!(router.poll(), 4);
    let expected = [("Bar", bars([1])), ("Bar", bars([2])), ("Fill", bars([3])), ("Fill", bars([4]))];
    assert_eq!(router.batches.0, expected);
}

/// Fails on every slice.
#[derive(Default)]
struct Picky(u64);

#[service]
impl Picky {
    #[handle]
    fn on_bars(&mut self, bars: &[Bar]) -> Result<(), String> {
        self.0 += 1;
        Err(format!("no {}", bars.len()))
    }
}

static FAILURES: AtomicU64 = AtomicU64::new(0);

fn count(failure: &HandlerFailure<'_>) {
    assert_eq!((failure.service, failure.message), ("picky", "Bar"));
    FAILURES.fetch_add(1, Ordering::Relaxed);
}

routing_config! {
    name: Failing,
    services: { picky: Picky, log: Log },
    inputs: { feed: unix("/nowhere/feed.sock") [Bar, Fill] },
    routes: { Bar => [picky], Fill => [log] },
    ignore: [log: [Bar]],
    on_error: propagate(hook = count),
}

#[test]
fn a_batch_fails_once_and_poll_goes_on() {
    let socket = Socket::new();
    let services = FailingServices { picky: Picky::default(), log: Log::default() };
    let mut router = Failing::open(services, &Config::new().address("feed", socket.text())).unwrap();
    let messages = [MessageInfo::of::<Bar>(), MessageInfo::of::<Fill>()];
    let mut peer = Peer::connect(&socket, &messages, || {
        router.poll().unwrap();
        router.stats().input("feed").unwrap().connects > 0
    });
    for value in 0..3 {
        peer.write(&Bar::of(value));
    }
    peer.write(&Fill::of(3));
    peer.write(&Bar::of(4));
    peer.send();
    let error = router.poll().unwrap_err();
    assert_eq!(error.to_string(), "`picky` failed on `Bar`: no 3");
    assert_eq!((router.picky.0, router.log.0.len()), (2, 1));
    assert_eq!(router.stats().service("picky").unwrap().handler_errors, 2);
    assert_eq!(FAILURES.load(Ordering::Relaxed), 2);
}

/// Panics on its second slice.
#[derive(Default)]
struct Fragile(Vec<usize>);

#[service]
impl Fragile {
    #[handle]
    fn on_bars(&mut self, bars: &[Bar]) {
        self.0.push(bars.len());
        assert!(bars.iter().all(|bar| bar.value != 13), "the test wants this");
    }
}

routing_config! {
    name: Panicking,
    services: { fragile: Fragile },
    inputs: { feed: unix("/nowhere/feed.sock") [Bar] },
    routes: { Bar => [fragile] },
}

#[test]
fn a_batch_whose_handler_panicked_is_not_delivered_again() {
    let socket = Socket::new();
    let services = PanickingServices { fragile: Fragile::default() };
    let mut router = Panicking::open(services, &Config::new().address("feed", socket.text())).unwrap();
    let mut peer = Peer::connect(&socket, &[MessageInfo::of::<Bar>()], || {
        router.poll();
        router.stats().input("feed").unwrap().connects > 0
    });
    peer.write(&Bar::of(12));
    peer.write(&Bar::of(13));
    peer.send();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| router.poll()));
    assert!(panicked.is_err());
    router.poll();
    peer.write(&Bar::of(14));
    peer.send();
    router.poll();
    assert_eq!(router.fragile.0, [2, 1]);
}
