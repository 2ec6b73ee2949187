//! The kinds of lanes, and the runtimes that they need.

use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use mycelium_rt::lane::{Routed, Running, StartError, System};
use mycelium_rt::{Config, routing_config};
use mycelium_ui_tests::dense::{M1, M2, M3, M4, M5, M6, M7, M8, M9, M16};
use tokio::runtime::{Builder, Handle, Runtime};

use super::services::{Desk, Fuse, Journal, Sink};

/// A kind of lane.
pub(super) trait Kind {
    type Router: System + Routed<M1> + Routed<M5> + Routed<M16>;
    const NAME: &'static str;

    fn runtime() -> Tokio {
        Tokio::of_several()
    }

    fn start(services: (Desk, Sink, Journal, Fuse), config: &Config) -> Result<Running<Self::Router>, StartError>;
}

macro_rules! kind {
    ($kind:ident: $router:ident $services:ident) => {
        fn start(
            (desk, sink, journal, fuse): (Desk, Sink, Journal, Fuse),
            config: &Config,
        ) -> Result<Running<$router>, StartError> {
            $router::start($services { desk, sink, journal, fuse }, config)
        }
        type Router = $router;
        const NAME: &'static str = stringify!($kind);
    };
}

pub(super) struct Parking;

routing_config! {
    name: pub(super) OfParking,
    services: { desk: Desk, sink: Sink, journal: Journal, fuse: Fuse },
    inputs: { feed: unix("feed") [M9] on hot },
    routes: {
        M1 => [desk],
        M2 => [sink via queue(4)],
        M3 => [out via unix("out")],
        M4 => [journal via task(256)],
        M5 => [fuse],
        M6 => [away via unix("away")],
        M7 => [desk via queue(512)],
        M8 => [desk],
        M9 => [desk],
        M16 => [fuse],
    },
    lanes: { hot: thread [desk], cold: thread [sink], third: thread [fuse] },
}

impl Kind for Parking {
    kind!(Parking: OfParking OfParkingServices);
}

pub(super) struct Spinning;

routing_config! {
    name: pub(super) OfSpinning,
    services: { desk: Desk, sink: Sink, journal: Journal, fuse: Fuse },
    inputs: { feed: unix("feed") [M9] on hot },
    routes: {
        M1 => [desk],
        M2 => [sink via queue(4)],
        M3 => [out via unix("out")],
        M4 => [journal via task(256)],
        M5 => [fuse],
        M6 => [away via unix("away")],
        M7 => [desk via queue(512)],
        M8 => [desk],
        M9 => [desk],
        M16 => [fuse],
    },
    lanes: { hot: thread(wait = spin) [desk], cold: thread(wait = yield) [sink], third: thread(wait = yield) [fuse] },
}

impl Kind for Spinning {
    kind!(Spinning: OfSpinning OfSpinningServices);
}

routing_config! {
    name: pub(super) OfTokio,
    services: { desk: Desk, sink: Sink, journal: Journal, fuse: Fuse },
    inputs: { feed: unix("feed") [M9] on hot },
    routes: {
        M1 => [desk],
        M2 => [sink via queue(4)],
        M3 => [out via unix("out")],
        M4 => [journal via task(256)],
        M5 => [fuse],
        M6 => [away via unix("away")],
        M7 => [desk via queue(512)],
        M8 => [desk],
        M9 => [desk],
        M16 => [fuse],
    },
    lanes: { hot: tokio [desk], cold: tokio [sink], third: thread [fuse] },
}

/// Tasks of a multi-thread runtime, which has one worker at first.
pub(super) struct OnSeveral;

impl Kind for OnSeveral {
    kind!(OnSeveral: OfTokio OfTokioServices);
}

/// On a current-thread runtime.
pub(super) struct OnOne;

impl Kind for OnOne {
    kind!(OnOne: OfTokio OfTokioServices);

    fn runtime() -> Tokio {
        Tokio::of_one()
    }
}

/// A runtime that works until this is dropped.
#[derive(Debug)]
pub(super) struct Tokio {
    handle: Handle,
    several: Option<Runtime>,
    one: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Tokio {
    fn of_several() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { handle: runtime.handle().clone(), several: Some(runtime), one: None }
    }

    fn of_one() -> Self {
        let ((end, ended), (report, reports)) = (channel::<()>(), channel());
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            report.send(runtime.handle().clone()).unwrap();
            let (wake, woken) = tokio::sync::oneshot::channel::<()>();
            let _waiting = runtime.spawn_blocking(move || {
                let _ = ended.recv();
                drop(wake);
            });
            let _ = runtime.block_on(woken);
        });
        Self { handle: reports.recv().unwrap(), several: None, one: Some((end, thread)) }
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Tokio {
    fn drop(&mut self) {
        // A handler may be running on it, which ends when it is released.
        if let Some(runtime) = self.several.take() {
            runtime.shutdown_background();
        }
        if let Some((end, thread)) = self.one.take() {
            drop(end);
            thread.join().unwrap();
        }
    }
}
