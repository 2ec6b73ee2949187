//! The table of options: how each is read, and which paths allow it.

use syn::parse::ParseStream;

use super::values::{batch, number, on_full, on_panic, unknown};
use super::{MOST_SLOTS, Options};
use crate::features::Feature;
use crate::router::transport::Transport;

/// What messages go through, which decides which options are allowed.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::router) enum Channel {
    Link(Transport),
    Input(Transport),
    Local,
    Queue,
    Task,
}

impl Channel {
    /// Whether messages wait in a ring.
    pub(super) fn has_ring(self) -> bool {
        match self {
            Self::Queue | Self::Task => true,
            Self::Link(transport) => transport.has_ring(),
            Self::Input(_) | Self::Local => false,
        }
    }
}

/// One option.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// Reads the value. Returns whether there was one already.
    pub(super) read: fn(ParseStream<'_>, Channel, &mut Options) -> syn::Result<bool>,
    /// Why a channel does not allow it.
    pub(super) refusal: fn(Channel) -> Option<Refusal>,
    /// The feature of the runtime that it needs with this value, besides that of its path.
    pub(super) feature: fn(&Options) -> Option<Feature>,
}

/// Why an option is not allowed, and what to do instead.
type Refusal = (&'static str, &'static str);

/// The row of this name.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    OPTIONS.iter().find(|row| row.name == name)
}

/// The names of the options that a channel allows.
pub(super) fn allowed(channel: Channel) -> Vec<&'static str> {
    OPTIONS.iter().filter(|row| (row.refusal)(channel).is_none()).map(|row| row.name).collect()
}

/// All options, in the order in which errors list them.
static OPTIONS: &[Row] = &[
    Row {
        name: "on_full",
        read: |input, channel, options| {
            let (policy, key) = on_full(input, channel)?;
            options.key = key;
            Ok(options.on_full.replace(policy).is_some())
        },
        refusal: |channel| match channel {
            Channel::Input(_) => Some((
                "an input is never full: its senders have the option `on_full`",
                "set `on_full` on the link that sends",
            )),
            _ => None,
        },
        feature: |_| None,
    },
    Row {
        name: "batch",
        read: |input, _, options| Ok(options.attrs.batch.replace(batch(input)?).is_some()),
        refusal: |channel| match channel {
            Channel::Input(_) => Some((
                "an input takes what has arrived: its senders have the option `batch`",
                "set `batch` on the link that sends; a handler may take `&[M]`",
            )),
            Channel::Local | Channel::Queue => {
                Some(("a queued message is available at once: a queue has no batches", "remove `batch`"))
            }
            Channel::Link(_) | Channel::Task => None,
        },
        feature: |_| None,
    },
    Row {
        name: "slots",
        read: |input, _, options| Ok(options.slots.replace(number(input, "slots", 1, MOST_SLOTS)?).is_some()),
        refusal: |channel| match channel {
            Channel::Input(_) => Some((
                "an input uses the rings of its senders, which have the option `slots`",
                "set `slots` on the link that sends",
            )),
            Channel::Local | Channel::Queue | Channel::Task => Some((
                "the room of a queue is the number in its parentheses",
                "remove `slots`: the number says how many messages the queue holds",
            )),
            Channel::Link(transport) if !transport.has_slots() => Some((
                "only a ring in shared memory has slots",
                "remove `slots`: `Limits::send_buffer` in `Config` bounds what a socket holds",
            )),
            Channel::Link(_) => None,
        },
        feature: |_| None,
    },
    Row {
        name: "on_panic",
        read: |input, _, options| Ok(options.attrs.on_panic.replace(on_panic(input)?).is_some()),
        refusal: |channel| match channel {
            Channel::Local | Channel::Queue => Some((
                "what follows a panic is an option of the lane that runs the service",
                "set `on_panic` in `lanes`; to restart a service alone, give it a lane of its own, or a task",
            )),
            Channel::Link(_) | Channel::Input(_) => Some((
                "no handler runs here: what follows a panic is an option of lanes and tasks",
                "set `on_panic` in `lanes`, or on a service `via task(N, on_panic = …)`",
            )),
            Channel::Task => None,
        },
        feature: |_| None,
    },
    Row {
        name: "unknown",
        read: |input, _, options| Ok(options.unknown.replace(unknown(input)?).is_some()),
        refusal: |channel| match channel {
            Channel::Link(_) => Some((
                "a link sends only what its routes name: what its peer does not know is counted as `not_accepted`",
                "set `unknown` on the input that receives it",
            )),
            Channel::Local | Channel::Queue | Channel::Task => {
                Some(("both ends in one process know the same messages", "remove `unknown`: it is for inputs"))
            }
            Channel::Input(_) => None,
        },
        feature: |_| None,
    },
    Row {
        name: "tls",
        read: |input, _, options| Ok(options.security.tls.replace(input.parse()?).is_some()),
        refusal: |channel| unsecured("remove `tls`", channel),
        feature: |options| options.security.tls.as_ref().is_some_and(|tls| tls.value).then_some(Feature::Tls),
    },
    Row {
        name: "server_name",
        read: |input, _, options| Ok(options.security.server_name.replace(input.parse()?).is_some()),
        refusal: |channel| match (unsecured("remove `server_name`", channel), channel) {
            (None, Channel::Input(_)) => Some((
                "an input shows its certificate, and takes any that its authority has signed",
                "set `server_name` on the link that connects",
            )),
            (refusal, _) => refusal,
        },
        // It is of use with `tls` only, which has said so.
        feature: |_| None,
    },
    Row {
        name: "insecure",
        read: |input, _, options| Ok(options.security.insecure.replace(input.parse()?).is_some()),
        refusal: |channel| unsecured("remove `insecure`", channel),
        feature: |_| None,
    },
    Row {
        name: "trust",
        read: |_, _, _| Ok(false),
        refusal: |_| Some(("the option `trust` is not supported yet", "remove it: no peer is trusted")),
        feature: |_| None,
    },
];

/// Why nothing is encrypted there, with this help.
fn unsecured(help: &'static str, channel: Channel) -> Option<Refusal> {
    match channel {
        Channel::Local | Channel::Queue | Channel::Task => {
            Some(("a queue never leaves the process: there is nothing to secure", help))
        }
        Channel::Link(transport) | Channel::Input(transport) if !transport.is_network() => {
            Some(("this path never leaves the host: there is nothing to encrypt", help))
        }
        Channel::Link(_) | Channel::Input(_) => None,
    }
}
