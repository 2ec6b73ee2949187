//! The handlers of a message as in programs without a router: found at run time, and called through pointers.

use crate::messages::Quote;
use crate::ours::direct::{Best, Firm, Volume};

/// Handles quotes.
pub trait Handler {
    /// Handles one.
    fn handle(&mut self, quote: &Quote);
}

/// A type-erased handler.
pub type Closure = Box<dyn FnMut(&Quote)>;

/// Expands to a `Handler` that calls the service's own method.
macro_rules! handler {
    ($($service:ty)*) => {
        $(impl Handler for $service {
            fn handle(&mut self, quote: &Quote) {
                self.on_quote(quote);
            }
        })*
    };
}

handler!(Best Volume Firm);

/// The three services of the board, on the heap.
pub fn boxed() -> Vec<Box<dyn Handler>> {
    vec![Box::new(Best::default()), Box::new(Volume::default()), Box::new(Firm::default())]
}

/// The same, each in a closure.
pub fn closures() -> Vec<Closure> {
    let (mut best, mut volume, mut firm) = (Best::default(), Volume::default(), Firm::default());
    vec![
        Box::new(move |quote| best.on_quote(quote)),
        Box::new(move |quote| volume.on_quote(quote)),
        Box::new(move |quote| firm.on_quote(quote)),
    ]
}
