//! What a router is checked for at compile time: handlers that no route reaches, equal ids, replies that nobody waits for.
//!
//! Each check is a `const fn` that the code of the macro evaluates. One that fails panics with a [`Text`], which rustc shows as the
//! error.

use core::marker::PhantomData;

use super::{Handled, Handles, MessageRef, Source, Timer};
use crate::{Message, MessageInfo};

/// The text of a panic at compile time, where `format!` is not available.
pub(crate) struct Text {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Text {
    const CAPACITY: usize = 2048;

    pub(crate) const fn new() -> Self {
        Self { bytes: [0; Self::CAPACITY], len: 0 }
    }

    /// Appends text. If it does not fit, it is left out as a whole, so that no character is cut.
    pub(crate) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.len + text.len() > Self::CAPACITY {
            return self;
        }
        let mut index = 0;
        while index < text.len() {
            self.bytes[self.len] = text[index];
            self.len += 1;
            index += 1;
        }
        self
    }

    pub(crate) const fn name(self, name: &str) -> Self {
        self.text("`").text(name).text("`")
    }

    pub(crate) const fn number(mut self, number: u64) -> Self {
        if number >= 10 {
            self = self.number(number / 10);
        }
        let digit = [b'0' + (number % 10) as u8];
        match core::str::from_utf8(&digit) {
            Ok(digit) => self.text(digit),
            Err(_) => self,
        }
    }

    #[track_caller]
    pub(crate) const fn fail(self) {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("this router is not valid"),
        }
    }
}

/// Fails to compile if a handler of `service` is neither routed nor allowed.
#[track_caller]
pub const fn check_handlers(service: &str, handled: &[Handled], routed: &[MessageRef], allowed: &[MessageRef]) {
    let mut index = 0;
    while index < handled.len() {
        let message = handled[index].message;
        if !contains(routed, message.id) && !contains(allowed, message.id) {
            Text::new()
                .name(service)
                .text(" handles ")
                .name(message.name)
                .text(", but has no route for it: add ")
                .name(service)
                .text(" to the route of ")
                .name(message.name)
                .text(", or write `ignore: [")
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

/// Fails to compile if `service` has a source or a timer. The macro asks where the feature `lanes` is off, so that nothing would call them.
#[track_caller]
pub const fn check_undriven(service: &str, sources: &[Source], timers: &[Timer]) {
    let (kind, method) = match (sources.first(), timers.first()) {
        (Some(source), _) => ("source", source.method),
        (None, Some(timer)) => ("timer", timer.method),
        (None, None) => return,
    };
    Text::new()
        .text("the ")
        .text(kind)
        .text(" ")
        .name(method)
        .text(" of ")
        .name(service)
        .text(" needs the feature `lanes` of `mycelium-rt`: turn it on in `Cargo.toml`: `mycelium-rt = { …, features = [\"lanes\"] }`")
        .fail();
}

/// What no router implements: a bound of the methods that a router lacks where the feature `lanes` is off.
#[diagnostic::on_unimplemented(
    message = "this method of `{Self}` needs the feature `lanes` of `mycelium-rt`",
    label = "the feature `lanes` is off",
    note = "turn it on in `Cargo.toml`: `mycelium-rt = {{ …, features = [\"lanes\"] }}`"
)]
pub trait NeedsLanes {
    /// What the method returns.
    type Made;
}

// Without any impl, the compiler would suggest to add one.
#[diagnostic::do_not_recommend]
impl NeedsLanes for () {
    type Made = ();
}

/// Fails to compile if `ignore` allows a handler that `service` does not have.
#[track_caller]
pub const fn check_allowed(service: &str, handled: &[Handled], allowed: MessageRef) {
    let mut index = 0;
    while index < handled.len() {
        if handled[index].message.id == allowed.id {
            return;
        }
        index += 1;
    }
    Text::new().name(service).text(" has no handler for ").name(allowed.name).text(" that `ignore` could name").fail();
}

/// For each message, the index of the first one with the same id: its own index, if no earlier one has it.
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

/// The name that all of these have in common; empty if they differ, or if there are none.
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

/// Finds out whether a service replies to a message: `ReplyProbe::<S, M>::REPLIES` is the inherent constant below if it does, and else that
/// of the trait [`NoReply`], which rustc looks up after it.
#[derive(Debug)]
pub struct ReplyProbe<S, M>(PhantomData<(S, M)>);

impl<S: Handles<M, Output: Message>, M> ReplyProbe<S, M> {
    /// It replies.
    pub const REPLIES: bool = true;
}

/// Implemented for every service.
pub trait NoReply {
    /// It does not reply.
    const REPLIES: bool = false;
}

impl<S, M> NoReply for ReplyProbe<S, M> {}

/// A receiver of a message.
#[derive(Clone, Copy, Debug)]
pub struct Replier {
    /// The name of the service.
    pub service: &'static str,
    /// The path by which it gets the message; empty for a direct call.
    pub path: &'static str,
    /// Whether its handler returns a message.
    pub replies: bool,
}

/// Fails to compile if one of `receivers` replies. Not used for a message with one receiver that is called directly. `others` is the
/// number of further receivers: links.
#[track_caller]
pub const fn check_replies(message: &str, receivers: &[Replier], others: usize) {
    let repliers = count(receivers);
    if repliers == 0 {
        return;
    }
    let mut text =
        names(Text::new(), receivers, repliers).text(if repliers == 1 { " replies to " } else { " reply to " });
    text = text.name(message);
    let count = receivers.len() + others;
    if count > 1 {
        text = text.text(", which has ").number(count as u64).text(" receivers");
    } else {
        text = text.text(", which it receives `").text(receivers[0].path).text("`, so that nobody waits for the reply");
    }
    text = text.text(": a message that is replied to has exactly one receiver, called directly; ");
    if count > 1 {
        text = text.text(
            "leave one in its route and give the others a message of their own, or let their handlers return nothing",
        );
    } else {
        text = text.text("name ").name(receivers[0].service).text(" without `via`, or let its handler return nothing");
    }
    text.fail();
}

const fn count(receivers: &[Replier]) -> usize {
    let (mut count, mut index) = (0, 0);
    while index < receivers.len() {
        count += receivers[index].replies as usize;
        index += 1;
    }
    count
}

/// "`a`, `b` and `c`": those of `receivers` that reply.
const fn names(mut text: Text, receivers: &[Replier], repliers: usize) -> Text {
    let (mut named, mut index) = (0, 0);
    while index < receivers.len() {
        if receivers[index].replies {
            if named > 0 {
                text = text.text(if named + 1 == repliers { " and " } else { ", " });
            }
            text = text.name(receivers[index].service);
            named += 1;
        }
        index += 1;
    }
    text
}
