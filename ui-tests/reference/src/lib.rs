//! The reference for users, `docs/contracts.md` and `docs/generated.md`, as data. The build script turns its examples into tests;
//! the other tests look for what it has to mention.
#![forbid(unsafe_code)]

pub mod items;
pub mod page;

use std::path::Path;

pub use page::code;

/// The JSON Schema of contracts, as it is committed.
pub fn contracts_schema() -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mycelium-cli/schema/contracts.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the schema is committed")).expect("the schema is JSON")
}

/// Fails if there are problems, with all of them.
#[track_caller]
pub fn complain(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
