//! Whatever happens to links and inputs, no descriptor is leaked. One test alone, since descriptors belong to the process.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use mycelium_rt::link::{Address, InputSpec, Limits, LinkSpec, OnFull, Status, StreamInput, StreamLink};
use mycelium_rt::{Config, MessageInfo};

const TICK: &[MessageInfo] =
    &[MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 1)] }];
const TOCK: &[MessageInfo] = &[MessageInfo { layouts: &[(1, 8, 2)], ..TICK[0] }];

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn until(mut step: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !step() {
        assert!(Instant::now() < deadline);
    }
}

fn link(config: &Config, address: Address, messages: &'static [MessageInfo]) -> StreamLink {
    let spec = LinkSpec { on_full: OnFull::DropNewest, ..LinkSpec::new("desk", address, "test", messages) };
    StreamLink::open(spec, config).unwrap()
}

/// Connects, is refused, stays silent, is killed in the middle, and is closed by either end.
fn everything(config: &Config, address: &Address, path: Option<&str>) {
    let mut input = StreamInput::open(InputSpec::new("feed", address.clone(), "test", TICK), config).unwrap();
    let config = match input.local_address() {
        Some(there) => &config.clone().address("desk", &there.to_string()),
        None => config,
    };
    let mut links: Vec<_> = (0..6).map(|_| link(config, address.clone(), TICK)).collect();
    let mut refused = link(config, address.clone(), TOCK);
    let silence = |path| std::iter::repeat_with(move || UnixStream::connect(path).unwrap()).take(20);
    let silent: Vec<_> = path.into_iter().flat_map(silence).collect();
    let take = |input: &mut StreamInput| input.poll(|_, _, _| Ok::<(), &str>(()));
    until(|| {
        take(&mut input);
        let connected = links.iter_mut().all(|link| link.poll() == Status::Connected);
        connected && refused.poll() == Status::Refused
    });
    links.truncate(3);
    until(|| {
        take(&mut input);
        input.peers() == 3
    });
    for link in &mut links {
        link.send_bytes(7, &[1; 8]).unwrap();
    }
    // One is refused for its body; the input disconnects the others.
    until(|| {
        input.poll(|_, _, _| Err("not allowed"));
        input.peers() == 0
    });
    drop(silent);
    drop(input);
    until(|| links.iter_mut().all(|link| link.poll() != Status::Connected));
}

#[test]
fn no_descriptor_is_left() {
    let folder = std::env::temp_dir().join(format!("mycelium-descriptors-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("s").to_str().unwrap().to_owned();
    let limits = Limits { pending: 8, backoff_max: Duration::from_millis(2), ..Limits::default() };
    let unix = Config::new().limits(limits).address("feed", &path).address("desk", &path);
    let tcp = Config::new().limits(limits);
    let before = open_descriptors();
    for _ in 0..10 {
        everything(&unix, &Address::unix("/"), Some(&path));
        everything(&tcp, &Address::tcp("127.0.0.1:0"), None);
    }
    assert_eq!(open_descriptors(), before);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir(&folder).unwrap();
}
