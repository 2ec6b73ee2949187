//! A relay between a link and an input that injects faults.

mod faults;
mod socket;

use std::io::{self, Read, Write};
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use self::faults::{Fate, Faults};
use self::socket::{Listener, Socket, Target};
use super::Random;
use crate::wire::{FRAME_HEADER, FrameHeader, HANDSHAKE_PREFIX, MAX_BODY, MAX_HANDSHAKE, frame_size};

pub use self::faults::RelayStats;

/// Forwards messages from links to an input, one by one, and drops or delays messages or cuts connections, as the test demands. To the link it is
/// the input, to the input it is the link.
///
/// It works for `unix`, and for `tcp` without TLS. To the receiver a dropped message is a gap, like any loss in transit.
///
/// ```
/// use contracts::{Bar, MESSAGES};
/// use mycelium_rt::Config;
/// use mycelium_rt::link::{Address, InputSpec, LinkSpec, StreamInput, StreamLink};
/// use mycelium_rt::testing::Relay;
///
/// let config = Config::new();
/// let spec = InputSpec::new("feed", Address::tcp("127.0.0.1:0"), "market", MESSAGES);
/// let mut input = StreamInput::open(spec, &config)?;
/// let target = input.local_address().map(|address| address.to_string()).unwrap_or_default();
///
/// let relay = Relay::tcp(&target)?;
/// let spec = LinkSpec::new("feed", Address::tcp("127.0.0.1:1"), "market", MESSAGES);
/// let mut link = StreamLink::open(spec, &config.clone().address("feed", relay.address()))?;
/// relay.drop_next(1);
/// while input.stats().received < 2 {
///     link.poll();
///     if link.stats().connects == 1 && link.stats().sent == 0 {
///         for _ in 0..3 {
///             link.send(&Bar::default())?;
///         }
///     }
///     input.poll(|_id, _version, _body| Ok::<(), std::fmt::Error>(()));
/// }
/// assert_eq!(input.stats().gaps, 1);
/// assert_eq!((relay.stats().passed, relay.stats().dropped), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Relay {
    address: String,
    faults: Arc<Faults>,
    listener: Arc<Listener>,
    acceptor: Option<JoinHandle<()>>,
}

#[cfg(unix)]
impl Relay {
    /// Listens at `listen`, a path that does not exist yet, and forwards to the input at `target`.
    ///
    /// # Errors
    /// If it can't listen there. Without an input at `target`, connections are closed when they come.
    pub fn unix(listen: impl AsRef<Path>, target: impl AsRef<Path>) -> io::Result<Self> {
        let listen = listen.as_ref();
        let listener = Listener::unix(listen)?;
        Self::start(listener, Target::Unix(target.as_ref().to_owned()), listen.display().to_string())
    }

    /// Listens at a free port of the loopback interface, see [`address`](Self::address), and forwards to the input at `target`.
    ///
    /// # Errors
    /// If it can't listen.
    pub fn tcp(target: &str) -> io::Result<Self> {
        let (listener, address) = Listener::tcp()?;
        Self::start(listener, Target::Tcp(target.to_owned()), address)
    }

    fn start(listener: Listener, target: Target, address: String) -> io::Result<Self> {
        let (listener, faults) = (Arc::new(listener), Arc::new(Faults::default()));
        let (accepting, plan) = (Arc::clone(&listener), Arc::clone(&faults));
        let acceptor = spawn("relay", move || accept(&accepting, &target, &plan))?;
        Ok(Self { address, faults, listener, acceptor: Some(acceptor) })
    }

    /// The address for links: a path, or `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Drops the next `messages` messages.
    pub fn drop_next(&self, messages: u64) {
        self.faults.change(|plan| plan.drop_next = messages);
    }

    /// Drops one message in `one_in`, at random; the same `seed` drops the same ones. Zero drops none.
    pub fn drop_at_random(&self, seed: u64, one_in: u32) {
        self.faults.change(|plan| (plan.random, plan.one_in) = (Random::seeded(seed), one_in));
    }

    /// Delays each message by `delay`.
    pub fn delay(&self, delay: Duration) {
        self.faults.change(|plan| plan.delay = delay);
    }

    /// Forwards nothing until [`release`](Self::release). What links send meanwhile stays in the buffers, as far as there is room.
    pub fn hold(&self) {
        self.faults.change(|plan| plan.held = true);
    }

    /// Goes on after [`hold`](Self::hold).
    pub fn release(&self) {
        self.faults.change(|plan| plan.held = false);
    }

    /// Cuts all current connections. Links may connect again.
    pub fn close(&self) {
        self.faults.cut();
    }

    /// While this is set, new connections are cut at once.
    pub fn refuse(&self, refuse: bool) {
        self.faults.change(|plan| plan.refuse = refuse);
    }

    /// What the relay has done so far.
    #[must_use]
    pub fn stats(&self) -> RelayStats {
        self.faults.stats()
    }

    /// Waits until `wanted` is true of the statistics. Returns false after `timeout`.
    pub fn wait_until(&self, timeout: Duration, wanted: impl Fn(RelayStats) -> bool) -> bool {
        self.faults.wait_until(timeout, wanted)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.faults.stop();
        self.listener.wake();
        if let Some(acceptor) = self.acceptor.take() {
            // Its panic was printed already.
            let _ = acceptor.join();
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// Accepts connections until the relay ends, then waits for the threads of all of them.
fn accept(listener: &Listener, target: &Target, faults: &Arc<Faults>) {
    let mut threads = Vec::new();
    while let Ok(link) = listener.accept() {
        if faults.is_stopped() {
            break;
        }
        if faults.refuses() {
            continue;
        }
        // Without an input the connection is dropped, which the link sees.
        if let Ok(input) = target.connect() {
            threads.extend(pass(&link, &input, faults));
        }
        threads.retain(|thread: &JoinHandle<()>| !thread.is_finished());
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Forwards in both directions. When one ends, so does the other.
fn pass(link: &Socket, input: &Socket, faults: &Arc<Faults>) -> Vec<JoinHandle<()>> {
    let number = faults.connected(link, input);
    let forth = (link.try_clone(), input.try_clone(), Arc::clone(faults));
    let back = (input.try_clone(), link.try_clone());
    let forth = spawn("relay-forth", move || {
        if let (Ok(from), Ok(to), faults) = forth {
            // The connection ends with it in any case.
            let _ = pass_frames(&from, &to, &faults);
            faults.disconnected(number);
        }
    });
    let back = spawn("relay-back", move || {
        if let (Ok(from), Ok(to)) = back {
            let _ = io::copy(&mut &from, &mut &to);
            from.cut();
            to.cut();
        }
    });
    [forth, back].into_iter().filter_map(Result::ok).collect()
}

/// Forwards the handshake of a link, and then its messages, until either end closes.
fn pass_frames(from: &Socket, to: &Socket, faults: &Faults) -> io::Result<()> {
    let (mut from, mut to) = (from, to);
    let mut buffer = vec![0; MAX_HANDSHAKE.max(frame_size(MAX_BODY))];
    let hello = hello(&mut from, &mut buffer)?;
    to.write_all(hello)?;
    loop {
        let frame = frame(&mut from, &mut buffer)?;
        let (fate, delay) = faults.fate();
        match fate {
            Fate::Pass => {
                // A fault of the test's plan, not a wait for something.
                faults.sleep(delay);
                to.write_all(frame)?;
            }
            Fate::Drop => {}
            Fate::Stop => return Ok(()),
        }
        faults.done(fate);
    }
}

/// `magic [u8; 8] | protocol u16 | kind u16 | len u32`, and `len` bytes.
fn hello<'a>(from: &mut impl Read, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let prefix = part(from, buffer, 0, HANDSHAKE_PREFIX)?;
    let len = prefix.last_chunk().map_or(0, |len| u32::from_le_bytes(*len) as usize);
    part(from, buffer, HANDSHAKE_PREFIX, len)
}

fn frame<'a>(from: &mut impl Read, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let header = part(from, buffer, 0, FRAME_HEADER)?;
    let len = header.first_chunk().map_or(0, |header| FrameHeader::from_bytes(header).len as usize);
    part(from, buffer, FRAME_HEADER, frame_size(len) - FRAME_HEADER)
}

/// Reads `len` bytes behind the first `start` bytes. Returns all `start + len` bytes.
fn part<'a>(from: &mut impl Read, buffer: &'a mut [u8], start: usize, len: usize) -> io::Result<&'a [u8]> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "longer than anything a link sends");
    from.read_exact(buffer.get_mut(start..start + len).ok_or_else(too_long)?)?;
    buffer.get(..start + len).ok_or_else(too_long)
}
