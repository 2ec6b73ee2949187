//! Peers in another PID namespace, as in a container: for those, the kernel reports process id 0.
//!
//! This program starts itself in one by `unshare`, which not every system allows.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use mycelium_rt::link::{Address, InputSpec, LinkSpec, LinkStats, StreamInput, StreamLink};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::{Config, MessageInfo};

const TICK: &[MessageInfo] =
    &[MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0x71c)] }];

/// Set if the process is one end of a path.
const FLAG: &str = "--end";

const MESSAGES: u64 = 100;
const DEADLINE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some([end, via, path]) = arguments.iter().position(|it| it == FLAG).map(|at| &arguments[at + 1..]) {
        run(end, via, Path::new(path));
        return ExitCode::SUCCESS;
    }
    let Some(unshare) = allowed() else {
        println!("NOT TESTED: this system does not allow new PID namespaces (`unshare --pid --fork`)");
        return ExitCode::SUCCESS;
    };
    for via in ["unix", "shm"] {
        for (inside, outside) in [("send", "receive"), ("receive", "send")] {
            let path = std::env::temp_dir().join(format!("mycelium-pid-{}-{via}-{inside}.sock", std::process::id()));
            let mut child = start(unshare, [inside, via], &path);
            run(outside, via, &path);
            let status = child.wait().expect("it was started");
            // A sender inside ends without closing, as if it were killed.
            assert!(status.success() || inside == "send", "{via}, {inside}: {status}");
            println!("test {via}, {inside} inside ... ok");
        }
    }
    ExitCode::SUCCESS
}

/// How a process enters a namespace of its own on this system, if it can.
fn allowed() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--pid", "--fork"], &["--user", "--map-root-user", "--pid", "--fork"]];
    ways.into_iter().find(|way| {
        let probe = Command::new("unshare").args(*way).arg("true").stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    })
}

fn start(unshare: &[&str], end: [&str; 2], path: &PathBuf) -> Child {
    let this = std::env::current_exe().expect("this program");
    let mut command = Command::new("unshare");
    command.args(unshare).arg("--kill-child").arg(this).arg(FLAG).args(end).arg(path);
    command.spawn().expect("it was tried before")
}

fn run(end: &str, via: &str, path: &Path) {
    let config = Config::new().address("it", &path.to_string_lossy());
    match (end, via) {
        ("send", "unix") => {
            let spec = LinkSpec::new("it", Address::unix("/"), "test", TICK);
            let mut link = StreamLink::open(spec, &config.wait_for_peers(DEADLINE)).unwrap();
            send(|body| link.send_bytes(7, body).unwrap());
            assert!(link.flush());
            leave_without_a_word();
        }
        ("send", "shm") => {
            let spec = LinkSpec::new("it", Address::shm("/"), "test", TICK);
            let mut link = ShmLink::open(spec, ShmOptions::default(), &config.wait_for_peers(DEADLINE)).unwrap();
            send(|body| link.send_bytes(7, body).unwrap());
            link.flush();
            leave_without_a_word();
        }
        ("receive", "unix") => {
            let mut input = StreamInput::open(InputSpec::new("it", Address::unix("/"), "test", TICK), &config).unwrap();
            receive(|| {
                input.poll(|_, _, _| Ok::<(), Infallible>(()));
                input.stats()
            });
        }
        ("receive", "shm") => {
            let spec = InputSpec::new("it", Address::shm("/"), "test", TICK);
            let mut input = ShmInput::open(spec, ShmOptions::default(), &config).unwrap();
            receive(|| {
                input.poll(|_, _, _| Ok::<(), Infallible>(()));
                input.stats()
            });
        }
        _ => panic!("`{end}` via `{via}`?"),
    }
}

fn send(mut send: impl FnMut(&[u8])) {
    for number in 0..MESSAGES {
        send(&number.to_le_bytes());
    }
}

/// The process inside ends as if it were killed. The one outside continues with the tests.
fn leave_without_a_word() {
    if std::env::args().any(|argument| argument == FLAG) {
        std::process::abort();
    }
}

/// Receives until everything has arrived and the sender's end was noticed.
fn receive(mut poll: impl FnMut() -> LinkStats) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let stats = poll();
        if (stats.received, stats.gaps, stats.disconnects) == (MESSAGES, 0, 1) {
            return;
        }
        assert!(Instant::now() < deadline, "{stats:?}");
        std::thread::yield_now();
    }
}
