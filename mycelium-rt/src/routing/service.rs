use super::text::Text;
use super::{HookError, Source, Timer};
use crate::{Message, MessageInfo};

/// A type whose handlers are known: what [`#[service]`](macro@crate::service) adds beside [`Handle`](super::Handle), so
/// that a router can check them all at compile time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no service",
    label = "no service",
    note = "annotate its `impl` with `#[service]`, and the methods in there that take messages with `#[handle]`"
)]
pub trait Service {
    /// Each message that it handles, in the order of its handlers.
    const HANDLED: &'static [Handled];

    /// Its `#[source]` methods, in declared order.
    const SOURCES: &'static [Source] = &[];

    /// Its `#[every("…")]` methods, in declared order.
    const TIMERS: &'static [Timer] = &[];

    /// Its hook `startup`: before the first message. An error keeps the router from starting.
    ///
    /// Who runs a service calls this: the lanes of a started router do, each on its own thread. A router that was made by
    /// `new` or `open` is driven by its owner, and so are its services: there nobody calls it unasked.
    ///
    /// # Errors
    /// What the service's own `startup` returned, as text.
    fn startup(&mut self) -> Result<(), HookError> {
        Ok(())
    }

    /// Its hook `shutdown`: after the last message.
    ///
    /// # Errors
    /// What the service's own `shutdown` returned, as text; it is reported, and keeps nothing from ending.
    fn shutdown(&mut self) -> Result<(), HookError> {
        Ok(())
    }
}

/// One handler of a service; written by [`#[service]`](macro@crate::service).
#[derive(Clone, Copy, Debug)]
pub struct Handled {
    /// The message that it takes.
    pub message: MessageRef,
    /// What its contract says of it.
    pub info: MessageInfo,
    /// Whether it takes what has arrived together, as `&[M]`.
    pub batch: bool,
    /// What it emits and requests.
    pub emits: &'static [MessageRef],
}

/// A message known by its id and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRef {
    /// The id, unique within a program.
    pub id: u16,
    /// The name in the contract.
    pub name: &'static str,
}

impl MessageRef {
    /// The message type `M`.
    pub const fn of<M: Message>() -> Self {
        Self { id: M::ID, name: M::NAME }
    }

    const fn of_info(info: &MessageInfo) -> Self {
        Self { id: info.id, name: info.name }
    }
}

/// Fails to compile if a handler of `service` is neither routed nor excused.
#[track_caller]
pub const fn check_handlers(service: &str, handled: &[Handled], routed: &[MessageRef], excused: &[MessageRef]) {
    let mut index = 0;
    while index < handled.len() {
        let message = handled[index].message;
        if !contains(routed, message.id) && !contains(excused, message.id) {
            Text::new()
                .name(service)
                .text(" handles ")
                .name(message.name)
                .text(", but no route leads it there: add ")
                .name(service)
                .text(" to the route of ")
                .name(message.name)
                .text(", or say `ignore: [")
                .text(service)
                .text(": [")
                .text(message.name)
                .text("]]`")
                .fail();
        }
        index += 1;
    }
}

/// Fails to compile if nothing ever calls `service`, to which no route leads.
#[track_caller]
pub const fn check_reached(service: &str, sources: &[Source], timers: &[Timer]) {
    if sources.is_empty() && timers.is_empty() {
        Text::new()
            .text("no route leads to the service ")
            .name(service)
            .text(", and it has neither a source nor a timer: add ")
            .name(service)
            .text(" to the route of a message that it handles, or take it out of `services`")
            .fail();
    }
}

/// Fails to compile if `ignore` excuses a handler that `service` does not have.
#[track_caller]
pub const fn check_excuse(service: &str, handled: &[Handled], excused: MessageRef) {
    let mut index = 0;
    while index < handled.len() {
        if handled[index].message.id == excused.id {
            return;
        }
        index += 1;
    }
    Text::new()
        .name(service)
        .text(" has no handler for ")
        .name(excused.name)
        .text(" that `ignore` could excuse")
        .fail();
}

/// For each message the index of the first with its id, which is its own if no other before it has that.
#[must_use]
pub const fn first_of_ids<const COUNT: usize>(messages: &[MessageRef; COUNT]) -> [usize; COUNT] {
    let mut seen = [usize::MAX; 1 << u16::BITS];
    let mut firsts = [0; COUNT];
    let mut index = 0;
    while index < COUNT {
        let first = &mut seen[messages[index].id as usize];
        if *first == usize::MAX {
            *first = index;
        }
        firsts[index] = *first;
        index += 1;
    }
    firsts
}

/// Fails to compile if an earlier message has the id of the one at `index`.
#[track_caller]
pub const fn check_distinct_id(messages: &[MessageRef], firsts: &[usize], index: usize) {
    if firsts[index] != index {
        fail_equal_ids(messages[index], messages[firsts[index]]);
    }
}

/// The name that all of these are; empty if they differ, or if there are none.
pub const fn common_schema(names: &[&'static str]) -> &'static str {
    let Some((first, mut rest)) = names.split_first() else { return "" };
    while let Some((name, others)) = rest.split_first() {
        if !same(first, name) {
            return "";
        }
        rest = others;
    }
    first
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

/// Fails to compile if a message of the contracts at `index` has an id that an earlier one uses too.
#[track_caller]
pub const fn check_distinct_contracts(contracts: &[&[MessageInfo]], index: usize) {
    let mut position = 0;
    while position < contracts[index].len() {
        let message = MessageRef::of_info(&contracts[index][position]);
        let mut earlier = 0;
        while earlier < index {
            check_absent(message, contracts[earlier]);
            earlier += 1;
        }
        position += 1;
    }
}

#[track_caller]
const fn check_absent(message: MessageRef, others: &[MessageInfo]) {
    let mut index = 0;
    while index < others.len() {
        if others[index].id == message.id {
            fail_equal_ids(message, MessageRef::of_info(&others[index]));
        }
        index += 1;
    }
}

#[track_caller]
const fn fail_equal_ids(message: MessageRef, other: MessageRef) {
    Text::new()
        .text("messages ")
        .name(other.name)
        .text(" and ")
        .name(message.name)
        .text(" have the same id ")
        .number(message.id as u64)
        .text(": give one of them another id in its contracts")
        .fail();
}

/// Whether one of these messages has this id.
pub(crate) const fn contains(messages: &[MessageRef], id: u16) -> bool {
    let mut index = 0;
    while index < messages.len() {
        if messages[index].id == id {
            return true;
        }
        index += 1;
    }
    false
}
/// Stands in for the type of a service that its router does not say yet.
#[derive(Debug)]
pub enum Unfinished {}
