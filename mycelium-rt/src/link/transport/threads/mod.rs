//! Links between two threads of one process: a ring with the policies and counters of a link.

mod receiver;
mod sender;

pub use receiver::RingReceiver;
pub(crate) use sender::Others;
pub use sender::RingSender;
#[cfg(feature = "tokio")]
pub(crate) use sender::Unchecked;

use crate::link::report::Report;
use crate::link::{Batch, ConfigError, Counters, LinkError, OnFull};
use crate::notice::Notices;
use crate::ring;

/// A queue from one thread to another: how much it holds, and what it does when it is full.
///
/// Messages arrive in order and at most once. A receiver that polls sees them as soon as they are sent; one that sleeps is
/// woken with each batch. [`open`](Self::open) allocates all memory.
///
/// ```
/// use mycelium_rt::link::{Batch, RingSpec};
/// use mycelium_rt::ring::Ready;
///
/// let spec = RingSpec { capacity: 64, max_body: 8, batch: Batch::of(16), ..RingSpec::new("ticks") };
/// let (mut sender, mut receiver) = spec.open()?;
/// let sending = std::thread::spawn(move || {
///     for number in 0..1000_u64 {
///         sender.send_bytes(7, &number.to_le_bytes())?; // waits while there is no room
///     }
///     Ok::<(), mycelium_rt::link::SendError>(())
/// });
/// let mut sum = 0;
/// while receiver.wait(None) != Ready::Closed {
///     receiver.poll(usize::MAX, |_id, body| {
///         sum += body.try_into().map_or(0, u64::from_le_bytes);
///     });
/// }
/// sending.join().unwrap()?;
/// assert_eq!((sum, receiver.stats().received), (499_500, 1000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RingSpec {
    /// Its name in errors.
    pub name: &'static str,
    /// The number of messages that it holds.
    pub capacity: usize,
    /// The largest body of its messages, in bytes.
    pub max_body: usize,
    /// What happens to a message that finds the ring full.
    pub on_full: OnFull,
    /// When a receiver that sleeps is woken.
    pub batch: Batch,
}

impl RingSpec {
    /// Room for 256 messages of up to 1,024 bytes; a sender waits when it is full, and wakes the receiver with each message.
    pub const fn new(name: &'static str) -> Self {
        Self { name, capacity: 256, max_body: 1024, on_full: OnFull::Block, batch: Batch::low_latency() }
    }

    /// Opens the two ends.
    ///
    /// # Errors
    /// A ring that cannot be allocated, or the policy [`OnFull::DropOldest`]: an unread slot of a ring belongs to the
    /// receiver.
    pub fn open(self) -> Result<(RingSender, RingReceiver), LinkError> {
        self.on_full.check_for_queue(self.name)?;
        let (producer, consumer) = ring::queue(self.capacity, self.max_body)
            .map_err(|error| ConfigError::Contract { link: self.name.to_owned(), reason: error.to_string() })?;
        let report = Report::new(format!("ring `{}`", self.name), Notices::default());
        Ok((
            RingSender::new(self.on_full, self.batch, producer, report, Counters::default()),
            RingReceiver::new(consumer),
        ))
    }
}

/// Lanes move both ends to their threads.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<RingSender>();
    is_send::<RingReceiver>();
};
