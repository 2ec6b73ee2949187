//! Messages without fields, of which no bytes tell how many there are, to a handler that takes what has arrived together.

use std::time::Duration;

use mycelium_rt::bus::{Bus, Ended, Runtime};
use mycelium_rt::{Config, routing_config, service};
use mycelium_ui_tests::empty::Ping;

const LONG: Duration = Duration::from_secs(60);

/// Counts pings.
#[derive(Default)]
struct Counter {
    pings: usize,
}

#[service]
impl Counter {
    #[handle]
    fn on_pings(&mut self, pings: &[Ping]) {
        self.pings += pings.len();
    }
}

routing_config! {
    name: Desk,
    services: { direct: Counter, back: Counter, queued: Counter, behind: Counter },
    routes: { Ping => [direct, back via local(4), queued via queue(64), behind via task(64)] },
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap()
}

#[test]
fn each_path_of_a_router_hands_over_every_one() {
    let tokio = runtime();
    let services = DeskServices {
        direct: Counter::default(),
        back: Counter::default(),
        queued: Counter::default(),
        behind: Counter::default(),
    };
    let desk = Desk::start(services, &Config::new().tokio(tokio.handle().clone())).unwrap();
    let pings = desk.sender::<Ping>();
    (0..200).for_each(|_| pings.send(&Ping::default()).unwrap());
    let ended = desk.shutdown(LONG);
    assert!(ended.left.is_empty(), "{}", ended.left);
    let DeskServices { direct, back, queued, behind } = ended.services;
    assert_eq!([direct.pings, back.pings, queued.pings, behind.pings], [200; 4]);
}

#[test]
fn a_bus_hands_over_every_one() {
    runtime().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let counter = runtime.spawn(Counter::default()).unwrap();
        let mut pings = bus.publisher::<Ping>().unwrap();
        (0..200).for_each(|_| assert_eq!(pings.publish(&Ping::default()), 1));
        assert_eq!(runtime.shutdown(LONG).await, Ended::default());
        assert_eq!(counter.join().await.unwrap().pings, 200);
    });
}
