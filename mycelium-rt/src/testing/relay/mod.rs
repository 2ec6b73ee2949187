//! A relay that stands between a link and an input, and makes trouble when told.

mod faults;
mod frames;
mod socket;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use self::faults::Faults;
use self::socket::{Listener, Socket, Target};
use super::Random;

pub use self::faults::RelayStats;

/// Stands between the links that send to it and an input, and passes on what they send, message by message: it loses some, holds
/// them up, or cuts connections, when the test says so. To the link it is the input, to the input it is the link.
///
/// It understands what goes over `unix` and over `tcp` without TLS. What it loses is a gap to the receiver, like any loss on the way.
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

impl Relay {
    /// Listens at `listen`, a path where nothing is yet, and passes on to the input at `target`.
    ///
    /// # Errors
    /// When it can't listen there. An input that is not there is noticed when a link connects, and refuses it.
    pub fn unix(listen: impl AsRef<Path>, target: impl AsRef<Path>) -> io::Result<Self> {
        let listen = listen.as_ref();
        let listener = Listener::unix(listen)?;
        Self::start(listener, Target::Unix(target.as_ref().to_owned()), listen.display().to_string())
    }

    /// Listens at a free port of the loopback interface, see [`address`](Self::address), and passes on to the input at `target`.
    ///
    /// # Errors
    /// When it can't listen.
    pub fn tcp(target: &str) -> io::Result<Self> {
        let (listener, address) = Listener::tcp()?;
        Self::start(listener, Target::Tcp(target.to_owned()), address)
    }

    fn start(listener: Listener, target: Target, address: String) -> io::Result<Self> {
        let (listener, faults) = (Arc::new(listener), Arc::new(Faults::default()));
        let (accepting, told) = (Arc::clone(&listener), Arc::clone(&faults));
        let acceptor = spawn("relay", move || accept(&accepting, &target, &told))?;
        Ok(Self { address, faults, listener, acceptor: Some(acceptor) })
    }

    /// Where links have to connect to: a path, or `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Loses the next `messages` messages.
    pub fn drop_next(&self, messages: u64) {
        self.faults.change(|plan| plan.drop_next = messages);
    }

    /// Loses one message in `one_in`, at random; the same `seed` loses the same ones. Zero loses none.
    pub fn drop_at_random(&self, seed: u64, one_in: u32) {
        self.faults.change(|plan| (plan.random, plan.one_in) = (Random::seeded(seed), one_in));
    }

    /// Passes each message on so much later.
    pub fn delay(&self, delay: Duration) {
        self.faults.change(|plan| plan.delay = delay);
    }

    /// Passes nothing on until [`release`](Self::release). What links send meanwhile stays on the way, as far as there is room.
    pub fn hold(&self) {
        self.faults.change(|plan| plan.held = true);
    }

    /// Goes on after [`hold`](Self::hold).
    pub fn release(&self) {
        self.faults.change(|plan| plan.held = false);
    }

    /// Cuts all connections that there are. Links may connect again.
    pub fn close(&self) {
        self.faults.cut();
    }

    /// While this is set, connections are cut as soon as they come.
    pub fn refuse(&self, refuse: bool) {
        self.faults.change(|plan| plan.refuse = refuse);
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> RelayStats {
        self.faults.stats()
    }

    /// Waits until `stats` are as wanted; says whether they were within `timeout`.
    pub fn wait_until(&self, timeout: Duration, wanted: impl Fn(RelayStats) -> bool) -> bool {
        self.faults.wait_until(timeout, wanted)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.faults.stop();
        self.listener.wake();
        if let Some(acceptor) = self.acceptor.take() {
            // A panic of it is nothing that a test wants to hear of twice.
            let _ = acceptor.join();
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// Takes connections until told to stop, then waits for the threads of all of them.
fn accept(listener: &Listener, target: &Target, faults: &Arc<Faults>) {
    let mut threads = Vec::new();
    while let Ok(link) = listener.accept() {
        if faults.is_stopped() {
            break;
        }
        if faults.refuses() {
            continue;
        }
        // Without an input, dropping the connection tells the link.
        if let Ok(input) = target.connect() {
            threads.extend(pass(&link, &input, faults));
        }
        threads.retain(|thread: &JoinHandle<()>| !thread.is_finished());
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Passes on in both directions. When one ends, so does the other.
fn pass(link: &Socket, input: &Socket, faults: &Arc<Faults>) -> Vec<JoinHandle<()>> {
    let number = faults.connected(link, input);
    let forth = (link.try_clone(), input.try_clone(), Arc::clone(faults));
    let back = (input.try_clone(), link.try_clone());
    let forth = spawn("relay-forth", move || {
        if let (Ok(from), Ok(to), faults) = forth {
            // However it ends, the connection ends with it.
            let _ = frames::pass(&from, &to, &faults);
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
