//! Bytes from anywhere: frames, handshakes, and the types of fields.

mod fuzz_seeds;
mod message_types;
mod wire;
