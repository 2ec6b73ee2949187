//! A crate with two programs for each pair of contracts, which tell each other of their messages over Unix sockets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mycelium_codegen::lock::Delivery;

use crate::compiler::{built, cargo};

/// What the programs share. Each message has a link of its own, so that a refused one shows which message it is.
const ENDS: &str = r##"
use std::time::{Duration, Instant};

use mycelium_rt::link::{Address, InputSpec, LinkSpec, Status, StreamInput, StreamLink};
use mycelium_rt::{Config, MessageInfo};

pub fn main(schema: &'static str, messages: &'static [MessageInfo]) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = &arguments[1];
    match arguments[0].as_str() {
        "receive" => receive(folder, &arguments[2..], schema, messages),
        _ => messages.iter().for_each(|message| println!("{} {}", message.id, sent(folder, schema, message))),
    }
}

/// An input for each id, until standard input ends.
fn receive(folder: &str, ids: &[String], schema: &'static str, messages: &'static [MessageInfo]) {
    let open = |id: &String| {
        let spec = InputSpec::new("verdict", Address::unix("/"), schema, messages);
        StreamInput::open(spec, &Config::new().quiet().address("verdict", &format!("{folder}/{id}"))).unwrap()
    };
    let mut inputs: Vec<StreamInput> = ids.iter().map(open).collect();
    println!("open");
    let end = std::thread::spawn(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    while !end.is_finished() {
        for input in &mut inputs {
            input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What the handshake makes of one message.
fn sent(folder: &str, schema: &'static str, message: &'static MessageInfo) -> &'static str {
    let spec = LinkSpec::new("verdict", Address::unix("/"), schema, std::slice::from_ref(message));
    let config = Config::new().quiet().address("verdict", &format!("{folder}/{}", message.id));
    let mut link = StreamLink::open(spec, &config).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match link.poll() {
            Status::Connected if link.not_accepted().is_empty() => return "flows",
            Status::Connected => return "not accepted",
            _ if link.refusal().is_some() => return "refused",
            _ if Instant::now() > deadline => return "nobody answers",
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}
"##;

/// Two contracts, as generated text, and what is expected between them.
pub(crate) struct Pair {
    pub(crate) old: Side,
    pub(crate) new: Side,
}

pub(crate) struct Side {
    pub(crate) schema: &'static str,
    pub(crate) text: String,
    /// What becomes of each message that it sends to the other.
    pub(crate) expected: BTreeMap<u16, Delivery>,
}

/// Builds the programs of all pairs, lets each side of a pair send to the other, and compares what they find.
pub(crate) fn agree(pairs: &[Pair], seed: u64) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verdicts-programs");
    let _ = fs::remove_dir_all(&folder);
    write(&folder, pairs);
    let built = build(&folder, seed);
    for (number, pair) in pairs.iter().enumerate() {
        for (sender, receiver, expected) in [("old", "new", &pair.old.expected), ("new", "old", &pair.new.expected)] {
            let program = |side: &str| built.join(format!("{side}-{number}"));
            let found = meet(&program(sender), &program(receiver), expected);
            assert_eq!(found, *expected, "MYCELIUM_SEED={seed}, pair {number}, {sender} sends to {receiver}");
        }
    }
}

fn write(folder: &Path, pairs: &[Pair]) {
    fs::create_dir_all(folder.join("src/bin")).unwrap();
    fs::write(folder.join("src/ends.rs"), ENDS).unwrap();
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../mycelium-rt");
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"verdicts-programs\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             mycelium-rt = {{ path = {runtime:?} }}\n"
        ),
    )
    .unwrap();
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    for (number, pair) in pairs.iter().enumerate() {
        for (name, side) in [("old", &pair.old), ("new", &pair.new)] {
            let (path, schema) = (folder.join(format!("src/bin/{name}-{number}.rs")), side.schema);
            let main = format!(
                "//! One side.\n#[path = \"../ends.rs\"]\nmod ends;\n#[allow(dead_code)]\nmod contract {{\n{}\n}}\n\
                 fn main() {{\n    ends::main({schema:?}, contract::MESSAGES);\n}}\n",
                side.text
            );
            fs::write(path, main).unwrap();
        }
    }
}

fn build(folder: &Path, seed: u64) -> PathBuf {
    let output = cargo(folder).args(["build", "--quiet"]).output().unwrap();
    assert!(output.status.success(), "MYCELIUM_SEED={seed}\n{}", String::from_utf8_lossy(&output.stderr));
    built().join("debug")
}

/// What the sender finds of each message.
fn meet(sender: &Path, receiver: &Path, expected: &BTreeMap<u16, Delivery>) -> BTreeMap<u16, Delivery> {
    let sockets = Sockets::new();
    let ids = expected.keys().map(u16::to_string);
    let receiver = Command::new(receiver)
        .args(["receive", sockets.path()])
        .args(ids)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut receiver = Ended(receiver);
    let mut open = [0; 5];
    std::io::Read::read_exact(receiver.0.stdout.as_mut().unwrap(), &mut open).unwrap();
    let output = Command::new(sender).args(["send", sockets.path()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let delivery = |text: &str| {
        let all = [Delivery::Flows, Delivery::NotAccepted, Delivery::Refused];
        all.into_iter().find(|delivery| delivery.as_str() == text).unwrap_or_else(|| panic!("{text}"))
    };
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(id, text)| (id.parse().unwrap(), delivery(text)))
        .collect()
}

/// A child that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A short folder, since the paths of sockets have to be short.
struct Sockets(PathBuf);

impl Sockets {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("mycelium-verdicts-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
