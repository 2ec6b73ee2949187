use std::time::{SystemTime, UNIX_EPOCH};

use crate::TimestampNs;

/// Tells the time: a handler asks for it by `cx: &mut impl Clock`, or `cx: &mut (impl Emit<M> + Clock)`.
///
/// In a router it is the system's clock; a [`Recorder`](crate::testing::Recorder) has the time that the test sets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no clock",
    note = "contexts of routers and `mycelium_rt::testing::Recorder` have one"
)]
pub trait Clock {
    /// The time now, in nanoseconds since 1970-01-01 UTC.
    fn now(&self) -> TimestampNs;
}

/// The system's time; 0 if the clock stands before 1970.
#[inline]
pub fn system_now() -> TimestampNs {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimestampNs(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX))
}
