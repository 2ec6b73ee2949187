//! What is specific to sockets: paths, modes, users, and waiting.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::link::{
    Address, ConfigError, InputSpec, LinkError, LinkSpec, OnFull, Status, StreamInput, StreamLink, Users, wait,
};
use mycelium_rt::wire::Refusal;

use super::path::{BOTH, DEADLINE, Options, Path, Receiver, Sender, connect, until};
#[cfg(not(mycelium_portable))]
use super::shared_memory::ShmPath;
use super::streams::{Folder, TcpPath, UnixPath, link, quick};

fn bind(path: &str, config: Config) -> Result<StreamInput, LinkError> {
    StreamInput::open(InputSpec::new("feed", Address::unix("/"), "test", BOTH), &config.address("feed", path))
}

fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(&folder.0).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_socket_is_for_its_user_alone_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let input = bind(&folder.socket(), Config::new()).unwrap();
    assert_eq!(fs::metadata(folder.socket()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(&folder), ["s"]);
    drop(input);
    assert!(names(&folder).is_empty());
}

#[test]
fn a_path_that_a_dead_process_left_is_taken_over() {
    let folder = Folder::new();
    // The standard library does not remove the path, just like a process that is killed.
    drop(UnixListener::bind(folder.socket()).unwrap());
    assert_eq!(UnixStream::connect(folder.socket()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let input = bind(&folder.socket(), Config::new());
    assert!(input.is_ok(), "{input:?}");
    assert_eq!(names(&folder), ["s"]);
}

#[test]
fn a_path_that_is_in_use_is_left_alone() {
    let folder = Folder::new();
    let path = UnixPath(folder);
    let mut first = path.receiver(BOTH);
    assert!(matches!(bind(&path.0.socket(), Config::new()), Err(LinkError::InUse { .. })));
    let mut sender = path.sender(Options::default());
    connect(&mut sender, &mut first);
}

#[test]
fn a_file_that_is_not_a_socket_is_left_alone() {
    let folder = Folder::new();
    fs::write(folder.socket(), "precious").unwrap();
    let error = bind(&folder.socket(), Config::new()).unwrap_err();
    assert!(matches!(error, LinkError::Path { .. }));
    let text = error.to_string();
    assert!(text.contains("s: a regular file is there, not a socket: remove it, or choose another path"), "{text}");
    assert_eq!(fs::read_to_string(folder.socket()).unwrap(), "precious");
    assert_eq!(names(&folder), ["s"]);
}

#[test]
fn an_error_of_bind_says_what_is_in_the_way() {
    let folder = Folder::new();
    let socket = folder.socket();
    let error = |path: &str| bind(path, Config::new()).unwrap_err().to_string();
    fs::create_dir(&socket).unwrap();
    assert!(error(&socket).contains("a directory is there, not a socket"), "{}", error(&socket));
    let within = format!("{socket}/deeper/s");
    let missing = format!("link `feed`: {within}: there is no directory `{socket}/deeper`: create it first");
    assert_eq!(error(&within), missing);
    fs::remove_dir(&socket).unwrap();
    std::os::unix::fs::symlink("nowhere", &socket).unwrap();
    assert!(error(&socket).contains("a symbolic link is there"), "{}", error(&socket));
    fs::remove_file(&socket).unwrap();
    fs::write(&socket, "").unwrap();
    assert!(error(&format!("{socket}/s")).contains("is not a directory"), "{}", error(&format!("{socket}/s")));
}

/// The error of a link that waits for its peer at `path`.
fn no_peer(path: &str) -> String {
    let config = Config::new().address("desk", path).wait_for_peers(Duration::from_millis(5));
    StreamLink::open(LinkSpec::new("desk", Address::unix("/"), "test", BOTH), &config).unwrap_err().to_string()
}

#[test]
fn an_error_of_connect_says_what_is_at_the_path() {
    let folder = Folder::new();
    assert!(no_peer(&folder.socket()).ends_with("no input has bound the path"), "{}", no_peer(&folder.socket()));
    drop(UnixListener::bind(folder.socket()).unwrap());
    assert!(no_peer(&folder.socket()).ends_with("the process that had bound the path is gone"));
    fs::remove_file(folder.socket()).unwrap();
    fs::write(folder.socket(), "precious").unwrap();
    assert!(no_peer(&folder.socket()).ends_with("what is there is not a socket"));
    fs::remove_file(folder.socket()).unwrap();
    #[cfg(not(mycelium_portable))]
    {
        let shm = ShmPath::at(folder);
        let _input = shm.receiver(BOTH);
        assert!(no_peer(&shm.0.socket()).ends_with("`shm` at one end and `unix` at the other"));
    }
}

#[test]
fn localhost_is_bound_at_both_families_where_there_are_both() {
    let spec = InputSpec::new("feed", Address::tcp("localhost:0"), "test", BOTH);
    let mut input = StreamInput::open(spec, &Config::new()).unwrap();
    let bound: Vec<_> = input.local_addresses().collect();
    let named: Vec<_> = std::net::ToSocketAddrs::to_socket_addrs("localhost:0").unwrap().map(|it| it.ip()).collect();
    let mut expected = 0;
    for ip in ["127.0.0.1", "::1"].map(|ip| ip.parse::<std::net::IpAddr>().unwrap()) {
        if named.contains(&ip) && std::net::TcpListener::bind((ip, 0)).is_ok() {
            assert!(bound.iter().any(|address| address.ip() == ip), "{ip} in {bound:?}");
            expected += 1;
        }
    }
    assert!(expected > 0 && bound.len() == expected, "{bound:?}");
    for (count, address) in (1..).zip(bound) {
        assert_eq!(address.port(), input.local_address().unwrap().port());
        let mut link = link(
            "desk",
            Address::tcp("localhost:1"),
            &quick(false).address("desk", &address.to_string()),
            Options::default(),
        );
        connect(&mut link, &mut input);
        link.send_number(count).unwrap();
        let mut numbers = Vec::new();
        until("it arrives", || {
            link.flush();
            input.take(&mut numbers);
            numbers == [count]
        });
    }
}

#[test]
fn a_path_that_another_process_has_taken_over_is_not_removed() {
    let folder = Folder::new();
    let first = bind(&folder.socket(), Config::new()).unwrap();
    fs::remove_file(folder.socket()).unwrap();
    let _second = bind(&folder.socket(), Config::new()).unwrap();
    drop(first);
    assert_eq!(names(&folder), ["s"]);
}

#[test]
fn one_of_many_that_bind_a_stale_path_at_once_wins() {
    for _ in 0..20 {
        let folder = Folder::new();
        drop(UnixListener::bind(folder.socket()).unwrap());
        let inputs: Vec<_> = std::thread::scope(|scope| {
            let binding: Vec<_> = (0..4).map(|_| scope.spawn(|| bind(&folder.socket(), Config::new()))).collect();
            binding.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(inputs.iter().filter(|it| it.is_ok()).count(), 1);
        assert!(inputs.iter().all(|it| matches!(it, Ok(_) | Err(LinkError::InUse { .. }))));
        assert_eq!(names(&folder), ["s"]);
    }
}

#[test]
fn another_user_is_refused_by_either_side() {
    let nobody = || Config::new().users(Users::Ids(vec![rustix::process::geteuid().as_raw() + 1]));
    let path = UnixPath::new();
    let mut input = bind(&path.0.socket(), nobody()).unwrap();
    let mut link = path.sender(Options::default());
    until("the input refuses", || {
        input.take(&mut Vec::new());
        link.poll();
        input.stats().refused > 0 && link.stats().refused > 0
    });
    assert_eq!(link.refusal(), Some(&Refusal::User));

    let path = UnixPath::new();
    let _input = path.receiver(BOTH);
    let spec = LinkSpec::new("desk", Address::unix("/"), "test", BOTH);
    let mut link = StreamLink::open(spec, &nobody().address("desk", &path.0.socket())).unwrap();
    until("the link refuses", || link.poll() == Status::Refused);
    assert_eq!(link.refusal(), Some(&Refusal::User));
}

#[test]
fn tcp_beyond_loopback_must_be_allowed_explicitly() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7402"] {
        let config = Config::new().address("desk", address).address("feed", address);
        let insecure = |it| matches!(it, Err(LinkError::Config(ConfigError::Insecure { .. })));
        let link = LinkSpec::new("desk", Address::tcp("localhost:1"), "test", BOTH);
        let input = InputSpec::new("feed", Address::tcp("localhost:1"), "test", BOTH);
        assert!(insecure(StreamLink::open(link.clone(), &config).map(|_| ())));
        assert!(insecure(StreamInput::open(input.clone(), &config).map(|_| ())));
        assert!(StreamLink::open(LinkSpec { insecure: true, ..link }, &config).is_ok());
        if address.starts_with("0.") {
            assert!(StreamInput::open(InputSpec { insecure: true, ..input }, &config).is_ok());
        }
    }
}

#[test]
#[cfg(not(feature = "tls"))]
fn tls_needs_its_feature() {
    let link = LinkSpec { tls: true, ..LinkSpec::new("desk", Address::tcp("127.0.0.1:1"), "test", BOTH) };
    let input = InputSpec { tls: true, ..InputSpec::new("feed", Address::tcp("127.0.0.1:0"), "test", BOTH) };
    let errors = [StreamLink::open(link, &Config::new()).err(), StreamInput::open(input, &Config::new()).err()];
    for (error, name) in errors.into_iter().zip(["desk", "feed"]) {
        let expected =
            format!("link `{name}`: the feature `tls` of `mycelium-rt` is needed: turn it on in `Cargo.toml`");
        assert_eq!(error.unwrap().to_string(), expected);
    }
}

#[test]
fn tcp_sends_small_messages_at_once() {
    let (link, _input) = TcpPath::pair(Options::default());
    let interest = link.interest().unwrap();
    assert!(rustix::net::sockopt::tcp_nodelay(interest.descriptor).unwrap());
}

#[cfg(not(mycelium_portable))]
#[test]
fn an_input_over_tcp_sleeps_on_after_a_message() {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let (mut link, mut input) = TcpPath::pair(Options::default());
    let (now, soon) = (Timespec { tv_sec: 0, tv_nsec: 0 }, Timespec { tv_sec: DEADLINE.as_secs() as i64, tv_nsec: 0 });
    let is_awake =
        |input: &StreamInput, timeout| poll(&mut [PollFd::new(input, PollFlags::IN)], Some(timeout)).unwrap();
    for number in 1..20 {
        assert!(input.park());
        assert_eq!(is_awake(&input, &now), 0, "nothing is left of message {}", number - 1);
        link.send_number(number).unwrap();
        let mut numbers = Vec::new();
        while numbers.is_empty() {
            assert_eq!(is_awake(&input, &soon), 1);
            input.take(&mut numbers);
        }
        assert_eq!(numbers, [number]);
    }
}

#[test]
fn an_input_wakes_up_for_a_peer_and_for_a_message() {
    let path = UnixPath::new();
    let mut input = path.receiver(BOTH);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let mut link = path.sender(Options::default());
            link.wait_for_peer(Instant::now() + DEADLINE).unwrap();
            link.send_number(1).unwrap();
            link
        });
        let (before, mut numbers) = (Instant::now(), Vec::new());
        while numbers.is_empty() {
            // Far longer than the test may take: if it does not wake up, the test fails below.
            input.wait(10 * DEADLINE);
            input.take(&mut numbers);
        }
        assert!(before.elapsed() < DEADLINE);
        sending.join().unwrap();
    });
}

#[test]
fn a_link_reports_what_it_waits_for() {
    let path = UnixPath::new();
    let mut link = path.sender(Options { on_full: OnFull::DropNewest, ..Options::default() });
    assert!(link.interest().is_none() && link.timer().is_some());
    let mut input = path.receiver(BOTH);
    connect(&mut link, &mut input);
    assert!(link.timer().is_none());
    let interest = link.interest().unwrap();
    assert!(interest.readable && !interest.writable);
    assert!(!wait(Some(interest), Some(Duration::ZERO)).unwrap());
    drop(input);
    assert!(wait(link.interest(), Some(DEADLINE)).unwrap());
    until("it notices", || StreamLink::poll(&mut link) != Status::Connected);
}

#[test]
fn many_peers_are_served_side_by_side() {
    for count in [1, 4, 5, 40] {
        let path = UnixPath::new();
        let mut input = path.receiver(BOTH);
        let mut links: Vec<_> = (0..count).map(|_| path.sender(Options::default())).collect();
        for link in &mut links {
            connect(link, &mut input);
        }
        let mut numbers = Vec::new();
        for (number, link) in (0..).zip(&mut links) {
            for round in 0..10 {
                link.send_number(number + 100 * round).unwrap();
            }
        }
        until("all arrive", || {
            input.take(&mut numbers);
            numbers.len() == 10 * count
        });
        for number in 0..count as u64 {
            assert!(numbers.iter().filter(|it| **it % 100 == number).is_sorted());
        }
        let half = links.split_off(count / 2);
        drop(half);
        until("half of them are gone", || {
            input.take(&mut numbers);
            input.peers() == count / 2
        });
        for link in &mut links {
            link.send_number(1).unwrap();
        }
        until("the others go on", || {
            input.take(&mut numbers);
            numbers.len() == 10 * count + count / 2
        });
        assert_eq!(input.stats().gaps, 0);
    }
}
