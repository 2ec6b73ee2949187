//! A program that gets the signal to end, twice. In a process of its own, since a signal reaches all systems of a process.

use std::sync::mpsc::channel;
use std::time::Duration;

use mycelium_rt::lane::Signals;
use mycelium_rt::link::{Limits, SendError};
use mycelium_rt::{Config, routing_config, service};
use mycelium_ui_tests::market::Bar;
use mycelium_ui_tests::waiting::{Socket, until};

/// Longer than anybody waits for a test.
const DEADLINE: Duration = Duration::from_secs(3600);

struct Nobody;

#[service]
impl Nobody {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}
}

routing_config! {
    name: Sender,
    routes: { Bar => [desk via unix("/nowhere/desk.sock", on_full = drop_newest)] },
}

routing_config! {
    name: Receiver,
    services: { nobody: Nobody },
    inputs: { feed: unix("/nowhere/desk.sock") [Bar] },
    routes: { Bar => [nobody] },
}

fn terminate() {
    let process = std::process::id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
}

#[test]
fn a_second_signal_ends_the_writing_to_a_peer_that_reads_nothing() {
    let (socket, signals) = (Socket::new(), Signals::catch().unwrap());
    let config = |name| {
        let limits = Limits { send_buffer: 64 * 1024, ..Limits::default() };
        Config::new().address(name, socket.text()).limits(limits).quiet()
    };
    let mut receiver = Receiver::open(ReceiverServices { nobody: Nobody }, &config("feed")).unwrap();
    let running = Sender::start(SenderServices {}, &config("desk")).unwrap();
    until("they connect", || {
        receiver.poll();
        running.stats().link("desk").unwrap().connects == 1
    });
    // From here on nobody reads.
    let bars = running.sender::<Bar>();
    until("the link is full", || {
        bars.send(&Bar::of(1)).unwrap();
        running.stats().link("desk").unwrap().dropped_newest > 0
    });
    let (tell, told) = channel();
    std::thread::spawn(move || {
        // Nobody may wait any more.
        let _ = tell.send(running.shutdown_on(signals, DEADLINE));
    });
    terminate();
    until("the end has begun", || bars.send(&Bar::of(2)) == Err(SendError::Closed));
    assert!(told.try_recv().is_err(), "the link may write for an hour");
    terminate();
    let ended = told.recv_timeout(Duration::from_secs(60)).expect("the second signal ends it");
    assert!(ended.stats.link("desk").unwrap().dropped_closed > 0);
    assert_eq!(ended.left.total(), ended.stats.link("desk").unwrap().dropped_closed);
}
