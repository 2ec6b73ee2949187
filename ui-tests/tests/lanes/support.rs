//! What the tests of lanes share.

use std::sync::mpsc::{RecvTimeoutError, channel};

use mycelium_rt::service;
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};
pub(crate) use mycelium_ui_tests::waiting::{DEADLINE, Socket, until};

/// Runs a case on a thread of its own, so that one that never ends fails, by its name.
#[track_caller]
pub(crate) fn watched<T: Send + 'static>(name: &str, case: impl FnOnce() -> T + Send + 'static) -> T {
    let (report, reports) = channel();
    let thread = std::thread::spawn(move || {
        let _ = report.send(case());
    });
    match reports.recv_timeout(DEADLINE + DEADLINE) {
        Ok(done) => done,
        Err(RecvTimeoutError::Timeout) => panic!("`{name}` did not end"),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => unreachable!("it sends before it ends"),
            Err(panic) => {
                println!("in `{name}`");
                std::panic::resume_unwind(panic)
            }
        },
    }
}

/// Keeps what it gets, in order.
#[derive(Default)]
pub(crate) struct Log(pub(crate) Vec<(&'static str, u64)>);

#[service]
impl Log {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.0.push(("Bar", bar.value));
    }

    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.0.push(("Signal", signal.value));
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(("Fill", fill.value));
    }

    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.0.push(("Breach", breach.value));
    }
}
