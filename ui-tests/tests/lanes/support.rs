//! What the tests of lanes share.

use mycelium_rt::service;
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};
pub(crate) use mycelium_ui_tests::waiting::{DEADLINE, Socket, until};

/// Keeps what it is given, in order.
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
