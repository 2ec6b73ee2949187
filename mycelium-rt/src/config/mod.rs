//! The configuration of a router: what a deployment may change without a rebuild.

use std::collections::BTreeMap;
use std::path::Path;
#[cfg(not(all(test, mycelium_loom)))]
use std::sync::Arc;
use std::time::Duration;

mod address;
mod error;
mod files;
#[cfg(not(all(test, mycelium_loom)))]
mod hooks;
mod limits;
mod overrides;
#[cfg(feature = "tls")]
mod tls;

pub use address::Address;
pub use error::ConfigError;
#[cfg(not(all(test, mycelium_loom)))]
pub(crate) use hooks::Hooks;
#[cfg(not(all(test, mycelium_loom)))]
pub use hooks::{DeadLetter, Stuck};
pub use limits::Limits;
#[cfg(feature = "tls")]
pub use tls::Tls;

use self::overrides::Overrides;
use crate::clock::ClockSource;
use crate::clock::ManualClock;
use crate::counters::{Block, Counters, Group, LinkWords, Words};
use crate::notice::Notices;
use crate::schedule::Schedule;

/// The configuration of a router: addresses, cores, limits, trusted peers, and whether to wait for peers.
///
/// The address of a link is the first of: [`address`](Self::address); the environment variable `MYCELIUM_<LINK>` at the time of
/// [`from_env`](Self::from_env); a line `<link> = <address>` of a [`file`](Self::file); the address in `routing_config!`. Names are those
/// of links and inputs in `routing_config!`, case-insensitive. Opening a router with an unknown name is an error, so that a typo is never
/// silent.
///
/// ```
/// use mycelium_rt::Config;
/// use mycelium_rt::link::{Address, ConfigError};
/// use std::time::Duration;
///
/// let config = Config::new().address("desk", "127.0.0.1:7500").wait_for_peers(Duration::from_secs(5));
/// let desk = config.resolve("desk", &Address::tcp("127.0.0.1:7402"))?;
/// assert_eq!(desk.text(), "127.0.0.1:7500");
/// assert!(matches!(config.check_names(&["feed"]), Err(ConfigError::UnknownLink { .. })));
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    overrides: Overrides,
    wait: Option<Duration>,
    limits: Limits,
    users: Users,
    linger: Linger,
    end_within: EndWithin,
    quiet: bool,
    clock: ClockSource,
    schedule: Option<Schedule>,
    server_names: BTreeMap<String, String>,
    cores: BTreeMap<String, usize>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    #[cfg(not(all(test, mycelium_loom)))]
    hooks: Hooks,
    #[cfg(feature = "bus")]
    tokio: Option<tokio::runtime::Handle>,
    /// The block of counters of everything that is opened with this. Without one, each part has its own memory.
    block: Option<Block>,
}

/// How long a dropped link goes on writing its messages.
#[derive(Clone, Copy, Debug)]
struct Linger(Duration);

impl Default for Linger {
    fn default() -> Self {
        Self(Duration::from_secs(1))
    }
}

/// How long an end without a deadline may take.
#[derive(Clone, Copy, Debug)]
struct EndWithin(Duration);

impl Default for EndWithin {
    fn default() -> Self {
        Self(Duration::from_secs(5))
    }
}

/// The users that a peer on the same host may run as, according to the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Users {
    /// Only the user of this process.
    #[default]
    Same,
    /// These user ids.
    Ids(Vec<u32>),
}

impl Config {
    /// The same configuration for a router with at most `groups` groups of counters, all in one block.
    #[doc(hidden)]
    #[must_use]
    pub fn counting(&self, groups: usize) -> Self {
        Self { block: Some(Block::new(groups * Block::lines_of::<LinkWords>())), ..self.clone() }
    }

    /// The block of counters, if there is one.
    pub(crate) fn block(&self) -> Option<&Block> {
        self.block.as_ref()
    }

    /// Counters for a link or an input that is opened with this.
    pub(crate) fn counters(&self) -> Counters {
        self.block.as_ref().map_or_else(Counters::default, Counters::in_block)
    }

    /// A group of counters.
    pub(crate) fn words<T: Words>(&self) -> Group<T> {
        Group::of(self.block())
    }

    /// The default configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes addresses from the environment: `MYCELIUM_DESK` is the address of the link `desk`.
    pub fn from_env() -> Self {
        Self::from_vars(std::env::vars_os().filter_map(|(name, value)| {
            // Our names are ASCII. A value that is not UTF-8 is converted lossily, and is then refused with that text.
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        }))
    }

    /// Takes addresses from `vars`, which are like environment variables.
    pub fn from_vars(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { overrides: Overrides::of_environment(vars), ..Self::default() }
    }

    /// Takes addresses from a file with lines `name = address`. Empty lines and lines that begin with `#` are skipped.
    pub fn file(mut self, path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        self.overrides.read(path.as_ref())?;
        Ok(self)
    }

    /// Sets the address of one link.
    pub fn address(mut self, link: &str, address: &str) -> Self {
        self.overrides.set(link, address);
        self
    }

    /// Adds names of other routers of the same deployment, so that they can share one environment or file.
    pub fn known_elsewhere<'a>(mut self, links: impl IntoIterator<Item = &'a str>) -> Self {
        self.overrides.know_elsewhere(links);
        self
    }

    /// Makes `open` and `start` wait until every link has a peer, and fail if that takes longer than `deadline`.
    pub fn wait_for_peers(mut self, deadline: Duration) -> Self {
        self.wait = Some(deadline);
        self
    }

    /// Sets the core of a `pinned` lane, by the lane's name: the right core depends on the machine, not on the program. `start` refuses a
    /// name that is not a pinned lane.
    pub fn core(mut self, lane: &str, core: usize) -> Self {
        self.cores.insert(lane.to_owned(), core);
        self
    }

    /// Sets the limits of links and inputs. A value outside of its range is set to the nearest one in it.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits.in_range();
        self
    }

    /// Sets how long a dropped router or link goes on writing its messages; the default is one second. Messages lost then are counted, and
    /// a warning reports them. To get their number, call `close` instead.
    ///
    /// A peer that reads nothing delays a drop by that time, also on a thread of a runtime. With zero, only what the kernel takes at once
    /// is written.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = Linger(linger);
        self
    }

    /// Sets how long a router with lanes may take to end without an explicit deadline: after a lane has broken down, or its handle was
    /// dropped. The default is five seconds. After that, waiting senders give up, and what is left is reported, as at the deadline of a
    /// [`shutdown`](crate::lane::Running::shutdown). A shutdown that begins meanwhile may bring the deadline forward.
    ///
    /// If a router ends by itself, with everything delivered, this is how long the links of each lane may go on writing their messages.
    pub fn end_within(mut self, limit: Duration) -> Self {
        self.end_within = EndWithin(limit);
        self
    }

    /// Keeps warnings and errors off standard error, where they go without a subscriber of `tracing`.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Sets the users that peers on this host may run as.
    pub fn users(mut self, users: Users) -> Self {
        self.users = users;
        self
    }

    /// Lets the lanes of the router take turns by this schedule: see [`Schedule`].
    pub fn schedule(mut self, schedule: &Schedule) -> Self {
        self.schedule = Some(schedule.clone());
        self
    }

    /// Shows services this clock instead of the system's, and runs their timers by it.
    ///
    /// Without it there are two clocks. [`Clock::now`](crate::routing::Clock::now) is the time of day, which an administrator may set.
    /// Timers, pauses of sources and backoffs use a clock that never goes back. Behind a task that is tokio's, which `tokio::time::pause`
    /// stops while `now` goes on.
    pub fn clock(mut self, clock: ManualClock) -> Self {
        self.clock = ClockSource::Manual(clock);
        self
    }

    /// Sets the name that the certificate of a link's peer must have, if that is not the host in its address.
    pub fn server_name(mut self, link: &str, name: &str) -> Self {
        self.server_names.insert(link.to_lowercase(), name.to_owned());
        self
    }

    /// Sets the TLS identity of this process.
    ///
    /// Without it the files are named by the environment variables `MYCELIUM_TLS_CA`, `MYCELIUM_TLS_CERT` and `MYCELIUM_TLS_KEY`, or by the
    /// lines `tls_ca`, `tls_cert` and `tls_key` of a [`file`](Self::file).
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Calls `hook` for each message that is lost in a panic: of a lane on the lane's thread, behind a task on the task's thread.
    #[cfg(not(all(test, mycelium_loom)))]
    pub fn on_dead_letter(mut self, hook: impl Fn(&DeadLetter<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.dead_letter = Some(Arc::new(hook));
        self
    }

    /// Calls `hook` for each message in which a lane with a `watchdog` is stuck, on a thread of its own.
    #[cfg(not(all(test, mycelium_loom)))]
    pub fn on_stuck(mut self, hook: impl Fn(&Stuck) + Send + Sync + 'static) -> Self {
        self.hooks.stuck = Some(Arc::new(hook));
        self
    }

    /// Sets the runtime of services behind `task`. Services with `on_panic = restart` need its timer (`enable_time`).
    #[cfg(feature = "bus")]
    pub fn tokio(mut self, handle: tokio::runtime::Handle) -> Self {
        self.tokio = Some(handle);
        self
    }
}

/// What generated code reads.
impl Config {
    /// Refuses a configuration that names a link which is not in `known`.
    pub fn check_names(&self, known: &[&str]) -> Result<(), ConfigError> {
        let server_names = self.server_names.keys().map(|name| (name, format!("the server name of `{name}`")));
        self.overrides.check_names(known, server_names)
    }

    /// The address of `link`: that of this configuration, or else `declared`.
    pub fn resolve(&self, link: &str, declared: &Address) -> Result<Address, ConfigError> {
        self.overrides.resolve(link, declared)
    }

    /// The name that the certificate of the peer of `link` must have, if set.
    pub fn get_server_name(&self, link: &str) -> Option<&str> {
        self.server_names.get(link).map(String::as_str)
    }

    /// How long to wait for peers; `None` for not at all.
    pub fn get_wait_for_peers(&self) -> Option<Duration> {
        self.wait
    }

    /// The limits of links and inputs.
    pub fn get_limits(&self) -> &Limits {
        &self.limits
    }

    /// How long a dropped router or link goes on writing.
    pub fn get_linger(&self) -> Duration {
        self.linger.0
    }

    /// How long an end without a deadline may take.
    pub fn get_end_within(&self) -> Duration {
        self.end_within.0
    }

    /// Where a link or an input reports what goes wrong.
    pub(crate) fn notices(&self) -> Notices {
        Notices::new(self.quiet)
    }

    /// The users that peers may run as.
    pub fn get_users(&self) -> &Users {
        &self.users
    }

    /// The schedule of the lanes, if any.
    pub(crate) fn lane_schedule(&self) -> Option<&Schedule> {
        self.schedule.as_ref()
    }

    /// The cores of lanes, by the names of the lanes.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn cores(&self) -> &BTreeMap<String, usize> {
        &self.cores
    }

    /// The clock of the router.
    #[doc(hidden)]
    pub fn get_clock(&self) -> &ClockSource {
        &self.clock
    }

    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn hooks(&self) -> Hooks {
        Hooks { notices: self.notices(), ..self.hooks.clone() }
    }

    /// The runtime of services behind `task`.
    #[cfg(feature = "bus")]
    pub fn get_tokio(&self) -> Option<&tokio::runtime::Handle> {
        self.tokio.as_ref()
    }
}

#[cfg(feature = "tls")]
impl Config {
    /// The TLS identity of this process, for `link`.
    pub(crate) fn identity(&self, link: &str) -> Result<Tls, ConfigError> {
        if let Some(tls) = &self.tls {
            return Ok(tls.clone());
        }
        let reason = match self.overrides.tls_files() {
            Ok([authorities, certificate, key]) => return Ok(Tls::from_files(authorities, certificate, key)),
            Err(missing) => format!(
                "TLS needs certificates and a key: give `Config::tls`, or name the files by {missing} in the environment"
            ),
        };
        Err(ConfigError::Tls { link: link.to_owned(), reason })
    }
}
