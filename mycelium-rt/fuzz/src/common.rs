//! Messages, paths and limits that the targets share.

use std::path::PathBuf;
use std::time::Duration;

use mycelium_rt::link::Limits;
use mycelium_rt::{Config, MessageInfo};

pub(crate) const TICK: MessageInfo =
    MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0xfeed)] };
pub(crate) const ODD: MessageInfo = MessageInfo {
    id: 9,
    name: "Odd",
    topic: "clock",
    version: 3,
    min_compatible: 1,
    layouts: &[(1, 6, 1), (3, 13, 2)],
};
pub(crate) const BOTH: &[MessageInfo] = &[TICK, ODD];

/// More steps than anything takes that ends at all.
pub(crate) const STEPS: usize = 1_000_000;

/// A socket path that no other process uses, and no other thread of this one.
pub(crate) fn path(target: &str) -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    std::env::temp_dir().join(format!("mycelium-fuzz-{target}-{}-{thread}", std::process::id()))
}

/// A configuration in which links and inputs called `it` are at `path`.
pub(crate) fn config(path: &std::path::Path) -> Config {
    let pause = Duration::from_secs(3600);
    let limits = Limits {
        connections: 2,
        pending: 2,
        send_buffer: 0,
        receive_buffer: 0,
        ring_bytes: 1 << 16,
        backoff: pause,
        backoff_max: pause,
        ..Limits::default()
    };
    Config::new().quiet().limits(limits).address("it", &path.to_string_lossy())
}

/// Whether a body is as large as its message.
pub(crate) fn is_whole(id: u16, body: &[u8]) -> bool {
    BOTH.iter().any(|info| info.id == id && info.size() == body.len())
}
