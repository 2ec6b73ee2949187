//! A lane on a tokio runtime, beside one on a thread.

use std::sync::mpsc::{Receiver, Sender, channel};

use mycelium_rt::{Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Heartbeat, Signal};

use crate::support::{DEADLINE, until};

/// Answers signals except 13, emits a breach when it starts, and heartbeats all the time.
#[derive(Default)]
struct Web {
    has_begun: bool,
    signals: Vec<u64>,
}

#[service]
impl Web {
    #[source]
    fn look(&mut self, cx: &mut impl Emit<Breach>) -> SourceState {
        if self.has_begun {
            return SourceState::Idle;
        }
        self.has_begun = true;
        cx.emit(&Breach::of(1));
        SourceState::Ready
    }

    #[every("1ms")]
    fn tick(&mut self, cx: &mut impl Emit<Heartbeat>) {
        cx.emit(&Heartbeat::of(1));
    }

    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        assert!(signal.value != 13, "unlucky");
        self.signals.push(signal.value);
        cx.emit(&Fill::of(signal.value));
    }
}

/// Sends signals, keeps the answers, and reports what else arrives.
struct Desk {
    fills: Vec<u64>,
    breaches: Sender<()>,
    heartbeats: Sender<()>,
}

#[service]
impl Desk {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::of(bar.value));
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.fills.push(fill.value);
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {
        let _ = self.breaches.send(());
    }

    #[handle]
    fn on_heartbeat(&mut self, _: &Heartbeat) {
        let _ = self.heartbeats.send(());
    }
}

// The paths back are queues that refuse, since lanes in a cycle must not wait for each other; they have room for all fills of a test.
routing_config! {
    name: Mixed,
    services: { desk: Desk, web: Web },
    routes: {
        Bar => [desk],
        Signal => [web],
        Fill => [desk via queue(4096, on_full = error)],
        Breach => [desk via queue(4096, on_full = error)],
        Heartbeat => [desk via queue(4096, on_full = error)],
    },
    lanes: { hot: thread [desk], io: tokio(on_panic = restart(backoff = "1ns")) [web] },
}

#[track_caller]
fn next(reports: &Receiver<()>) {
    reports.recv_timeout(DEADLINE).unwrap();
}

#[test]
fn a_lane_on_a_runtime_answers_ticks_restarts_and_gives_its_services_back() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let ((breaches, breach), (heartbeats, heartbeat)) = (channel(), channel());
    let factory = move || MixedServices {
        desk: Desk { fills: Vec::new(), breaches: breaches.clone(), heartbeats: heartbeats.clone() },
        web: Web::default(),
    };
    let running = Mixed::start_with(factory, &Config::new().tokio(runtime.handle().clone())).unwrap();
    let bars = running.sender::<Bar>();
    let send = |values: std::ops::Range<u64>| values.for_each(|value| bars.send(&Bar::of(value)).unwrap());
    next(&breach);
    next(&heartbeat);
    send(0..1000);
    let io = || *running.health().lane("io").unwrap();
    until("it has restarted", || io().restarts == 1);
    // By the source of the new service, and by its timer: those that the old one sent have been taken by then.
    next(&breach);
    heartbeat.try_iter().for_each(drop);
    next(&heartbeat);
    send(1000..2000);
    let ended = running.shutdown(DEADLINE);
    assert!(ended.left.is_empty() && ended.broken.is_none(), "{} {:?}", ended.left, ended.broken);
    let io = ended.health.lane("io").unwrap();
    assert_eq!((io.panics, io.restarts, io.lost_in_panics), (1, 1, 1));
    assert!(ended.services.web.signals.iter().copied().eq(14..2000), "restarted after 13");
    assert!(ended.services.desk.fills.iter().copied().eq((0..2000).filter(|value| *value != 13)), "kept its own");
    assert_eq!(breach.try_iter().count(), 0, "one breach of each service");
}
