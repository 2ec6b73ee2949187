//! Sending orders to a venue.

use core::convert::Infallible;
use core::fmt::Display;

use contracts::{Cash, Fill, FillFields, Order};
use mycelium_rt::{Emit, service};

/// Where orders are executed.
pub trait Venue {
    /// Why an order was not executed.
    type Error: Display;

    /// Executes the whole `order`, or nothing.
    fn execute(&mut self, order: &Order) -> Result<Fill, Self::Error>;
}

/// A venue that fills every order at the price it was decided on, for a fixed fee.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaperVenue;

/// The fee of [`PaperVenue`] for each unit: five cents.
const FEE_PER_UNIT: Cash = Cash(50_000);

impl Venue for PaperVenue {
    type Error = Infallible;

    #[inline]
    fn execute(&mut self, order: &Order) -> Result<Fill, Infallible> {
        Ok(Fill::from(FillFields {
            order: order.id,
            day: order.day,
            index: order.index,
            side: order.side,
            quantity: order.quantity,
            price: order.price,
            fee: Cash(FEE_PER_UNIT.0 * order.quantity.0),
        }))
    }
}

/// Sends each order to its venue and reports the fill.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Execution<V> {
    /// The venue.
    pub venue: V,
}

#[service]
impl<V: Venue> Execution<V> {
    #[handle]
    fn on_order(&mut self, order: &Order, cx: &mut impl Emit<Fill>) -> Result<(), V::Error> {
        cx.emit(&self.venue.execute(order)?);
        Ok(())
    }
}
