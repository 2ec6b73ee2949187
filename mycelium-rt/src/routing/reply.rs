//! Who may reply: the only receiver of a message, called directly.

use core::marker::PhantomData;

use super::Handles;
use super::text::Text;
use crate::Message;

/// Finds out whether a service replies to a message: `ReplyProbe::<S, M>::REPLIES` is the constant below if it does, and that of
/// [`NoReply`], which is found after it, if not.
#[derive(Debug)]
pub struct ReplyProbe<S, M>(PhantomData<(S, M)>);

impl<S: Handles<M, Output: Message>, M> ReplyProbe<S, M> {
    /// It does.
    pub const REPLIES: bool = true;
}

/// What is true of every other service.
pub trait NoReply {
    /// It does not.
    const REPLIES: bool = false;
}

impl<S, M> NoReply for ReplyProbe<S, M> {}

/// A receiver of a message.
#[derive(Clone, Copy, Debug)]
pub struct Replier {
    /// The name of the service.
    pub service: &'static str,
    /// The path that it gets the message by; empty for a call.
    pub path: &'static str,
    /// Whether its handler returns a message.
    pub replies: bool,
}

/// Fails to compile if one of `receivers`, which are not one that is called directly, replies. A message may have others beside them:
/// links.
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
