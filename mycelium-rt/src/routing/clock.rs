use crate::TimestampNs;

/// Tells the time: a handler asks for it by `cx: &mut impl Clock`, or `cx: &mut (impl Emit<M> + Clock)`.
///
/// In a router it is the system's clock; a [`Recorder`](crate::testing::Recorder) has the time that the test sets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no clock",
    note = "contexts of routers and `mycelium_rt::testing::Recorder` have one"
)]
pub trait Clock {
    /// The time now.
    fn now(&self) -> TimestampNs;
}
