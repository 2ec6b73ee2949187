//! Who takes the messages of an input, and for how long.

use std::fmt::Display;

/// Takes messages, as long as it goes on.
pub(crate) struct Delivery<D, G> {
    take: D,
    goes_on: G,
}

impl<D, G, E> Delivery<D, G>
where
    D: FnMut(u16, u16, &[u8]) -> Result<(), E>,
    G: Fn() -> bool,
    E: Display,
{
    pub(crate) fn new(take: D, goes_on: G) -> Self {
        Self { take, goes_on }
    }
}

/// What an input asks of it. A trait, so that the types of both closures are named in one place.
pub trait Deliver {
    /// What is wrong with a message.
    type Error: Display;

    /// Hands over one message: its id, its version, and its body.
    ///
    /// # Errors
    /// The body is not what its contract allows.
    fn take(&mut self, id: u16, version: u16, body: &[u8]) -> Result<(), Self::Error>;

    /// Whether another message may follow. To be asked before each.
    fn goes_on(&self) -> bool;
}

impl<D, G, E> Deliver for Delivery<D, G>
where
    D: FnMut(u16, u16, &[u8]) -> Result<(), E>,
    G: Fn() -> bool,
    E: Display,
{
    type Error = E;

    #[inline(always)]
    fn take(&mut self, id: u16, version: u16, body: &[u8]) -> Result<(), E> {
        (self.take)(id, version, body)
    }

    #[inline(always)]
    fn goes_on(&self) -> bool {
        (self.goes_on)()
    }
}
