//! Panics while something is dropped: what a panic carried, a service that is replaced, a factory.

use std::panic::panic_any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill};
use tokio::runtime::Runtime;

use crate::support::{DEADLINE, until, watched};

/// Carried by a panic: dropping it panics with another one, for ever.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(Self);
    }
}

/// Panics when it is dropped, as often as the shared count allows.
#[derive(Clone)]
struct Grenade(Arc<AtomicUsize>);

impl Drop for Grenade {
    fn drop(&mut self) {
        let may = |left: usize| left.checked_sub(1);
        assert!(self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, may).is_err(), "dropped");
    }
}

/// Keeps numbers, shared by all its instances. Panics with a text on 13, with a bomb on 14, and when it is dropped.
struct Fuse {
    kept: Arc<Mutex<Vec<u64>>>,
    _grenade: Grenade,
}

#[service]
impl Fuse {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        match fill.value {
            13 => panic!("unlucky"),
            14 => panic_any(Bomb),
            number => self.kept.lock().unwrap().push(number),
        }
    }
}

/// Makes fills of bars.
struct Desk;

#[service]
impl Desk {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::of(bar.value));
    }
}

routing_config! {
    name: OnThread,
    services: { fuse: Fuse, desk: Desk },
    routes: { Bar => [desk], Fill => [fuse] },
    lanes: { hot: thread [desk], cold: thread(on_panic = restart(backoff = "1ns")) [fuse] },
}

routing_config! {
    name: OnTokio,
    services: { fuse: Fuse, desk: Desk },
    routes: { Bar => [desk], Fill => [fuse] },
    lanes: { hot: thread [desk], cold: tokio(on_panic = restart(backoff = "1ns")) [fuse] },
}

routing_config! {
    name: BehindTask,
    services: { fuse: Fuse, desk: Desk },
    routes: { Bar => [desk], Fill => [fuse via task(64, on_panic = restart(backoff = "1ns"))] },
    lanes: { hot: thread [desk] },
}

routing_config! {
    name: Stopping,
    services: { fuse: Fuse },
    routes: { Fill => [fuse] },
    lanes: { hot: thread [fuse] },
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Hooks may panic with anything, too.
fn config(runtime: &Runtime) -> Config {
    Config::new().tokio(runtime.handle().clone()).on_dead_letter(|_| panic_any(Bomb)).quiet()
}

macro_rules! goes_on_whatever_is_dropped {
    ($test:ident: $router:ident $services:ident) => {
        #[test]
        fn $test() {
            watched(stringify!($router), || {
                let runtime = runtime();
                let kept = Arc::<Mutex<Vec<u64>>>::default();
                // One for each service that is replaced or not used, and one for that of the factory.
                let (all, grenade) = (Arc::clone(&kept), Grenade(Arc::default()));
                let armed = Arc::clone(&grenade.0);
                let factory =
                    move || $services { fuse: Fuse { kept: Arc::clone(&all), _grenade: grenade.clone() }, desk: Desk };
                let running = $router::start_with(factory, &config(&runtime)).unwrap();
                armed.store(3, Ordering::Relaxed);
                let bars = running.sender::<Bar>();
                [1, 13, 2, 14, 3].iter().for_each(|value| bars.send(&Bar::of(*value)).unwrap());
                until("all that can be is handled", || *kept.lock().unwrap() == [1, 2, 3]);
                assert_eq!(armed.load(Ordering::Relaxed), 1, "each service that was replaced has panicked");
                let ended = running.shutdown(DEADLINE);
                assert!(ended.broken.is_none() && ended.left.is_empty(), "{:?} {}", ended.broken, ended.left);
                let lanes = ended.health.lanes.iter().map(|lane| (lane.panics, lane.restarts, lane.lost_in_panics));
                let tasks = ended.health.tasks.iter().map(|task| (task.panics, task.restarts, task.lost_in_panics));
                assert!(lanes.chain(tasks).any(|counts| counts == (2, 2, 2)));
                until("the factory is gone", || Arc::strong_count(&armed) == 2);
                armed.store(0, Ordering::Relaxed);
            });
        }
    };
}

goes_on_whatever_is_dropped!(a_lane_goes_on_whatever_panics_as_it_is_dropped: OnThread OnThreadServices);
goes_on_whatever_is_dropped!(a_lane_on_tokio_goes_on_whatever_panics_as_it_is_dropped: OnTokio OnTokioServices);
goes_on_whatever_is_dropped!(a_task_goes_on_if_drops_panic: BehindTask BehindTaskServices);

#[test]
fn a_lane_that_stops_by_a_panic_whose_payload_panics_ends_its_system() {
    watched("Stopping", || {
        let fuse = Fuse { kept: Arc::default(), _grenade: Grenade(Arc::default()) };
        let running = Stopping::start(StoppingServices { fuse }, &config(&runtime())).unwrap();
        running.sender::<Fill>().send(&Fill::of(14)).unwrap();
        let ended = running.join();
        assert_eq!(ended.broken.unwrap().reason, "a panic without a text");
        assert_eq!(ended.health.lane("hot").unwrap().lost_in_panics, 1);
    });
}

/// Panics with a bomb in the hook that the test names.
struct Hooked(&'static str);

#[service]
impl Hooked {
    fn startup(&mut self) {
        self.at("startup");
    }

    fn shutdown(&mut self) {
        self.at("shutdown");
    }

    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        self.at("on_fill");
    }
}

impl Hooked {
    fn at(&self, hook: &str) {
        if self.0 == hook {
            panic_any(Bomb);
        }
    }
}

routing_config! {
    name: WithHooks,
    services: { hooked: Hooked, other: Hooked },
    routes: { Fill => [hooked, other via task(4)] },
    lanes: { hot: thread [hooked] },
}

#[test]
fn a_hook_that_panics_with_a_payload_that_panics_delays_neither_start_nor_end() {
    for (hook, starts) in [("startup", false), ("shutdown", true), ("on_fill", true)] {
        for behind_task in [false, true] {
            watched(hook, move || {
                let hooked = |is_it| Hooked(if is_it { hook } else { "" });
                let services = WithHooksServices { hooked: hooked(!behind_task), other: hooked(behind_task) };
                let runtime = runtime();
                let running = match WithHooks::start(services, &config(&runtime)) {
                    Err(_) => return assert!(!starts, "{hook}"),
                    Ok(running) => running,
                };
                assert!(starts, "{hook}");
                running.sender::<Fill>().send(&Fill::of(1)).unwrap();
                let ended = running.shutdown(DEADLINE);
                assert_eq!(ended.broken.is_some(), hook == "on_fill" && !behind_task, "{hook}");
            });
        }
    }
}
