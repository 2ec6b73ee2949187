//! A process that has used up its descriptors. One test alone, since descriptors belong to the process.

use std::fs::File;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use mycelium_rt::link::{
    Address, InputSpec, Interest, Limits, LinkSpec, LinkStats, OnFull, Status, StreamInput, StreamLink, wait,
};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::{Config, MessageInfo};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const TICK: &[MessageInfo] =
    &[MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 1)] }];

/// The two ends of a path, as far as this test needs them.
trait Ends {
    type Link;
    type Input: AsFd;

    fn link(config: &Config) -> Self::Link;
    fn poll_link(link: &mut Self::Link) -> Status;
    fn send(link: &mut Self::Link);
    fn input(config: &Config) -> Self::Input;
    fn config(input: &Self::Input, config: &Config) -> Config;
    fn take(input: &mut Self::Input) -> usize;
    fn stats(input: &Self::Input) -> LinkStats;
    /// Prepares the owner to sleep, so that the descriptor of the input is up to date.
    fn park(input: &mut Self::Input);
    fn unpark(input: &mut Self::Input);
}

struct Unix;
struct Tcp;
struct Shm;

fn stream_link(config: &Config, address: Address) -> StreamLink {
    let spec = LinkSpec { on_full: OnFull::Error, ..LinkSpec::new("desk", address, "test", TICK) };
    StreamLink::open(spec, config).unwrap()
}

fn stream_input(config: &Config, address: Address) -> StreamInput {
    StreamInput::open(InputSpec::new("feed", address, "test", TICK), config).unwrap()
}

macro_rules! ends {
    ($path:ident, $link:ty, $input:ty, $open_link:expr, $open_input:expr, $address:expr, $park:expr, $unpark:expr) => {
        impl Ends for $path {
            type Link = $link;
            type Input = $input;

            fn link(config: &Config) -> $link {
                $open_link(config)
            }
            fn poll_link(link: &mut $link) -> Status {
                link.poll()
            }
            fn send(link: &mut $link) {
                link.send_bytes(7, &[1; 8]).unwrap();
            }
            fn input(config: &Config) -> $input {
                $open_input(config)
            }
            fn config(input: &$input, config: &Config) -> Config {
                $address(input, config)
            }
            fn take(input: &mut $input) -> usize {
                input.poll(|_, _, _| Ok::<(), &str>(()))
            }
            fn stats(input: &$input) -> LinkStats {
                input.stats()
            }
            fn park(input: &mut $input) {
                $park(input)
            }
            fn unpark(input: &mut $input) {
                $unpark(input)
            }
        }
    };
}

fn same<T>(_: &T, config: &Config) -> Config {
    config.clone()
}

fn bound(input: &StreamInput, config: &Config) -> Config {
    config.clone().address("desk", &input.local_address().unwrap().to_string())
}

fn shm_link(config: &Config) -> ShmLink {
    let spec = LinkSpec { on_full: OnFull::Error, ..LinkSpec::new("desk", Address::shm("/"), "test", TICK) };
    ShmLink::open(spec, ShmOptions::default(), config).unwrap()
}

fn shm_input(config: &Config) -> ShmInput {
    ShmInput::open(InputSpec::new("feed", Address::shm("/"), "test", TICK), ShmOptions::default(), config).unwrap()
}

ends!(
    Unix,
    StreamLink,
    StreamInput,
    |config| stream_link(config, Address::unix("/")),
    |config| stream_input(config, Address::unix("/")),
    same,
    |_: &mut _| {},
    |_: &mut _| {}
);
ends!(
    Tcp,
    StreamLink,
    StreamInput,
    |config| stream_link(config, Address::tcp("localhost:1")),
    |config| stream_input(config, Address::tcp("127.0.0.1:0")),
    bound,
    |_: &mut _| {},
    |_: &mut _| {}
);
ends!(
    Shm,
    ShmLink,
    ShmInput,
    shm_link,
    shm_input,
    same,
    |input: &mut ShmInput| {
        let _ = input.park();
    },
    ShmInput::unpark
);

#[track_caller]
fn until(mut step: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !step() {
        assert!(Instant::now() < deadline);
    }
}

/// All descriptors that are available.
fn use_up() -> Vec<File> {
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
        assert!(files.len() < 1000, "the limit does not hold");
    }
    files
}

fn newcomers_wait_and_peers_are_not_affected<E: Ends>(config: &Config, pause: Duration) {
    let limits = Limits { backoff: pause, backoff_max: pause, handshake: Duration::from_secs(60), ..Limits::default() };
    let mut input = E::input(&config.clone().limits(limits));
    let config = E::config(&input, config);
    let mut good = E::link(&config);
    until(|| {
        E::take(&mut input);
        E::poll_link(&mut good) == Status::Connected
    });
    // The kernel accepts its connection, which then waits for the input.
    let mut late = E::link(&config);
    let files = use_up();
    until(|| {
        E::poll_link(&mut late);
        E::take(&mut input);
        E::stats(&input).accept_failures > 0
    });
    for _ in 0..1000 {
        E::send(&mut good);
        until(|| E::take(&mut input) == 1);
    }
    let stats = E::stats(&input);
    assert_eq!((stats.connects, stats.disconnects, stats.connect_failures), (1, 0, 0));
    if pause > Duration::from_secs(60) {
        assert_eq!(stats.accept_failures, 1);
        // The newcomer, which still waits at the listener, wakes nothing either.
        E::park(&mut input);
        let listener = Interest { descriptor: input.as_fd(), readable: true, writable: false };
        assert!(!wait(Some(listener), Some(Duration::ZERO)).unwrap());
        E::unpark(&mut input);
        return;
    }
    drop(files);
    until(|| {
        E::take(&mut input);
        E::poll_link(&mut late) == Status::Connected
    });
    E::send(&mut late);
    until(|| E::take(&mut input) == 1);
    E::park(&mut input);
    let mut third = E::link(&config);
    E::poll_link(&mut third);
    let listener = Interest { descriptor: input.as_fd(), readable: true, writable: false };
    assert!(wait(Some(listener), Some(Duration::from_secs(20))).unwrap(), "newcomers wake the input again");
}

#[test]
fn newcomers_wait_for_free_descriptors_and_peers_are_not_affected() {
    let folder = std::env::temp_dir().join(format!("mycelium-out-of-descriptors-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(open + 64), ..before }).unwrap();
    let path = folder.join("s").to_str().unwrap().to_owned();
    let at_path = Config::new().address("feed", &path).address("desk", &path);
    for pause in [Duration::from_secs(3600), Duration::from_millis(1)] {
        newcomers_wait_and_peers_are_not_affected::<Unix>(&at_path, pause);
        newcomers_wait_and_peers_are_not_affected::<Tcp>(&Config::new(), pause);
        newcomers_wait_and_peers_are_not_affected::<Shm>(&at_path, pause);
    }
    setrlimit(Resource::Nofile, before).unwrap();
    std::fs::remove_dir(&folder).unwrap();
}
