//! The cost of one more message or route: time of rustc, and bytes of the program.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::tools::{Scratch, cargo, repository, write};

/// What grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Messages of ten fields, plain numbers and arrays.
    Plain,
    /// Messages of ten fields, one of each sort.
    Mixed,
    /// Routes between services.
    Routes,
}

/// All of them.
pub(super) const KINDS: [Kind; 3] = [Kind::Plain, Kind::Mixed, Kind::Routes];

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "messages-plain",
            Self::Mixed => "messages-mixed",
            Self::Routes => "routes",
        }
    }

    /// The crate whose build is timed.
    fn timed(self) -> &'static str {
        match self {
            Self::Plain | Self::Mixed => "contracts",
            Self::Routes => "program",
        }
    }

    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &PLAIN,
            Self::Mixed => &MIXED,
            Self::Routes => &["u64", "u64"],
        }
    }

    fn program(self, count: usize) -> String {
        match self {
            Self::Plain | Self::Mixed => DECODER.to_owned(),
            Self::Routes => router(count),
        }
    }
}

pub(super) const PLAIN: [&str; 10] =
    ["u64", "i64", "f64", "timestamp_ns", "u32", "u32", "u16", "u16", "u32", "\"[u8; 16]\""];

const MIXED: [&str; 10] = [
    "timestamp_ns",
    "Price",
    "u64",
    "Side",
    "u8",
    "{ type: Price, optional: true }",
    "\"str<=16\"",
    "\"[Price]<=4\"",
    "bool",
    "{ type: u32, min: 1 }",
];

/// A program that needs the code of every message: it decodes and prints any of them.
const DECODER: &str = r#"use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = std::env::args().nth(1).ok_or("which message?")?.parse()?;
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    println!("{:?}", contracts::AnyMessage::decode(id, &body)?);
    Ok(())
}
"#;

/// Prints the cost at each size, and the cost of one more between it and the previous size.
pub(super) fn measure(kind: Kind, sizes: &[usize], release: bool) -> Result<(), String> {
    let name = kind.name();
    let mode = if release { "release" } else { "dev" };
    let scratch = Scratch::new(name)?;
    println!(
        "{:>14}  {:>24}  {:>9}  {:>14}  {:>9}",
        name,
        format!("rustc, {} ({mode})", kind.timed()),
        "one more",
        "program",
        "one more"
    );
    let mut before: Option<(usize, f64, f64)> = None;
    for &size in sizes {
        project(scratch.path(), kind, size)?;
        let (time, bytes) = build(scratch.path(), kind, release)?;
        let (time, bytes) = (time.as_secs_f64(), bytes as f64);
        let more = before.map_or([String::new(), String::new()], |(fewer, earlier, smaller)| {
            let step = (size - fewer) as f64;
            [format!("{:.1} ms", (time - earlier) / step * 1e3), format!("{:.0} B", (bytes - smaller) / step)]
        });
        println!(
            "{size:>14}  {:>24}  {:>9}  {:>10.0} KiB  {:>9}",
            format!("{time:.2} s"),
            more[0],
            bytes / 1024.0,
            more[1]
        );
        println!("value build/growth/{name}/{size}/seconds {time:.3}");
        println!("value build/growth/{name}/{size}/bytes {bytes:.0}");
        before = Some((size, time, bytes));
    }
    Ok(())
}

/// Builds everything, then the timed crate again alone; and the program as it would be shipped, for its size.
fn build(folder: &Path, kind: Kind, release: bool) -> Result<(Duration, u64), String> {
    let target = folder.join("target");
    let arguments = |crate_name: &'static str| {
        let mut arguments = vec!["build", "--offline", "--package", crate_name];
        arguments.extend(release.then_some("--release"));
        arguments
    };
    cargo(folder, &target, &arguments("program"))?;
    let root = folder.join(kind.timed()).join(if kind.timed() == "program" { "src/main.rs" } else { "src/lib.rs" });
    let text = fs::read_to_string(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    write(&root, &(text + "\n"))?;
    let time = cargo(folder, &target, &arguments(kind.timed()))?;
    cargo(folder, &target, &["build", "--offline", "--package", "program", "--release"])?;
    let program = target.join("release/program");
    let size = fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?.len();
    Ok((time, size))
}

/// A workspace with a crate of `count` messages, and a program that uses them all.
fn project(folder: &Path, kind: Kind, count: usize) -> Result<(), String> {
    let repository = repository().display();
    let package = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{rest}");
    let runtime = format!("[dependencies]\nmycelium-rt = {{ path = \"{repository}/mycelium-rt\" }}\n");
    let contracts =
        format!("{runtime}[build-dependencies]\nmycelium-codegen = {{ path = \"{repository}/mycelium-codegen\" }}\n");
    let program = format!("{runtime}contracts = {{ path = \"../contracts\" }}\n");
    let versions = fs::read_to_string(self::repository().join("Cargo.lock")).map_err(|error| error.to_string())?;
    let files = [
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"contracts\", \"program\"]\n[profile.release]\nstrip = true\n"
                .to_owned(),
        ),
        ("Cargo.lock", versions),
        ("contracts/Cargo.toml", package("contracts", &contracts)),
        ("contracts/build.rs", "fn main() {\n    mycelium_codegen::compile(\"contracts.yaml\");\n}\n".to_owned()),
        ("contracts/contracts.yaml", contract(count, kind.fields())),
        ("contracts/src/lib.rs", "mycelium_rt::include_contracts!();\n".to_owned()),
        ("program/Cargo.toml", package("program", &program)),
        ("program/src/main.rs", kind.program(count)),
    ];
    files.iter().try_for_each(|(path, text)| write(&folder.join(path), text))
}

/// This many messages, each with these fields.
pub(super) fn contract(count: usize, fields: &[&str]) -> String {
    let mut text = String::from(
        "types:\n  Price: { decimal: { repr: i64, scale: 6 }, doc: A price. }\n  \
         Side: { enum: u8, variants: { Buy: 1, Sell: 2 }, doc: A side. }\nmessages:\n",
    );
    for message in 0..count {
        let _ = write!(text, "  Message{message}:\n    id: {}\n    doc: Number {message}.\n    fields:\n", message + 1);
        for (place, field) in fields.iter().enumerate() {
            let _ = writeln!(text, "      field_{place}: {field}");
        }
    }
    text
}

/// A service for each message, which emits the next one in chains of four, and a log of all.
fn router(count: usize) -> String {
    let mut text = String::from("use contracts::*;\nuse mycelium_rt::{Emit, routing_config, service};\n\n");
    let chained = |message: usize| message % 4 != 3 && message + 1 < count;
    let (mut services, mut routes, mut calls, mut log) = (String::new(), String::new(), String::new(), String::new());
    for message in 0..count {
        let _ = writeln!(
            text,
            "#[derive(Default)]\nstruct Service{message}(u64);\n\n#[service]\nimpl Service{message} {{\n    #[handle]"
        );
        let next = message + 1;
        let _ = if chained(message) {
            writeln!(
                text,
                "    fn handle(&mut self, message: &Message{message}, cx: &mut impl Emit<Message{next}>) {{\n        \
                 self.0 += message.field_0;\n        \
                 cx.emit(&Message{next}::from(Message{next}Fields {{ field_0: self.0, ..Default::default() }}));\n    }}\n}}\n"
            )
        } else {
            writeln!(
                text,
                "    fn handle(&mut self, message: &Message{message}) {{\n        self.0 += message.field_0;\n    }}\n}}\n"
            )
        };
        let _ = writeln!(
            log,
            "    #[handle]\n    fn on_{message}(&mut self, message: &Message{message}) {{\n        self.0 ^= message.field_1;\n    }}"
        );
        let _ = write!(services, "service_{message}: Service{message}, ");
        let _ = writeln!(routes, "        Message{message} => [service_{message}, log],");
        let _ = writeln!(
            calls,
            "    all.route_message{message}(&Message{message}::from(Message{message}Fields::default()));"
        );
    }
    let defaults = "Default::default(), ".repeat(count);
    let _ = write!(
        text,
        "#[derive(Default)]\nstruct Log(u64);\n\n#[service]\nimpl Log {{\n{log}}}\n\nrouting_config! {{\n    name: All,\n    \
         services: {{ {services}log: Log }},\n    routes: {{\n{routes}    }},\n}}\n\nfn main() {{\n    \
         let mut all = All::new({defaults}Log::default());\n{calls}    println!(\"{{}}\", all.log.0);\n}}\n"
    );
    text
}
