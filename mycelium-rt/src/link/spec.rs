//! The specifications of links and inputs, as `routing_config!` writes them.

use std::borrow::Cow;

use super::{Address, Batch, OnFull, Unknown};
use crate::MessageInfo;

/// A link: where it leads, what it carries, and how.
///
/// ```
/// use mycelium_rt::link::{Address, Batch, LinkSpec, OnFull};
///
/// let spec = LinkSpec {
///     on_full: OnFull::DropNewest,
///     batch: Batch::of(32),
///     ..LinkSpec::new("desk", Address::tcp("127.0.0.1:7402"), "market", &[])
/// };
/// assert!(!spec.insecure);
/// ```
#[derive(Clone, Debug)]
pub struct LinkSpec {
    /// The name of the link in `routing_config!`.
    pub name: &'static str,
    /// Where it connects.
    pub address: Address,
    /// The name of the schema of its messages; empty if they come from several.
    pub schema: &'static str,
    /// The messages that are routed to it.
    pub messages: Cow<'static, [MessageInfo]>,
    /// What happens when it is full.
    pub on_full: OnFull,
    /// When it writes.
    pub batch: Batch,
    /// Allows TCP beyond loopback without encryption.
    pub insecure: bool,
    /// Uses TLS, which is only for TCP. Needs the feature `tls`, and an identity in the [`Config`](crate::Config).
    pub tls: bool,
    /// The name that the peer's certificate must have; without it, the host of the address.
    /// [`Config::server_name`](crate::Config::server_name) overrides it.
    pub server_name: Option<&'static str>,
}

/// An input: where it listens, and what it takes.
#[derive(Clone, Debug)]
pub struct InputSpec {
    /// The name of the input in `routing_config!`.
    pub name: &'static str,
    /// Where it listens.
    pub address: Address,
    /// The name of the schema of its messages; empty if they come from several.
    pub schema: &'static str,
    /// The messages that it accepts.
    pub messages: Cow<'static, [MessageInfo]>,
    /// What it does about other messages that a peer may send.
    pub unknown: Unknown,
    /// Allows TCP beyond loopback without encryption.
    pub insecure: bool,
    /// Uses TLS, which is only for TCP. Needs the feature `tls`, and an identity in the [`Config`](crate::Config).
    pub tls: bool,
}

impl LinkSpec {
    /// A link with the default options: it blocks when full, and writes each message at once.
    pub const fn new(
        name: &'static str,
        address: Address,
        schema: &'static str,
        messages: &'static [MessageInfo],
    ) -> Self {
        let messages = Cow::Borrowed(messages);
        let (on_full, batch) = (OnFull::Block, Batch::low_latency());
        Self { name, address, schema, messages, on_full, batch, insecure: false, tls: false, server_name: None }
    }
}

impl InputSpec {
    /// An input with the default options: it does not accept messages that it does not list.
    pub const fn new(
        name: &'static str,
        address: Address,
        schema: &'static str,
        messages: &'static [MessageInfo],
    ) -> Self {
        let (messages, unknown) = (Cow::Borrowed(messages), Unknown::NotAccepted);
        Self { name, address, schema, messages, unknown, insecure: false, tls: false }
    }
}
