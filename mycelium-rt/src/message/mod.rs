//! Messages: what the schema compiler generates code against.

use core::fmt::Debug;

/// A message of a contract. Implemented by generated code only.
pub trait Message: Copy + Debug + PartialEq + Default + Send + Sync + 'static {
    /// The id on the wire, unique within a program.
    const ID: u16;
    /// The name in the contract.
    const NAME: &'static str;
    /// The topic in the contract.
    const TOPIC: &'static str;
    /// The schema version that this code was generated from.
    const VERSION: u16;
    /// The oldest schema version whose bodies are still read.
    const MIN_COMPATIBLE: u16;
    /// Each layout that the message ever had: the version that brought it, its size in bytes, its hash; oldest first.
    const LAYOUTS: &'static [(u16, usize, u64)];
    /// The hash of the last layout.
    const LAYOUT_HASH: u64;

    /// The body as it goes over a wire.
    fn as_bytes(&self) -> &[u8];

    /// Checks what the type alone does not promise.
    fn validate(&self) -> Result<(), ValidationError>;
}

/// Placeholder.
#[derive(Debug)]
pub struct ValidationError;
/// Placeholder.
#[derive(Debug)]
pub struct DecodeError;
