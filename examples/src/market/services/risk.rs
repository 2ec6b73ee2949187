//! The limits that every signal must pass.

use contracts::{Breach, BreachFields, Fill, Order, OrderFields, OrderId, Quantity, Side, Signal};
use mycelium_rt::{Emit, service};

use crate::market::per_index::PerIndex;

/// The largest position, long or short, that may be held of each index.
const LIMITS: PerIndex<i64> = PerIndex { sp500: 60, nasdaq: 20 };

/// The decision on a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// The position is as wanted.
    Nothing,
    /// The position stays within the limits: send this order.
    Send(Order),
    /// The position would exceed a limit: refuse, and report the breach.
    Refuse(Breach),
}

/// Turns signals into orders while the wanted position is within its limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RiskManager {
    positions: PerIndex<i64>,
    orders_sent: u64,
}

#[service]
impl RiskManager {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Order> + Emit<Breach>)) {
        match self.check(signal) {
            Decision::Nothing => {}
            Decision::Send(order) => cx.emit(&order),
            Decision::Refuse(breach) => cx.emit(&breach),
        }
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.apply(fill);
    }
}

impl RiskManager {
    /// Decides on one signal.
    #[inline]
    pub fn check(&mut self, signal: &Signal) -> Decision {
        let held = *self.positions.get(signal.index);
        let wanted = signal.target.0;
        let limit = *LIMITS.get(signal.index);
        if wanted > limit || wanted < -limit {
            return Decision::Refuse(Breach::from(BreachFields {
                day: signal.day,
                index: signal.index,
                held: Quantity(held),
                wanted: signal.target,
                limit: Quantity(limit),
            }));
        }
        let change = wanted - held;
        if change == 0 {
            return Decision::Nothing;
        }
        self.orders_sent += 1;
        Decision::Send(Order::from(OrderFields {
            id: OrderId(self.orders_sent),
            day: signal.day,
            index: signal.index,
            side: if change > 0 { Side::Buy } else { Side::Sell },
            quantity: Quantity(change.abs()),
            price: signal.price,
        }))
    }

    /// Adds a fill to the positions that the limits apply to.
    #[inline]
    pub fn apply(&mut self, fill: &Fill) {
        *self.positions.get_mut(fill.index) += signed(fill.side, fill.quantity);
    }
}

/// The change of position by a fill: bought is positive.
#[inline]
pub(super) fn signed(side: Side, quantity: Quantity) -> i64 {
    match side {
        Side::Buy => quantity.0,
        Side::Sell => -quantity.0,
    }
}
