//! Both ends of a link in one process, each on a thread of its own, over shared memory and a Unix socket.

use std::path::PathBuf;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use contracts::{Fill, FillFields, OrderId};
use mycelium_rt::{Config, routing_config, service};

const MESSAGES: u64 = 5_000;

/// Longer than any machine takes, so that what never comes fails and does not hang.
const TOO_LONG: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Kept(u64);

#[service]
impl Kept {
    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        self.0 += 1;
    }
}

/// Takes fills in the order of their numbers.
#[derive(Default)]
struct Audit {
    next: u64,
}

#[service]
impl Audit {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        assert_eq!(fill.order, OrderId(self.next));
        self.next += 1;
    }
}

routing_config! {
    name: ShmDesk,
    services: { kept: Kept },
    routes: { Fill => [kept, audit via shm("/", slots = 16)] },
}

routing_config! {
    name: ShmAudit,
    services: { audit: Audit },
    inputs: { fills: shm("/") [Fill] },
    routes: { Fill => [audit] },
}

routing_config! {
    name: UnixDesk,
    services: { kept: Kept },
    routes: { Fill => [kept, audit via unix("/", batch = 8)] },
}

routing_config! {
    name: UnixAudit,
    services: { audit: Audit },
    inputs: { fills: unix("/") [Fill] },
    routes: { Fill => [audit] },
}

/// Sends all from one thread, takes all on another.
macro_rules! over {
    ($desk:ident, $desk_services:ident, $audit:ident, $audit_services:ident, $name:literal) => {{
        let path = path($name);
        let address = path.to_str().expect("a path of ours");
        let done = Barrier::new(2);
        std::thread::scope(|scope| {
            let services = $audit_services { audit: Audit::default() };
            let mut receiver =
                $audit::open(services, &Config::new().address("fills", address)).expect("an input that can be bound");
            let sending = scope.spawn(|| {
                let config = Config::new().address("audit", address).wait_for_peers(TOO_LONG);
                let mut sender = $desk::open($desk_services { kept: Kept::default() }, &config).expect("a peer");
                for number in 0..MESSAGES {
                    sender.route_fill(&Fill::from(FillFields { order: OrderId(number), ..FillFields::default() }));
                }
                until("everything is out", || {
                    sender.poll();
                    sender.flush();
                    sender.stats().link("audit").is_some_and(|link| link.sent == MESSAGES)
                });
                done.wait();
                assert_eq!(sender.kept.0, MESSAGES);
            });
            until("all fills are there", || {
                receiver.poll();
                receiver.audit.next == MESSAGES
            });
            done.wait();
            // The sanitizer knows this join, and not the end of a scope, which `std` waits for by itself.
            sending.join().expect("it has sent all");
        });
        let _ = std::fs::remove_file(&path);
    }};
}

pub(crate) fn run() -> String {
    over!(ShmDesk, ShmDeskServices, ShmAudit, ShmAuditServices, "shm");
    over!(UnixDesk, UnixDeskServices, UnixAudit, UnixAuditServices, "unix");
    format!("{MESSAGES} messages each over shared memory and a socket")
}

fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("mycelium-sanitized-{name}-{}", std::process::id()))
}

pub(crate) fn until(what: &str, mut step: impl FnMut() -> bool) {
    let deadline = Instant::now() + TOO_LONG;
    while !step() {
        assert!(Instant::now() < deadline, "not within {TOO_LONG:?}: {what}");
        std::thread::yield_now();
    }
}
