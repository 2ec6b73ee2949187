//! The sending end of shared memory.

use std::path::PathBuf;
use std::time::Duration;

use super::half_pool::HalfPool;
use super::handshake::Established;
use super::{Shm, ShmOptions};
use crate::Config;
use crate::Message;
use crate::link::sender::{Flushed, Unflushed};
use crate::link::transport::transmit::{Broken, Transmit};
use crate::link::wait::aside;
use crate::link::{Address, ConfigError, Counters, Interest, Link, LinkError, LinkSpec, OnFull, Users};
use crate::ring::parts::{Deadline, spin_until};
use crate::ring::{Geometry, PushError};
use crate::time::after;
use crate::wire::{Acceptance, Hello};

/// A link over shared memory: it connects, shakes hands, commits messages to a ring that the receiver reads, and reconnects
/// when the receiver goes.
///
/// Messages arrive in order and at most once. A message that is dropped, or was left unread by a receiver that ended, is
/// reported by the next one that arrives. A link without a peer counts as full: what happens then is up to its policy, see
/// [`OnFull`](crate::link::OnFull). A message that the peer does not know is not sent, and counted as
/// [`not_accepted`](crate::link::LinkStats::not_accepted); it never waits, and is no error.
///
/// Nothing happens between calls: the owner calls [`poll`](Self::poll) now and then, and [`flush`](Self::flush) when it has
/// nothing else to do. Once connected, sending allocates nothing and makes no system call, except to wake a receiver that
/// sleeps.
///
/// ```
/// use mycelium_rt::Config;
/// use mycelium_rt::link::{Address, InputSpec, LinkSpec, OnFull};
/// use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
/// use mycelium_rt::MessageInfo;
///
/// const TICK: MessageInfo =
///     MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0xfeed)] };
///
/// let path = std::env::temp_dir().join(format!("mycelium-doc-{}.sock", std::process::id()));
/// let config = Config::new().address("desk", &path.to_string_lossy()).known_elsewhere(["desk"]);
/// let here = Address::shm("/run/mycelium/desk.sock");
/// let mut input =
///     ShmInput::open(InputSpec::new("desk", here.clone(), "demo", &[TICK]), ShmOptions::default(), &config)?;
/// let mut link = ShmLink::open(LinkSpec::new("desk", here, "demo", &[TICK]), ShmOptions::default(), &config)?;
///
/// // Both ends on one thread: neither may wait for the other.
/// let mut seen = None;
/// while seen.is_none() {
///     if link.is_connected() {
///         link.send_bytes(7, &42u64.to_le_bytes())?;
///         link.flush();
///     }
///     link.poll();
///     input.poll(|id, _version, body| {
///         seen = Some((id, body.to_vec()));
///         Ok::<(), std::convert::Infallible>(())
///     });
/// }
/// assert_eq!(seen, Some((7, 42u64.to_le_bytes().to_vec())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type ShmLink = Link<Shm>;

impl ShmLink {
    /// Opens a link. Does not wait for the peer unless the configuration says so.
    ///
    /// # Errors
    /// An invalid address; messages that do not fit into a handshake; a ring that cannot be made; the policy
    /// [`OnFull::DropOldest`](crate::link::OnFull::DropOldest), since an unread slot of a ring belongs to the receiver. If
    /// the configuration says to wait for peers: no peer in time, or one whose messages do not agree.
    pub fn open(spec: LinkSpec, options: ShmOptions, config: &Config) -> Result<Self, LinkError> {
        Self::with_options(&spec, options, config)
    }

    /// Flushes and closes the link. What was committed stays there for the receiver to take; if the receiver is gone, it is
    /// lost, and counted as [`lost_in_flight`](crate::link::LinkStats::lost_in_flight). With
    /// [`OnFull::Latest`](crate::link::OnFull::Latest), what waits for room is handed over first, within the time that
    /// [`Config::linger`](crate::Config::linger) allows; otherwise there is nothing to wait for.
    pub fn close(&mut self) {
        self.close_lingering();
    }
}

/// Where a link over shared memory connects, and what it offers.
#[derive(Debug)]
pub struct ShmTx {
    pub(super) path: PathBuf,
    pub(super) users: Users,
    pub(super) hello: Hello,
    /// The ring for all messages of the link; a peer that accepts fewer gets a ring for those.
    pub(super) ring: Geometry,
    /// The source of halves with such a ring.
    pub(super) half_pool: HalfPool,
    /// Whether the sender, or its owner, sleeps while the ring is full.
    pub(super) sleeps: bool,
    /// Messages that were dropped while there was no ring, or left in one that broke: the next ring reports them.
    pub(super) lost: u64,
}

impl ShmTx {
    pub(super) fn new(
        spec: &LinkSpec,
        address: &Address,
        options: ShmOptions,
        hello: Hello,
        config: &Config,
    ) -> Result<Self, LinkError> {
        let (most, largest) = (config.get_limits().ring_bytes, hello.largest_body());
        let unsound = |reason: String| ConfigError::Contract { link: spec.name.to_owned(), reason };
        spec.on_full.check_for_ring(spec.name)?;
        let ring = Geometry::new(options.slots, largest).map_err(|e| unsound(e.to_string()))?;
        if ring.bytes() > most {
            let (slots, bytes) = (ring.slots(), ring.bytes());
            return Err(unsound(format!(
                "{slots} slots for messages of up to {largest} bytes are a ring of {bytes} bytes, more than `Limits::ring_bytes` allows \
                 ({most}): use fewer `slots`, or raise the limit at both ends"
            ))
            .into());
        }
        Ok(Self {
            path: PathBuf::from(address.text()),
            users: config.get_users().clone(),
            // One in use, and one whose last receiver has not noticed yet that its connection is over.
            half_pool: HalfPool::new(digest(&hello), Some(ring), 2),
            hello,
            ring,
            // With `latest` its owner sleeps while messages wait for room.
            sleeps: (!options.spin && spec.on_full.may_block()) || matches!(spec.on_full, OnFull::Latest { .. }),
            lost: 0,
        })
    }
}

/// A message belongs to the receiver as soon as it is in the ring: a flush only wakes a receiver that sleeps.
impl Transmit for ShmTx {
    const HOLDS: bool = false;

    #[inline(always)]
    fn push(&mut self, up: &mut Established, id: u16, _: u16, body: &[u8]) -> bool {
        match up.writer.try_push(id, body) {
            Ok(()) => true,
            Err(error) => up.not_pushed(error),
        }
    }

    #[inline(always)]
    fn push_all<M: Message>(&mut self, up: &mut Established, _: u16, messages: &[M]) -> usize {
        match up.writer.try_push_all(M::ID, messages.iter().map(M::as_bytes)) {
            Ok(taken) => taken,
            Err(error) => usize::from(up.not_pushed(error)),
        }
    }

    #[inline]
    fn flush(&mut self, up: Option<&mut Established>, held: Unflushed) -> Result<Flushed, Broken> {
        if let Some(up) = up
            && up.writer.flush()
        {
            up.channel.wake_peer();
        }
        Ok(held.into())
    }

    fn check(&mut self, up: &mut Established) -> Result<(), Broken> {
        if let Some(corrupt) = up.corrupt.take() {
            return Err(Broken::corrupt(corrupt));
        }
        match up.channel.read_wake_ups() {
            Ok(true) => Ok(()),
            Ok(false) => Err(Broken::gone("the peer is gone")),
            Err(error) => Err(Broken::corrupt(error)),
        }
    }

    fn greeted(&mut self, up: &mut Established, acceptance: Acceptance, _: &Counters) -> Acceptance {
        up.writer.note_lost(std::mem::take(&mut self.lost));
        acceptance
    }

    fn unread(up: &Established) -> u64 {
        up.writer.unread()
    }

    /// What the ring still held when the receiver ended has not arrived: the next ring reports it, and what this one could
    /// not report.
    fn lost(&mut self, up: Established) {
        self.lost = self.lost.saturating_add(up.writer.unread()).saturating_add(up.writer.unreported_lost());
    }

    fn note_lost(&mut self, up: Option<&mut Established>, messages: u64) {
        match up {
            Some(up) => up.writer.note_lost(messages),
            None => self.lost = self.lost.saturating_add(messages),
        }
    }

    fn interest<'a>(&'a self, up: &'a Established) -> Option<Interest<'a>> {
        Some(up.channel.interest())
    }

    fn park(&mut self, up: &mut Established) -> bool {
        let _ = up.writer.begin_park();
        !has_room(up)
    }

    fn unpark(&mut self, up: &mut Established) {
        up.writer.end_park();
    }

    /// Spins for a moment, then sleeps.
    fn wait_for_room(&mut self, up: &mut Established, timeout: Duration) {
        let deadline = Deadline::at(Some(after(timeout)));
        spin_until(&deadline, || has_room(up));
        if has_room(up) {
            return;
        }
        let _ = up.writer.begin_park();
        if !has_room(up) {
            aside(|| up.channel.sleep(deadline.left().unwrap_or_default()));
        }
        up.writer.end_park();
    }
}

fn has_room(up: &mut Established) -> bool {
    // A corrupt cursor is reported when the message is pushed.
    up.writer.has_space().unwrap_or(true)
}

impl Established {
    /// Returns that there was no room, and keeps the reason if the ring is of no more use.
    #[cold]
    fn not_pushed(&mut self, error: PushError) -> bool {
        if let PushError::Corrupt(corrupt) = error {
            self.corrupt = Some(corrupt);
        }
        false
    }
}

/// One number for all messages of a link, for people who compare two halves (FNV-1a).
pub(super) fn digest(hello: &Hello) -> u64 {
    let words = hello.messages.iter().flat_map(|entry| [u64::from(entry.id), entry.current().hash]);
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3))
}
