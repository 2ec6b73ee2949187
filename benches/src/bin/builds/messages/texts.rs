//! The packages that are compared.

use std::fmt::Write as _;

use super::super::growth::{self, PLAIN};
use super::super::tools::repository;
use super::Kind;

/// A project in files.
pub(super) struct Project {
    /// Its folder.
    pub(super) folder: &'static str,
    /// The measured package.
    pub(super) package: &'static str,
    /// Whether its dependencies may have to be fetched; those of this repository were fetched for this program.
    pub(super) fetched: bool,
    pub(super) files: Vec<(&'static str, String)>,
}

/// MAVLink's common dialect as a contract.
const MAVLINK: &str = include_str!("../../../../messages/mavlink.yaml");

/// The protobuf types for those of [`PLAIN`].
const PROTO: [&str; 10] =
    ["uint64", "int64", "double", "uint64", "uint32", "uint32", "uint32", "uint32", "uint32", "bytes"];

/// The messages as a crate of ours.
pub(super) fn ours(kind: Kind, count: usize) -> Project {
    let (folder, contract) = match kind {
        Kind::Plain => ("plain-ours", growth::contract(count, &PLAIN)),
        Kind::Mavlink => ("mavlink-ours", MAVLINK.to_owned()),
    };
    let root = repository().display();
    let manifest = format!(
        "[package]\nname = \"contracts\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\nmycelium-rt = {{ path = \"{root}/mycelium-rt\" }}\n\
         [build-dependencies]\nmycelium-codegen = {{ path = \"{root}/mycelium-codegen\" }}\n"
    );
    let files = vec![
        ("Cargo.toml", manifest),
        ("Cargo.lock", include_str!("../../../../../Cargo.lock").to_owned()),
        ("build.rs", include_str!("../../../../hello/mycelium/build.rs").to_owned()),
        ("contracts.yaml", contract),
        ("src/lib.rs", "mycelium_rt::include_contracts!();\n".to_owned()),
    ];
    Project { folder, package: "contracts", fetched: false, files }
}

/// The same messages for the peer.
pub(super) fn theirs(kind: Kind, count: usize) -> Project {
    match kind {
        Kind::Plain => Project {
            folder: "plain-theirs",
            package: "contracts",
            fetched: true,
            files: vec![
                ("Cargo.toml", include_str!("../../../../messages/prost/Cargo.toml").to_owned()),
                ("Cargo.lock", include_str!("../../../../messages/prost/Cargo.lock").to_owned()),
                ("build.rs", include_str!("../../../../messages/prost/build.rs").to_owned()),
                ("contracts.proto", proto(count)),
                ("src/lib.rs", include_str!("../../../../messages/prost/src/lib.rs").to_owned()),
            ],
        },
        Kind::Mavlink => Project {
            folder: "mavlink-theirs",
            package: "mavlink",
            fetched: true,
            files: vec![
                ("Cargo.toml", include_str!("../../../../messages/mavlink/Cargo.toml").to_owned()),
                ("Cargo.lock", include_str!("../../../../messages/mavlink/Cargo.lock").to_owned()),
                ("src/lib.rs", include_str!("../../../../messages/mavlink/src/lib.rs").to_owned()),
            ],
        },
    }
}

fn proto(count: usize) -> String {
    let mut text = String::from("syntax = \"proto3\";\npackage contracts;\n");
    for message in 0..count {
        let _ = writeln!(text, "// Number {message}.\nmessage Message{message} {{");
        for (place, field) in PROTO.iter().enumerate() {
            let _ = writeln!(text, "  {field} field_{place} = {};", place + 1);
        }
        text.push_str("}\n");
    }
    text
}

/// How many messages the contract has: each has an id of its own.
pub(super) fn messages_of_mavlink() -> usize {
    MAVLINK.lines().filter(|line| line.starts_with("    id: ")).count()
}
