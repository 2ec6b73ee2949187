//! Messages, services and a router in a crate that knows the runtime as `rt` and by no other name.
#![forbid(unsafe_code)]

/// The messages.
pub mod market {
    rt::include_contracts!();
}

use market::{Bar, Breach, BreachFields, Fill, Heartbeat, Signal, SignalFields};
use rt::{Emit, routing_config, service};

/// Turns bars into signals, and hears of breaches.
#[derive(Debug, Default)]
pub struct Strategy {
    /// The breaches so far.
    pub breaches: u64,
}

#[service(crate = rt)]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::from(SignalFields { value: bar.value }));
    }

    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.breaches += breach.value;
    }
}

/// Refuses large signals.
#[derive(Debug, Default)]
pub struct Risk;

#[service(crate = rt)]
impl Risk {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Breach>) -> Result<(), String> {
        if signal.value < 10 {
            return Ok(());
        }
        cx.emit(&Breach::from(BreachFields { value: signal.value }));
        Err(format!("{} is too much", signal.value))
    }
}

routing_config! {
    /// Everything that a router can have, under another name.
    #[derive(Debug)]
    name: pub Desk,
    contracts: market,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy], Signal => [risk], Breach => [strategy via local(4)] },
    ignore: [Fill, Heartbeat],
    on_error: propagate,
}

#[cfg(test)]
mod tests {
    use super::market::BarFields;
    use super::*;

    #[test]
    fn a_renamed_runtime_routes() {
        let mut desk = Desk::new(Strategy::default(), Risk);
        assert_eq!(desk.route_bar(&Bar::from(BarFields { value: 1 })), Ok(()));
        let error = desk.route_bar(&Bar::from(BarFields { value: 10 })).unwrap_err();
        assert_eq!(error.to_string(), "`risk` failed on `Signal`: 10 is too much");
        assert_eq!(desk.strategy.breaches, 10);
    }
}
