//! `via task(N)`.

use std::sync::{Arc, Mutex};

use mycelium_rt::link::LinkError;
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use crate::support::{Log, until};

/// Takes its time, and answers each fill.
struct Writer {
    written: Arc<Mutex<Vec<u64>>>,
}

#[service]
impl Writer {
    #[handle]
    async fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Bar>) -> Result<(), String> {
        tokio::task::yield_now().await;
        if fill.value == 3 {
            return Err("three".to_owned());
        }
        self.written.lock().map_err(|error| error.to_string())?.push(fill.value);
        cx.emit(&Bar::of(fill.value));
        Ok(())
    }

    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        if let Ok(mut written) = self.written.lock() {
            written.push(100 + breach.value);
        }
    }
}

/// Sends so many fills and a breach.
struct Burst;

#[service]
impl Burst {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Fill> + Emit<Breach>)) {
        for value in 0..signal.value {
            cx.emit(&Fill::of(value));
        }
        cx.emit(&Breach::of(signal.value));
    }
}

routing_config! {
    name: Tasked,
    services: { burst: Burst, writer: Writer, log: Log },
    routes: {
        Signal => [burst],
        Fill => [writer via task(4), log],
        Breach => [writer via task(4)],
        Bar => [log],
    },
}

#[test]
fn a_task_takes_messages_in_order_and_what_it_emits_comes_back_by_poll() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let written = Arc::new(Mutex::new(Vec::new()));
    let services =
        TaskedServices { burst: Burst, writer: Writer { written: Arc::clone(&written) }, log: Log::default() };
    let mut router = Tasked::open(services, &Config::new().tokio(runtime.handle().clone())).unwrap();
    // More than its room: the default is to block.
    router.route_signal(&Signal::of(20));
    until("everything comes back", || {
        router.poll();
        router.log.0.iter().filter(|(name, _)| *name == "Bar").count() == 19
            && router.stats().queue("writer").unwrap().received == 21
    });
    let expected: Vec<_> = (0..20).filter(|value| *value != 3).chain([120]).collect();
    until("the last one is written", || *written.lock().unwrap() == expected);
    assert_eq!(router.stats().service("writer").unwrap().handler_errors, 1);
    assert_eq!(router.stats().queue("writer").unwrap().dropped(), 0);
}

#[test]
fn a_task_needs_a_runtime() {
    let services = TaskedServices { burst: Burst, writer: Writer { written: Arc::default() }, log: Log::default() };
    let error = Tasked::open(services, &Config::new()).err().unwrap();
    assert!(matches!(error, LinkError::Config(_)) && error.to_string().contains("writer"), "{error}");
}
