//! What a link sends, and which of it its peer accepts.

use super::Counters;
use crate::MessageInfo;
use crate::notice::{self, Notices};
use crate::wire::{Acceptance, Announced, Hello, MessageTable};

/// The messages of a link. Until a peer has said which of them it accepts, all are; what it said holds until the next one.
#[derive(Debug)]
pub(crate) struct Outgoing {
    link: &'static str,
    messages: MessageTable,
    /// Whether the peer accepts all of them, as nearly every peer does.
    all: bool,
    /// Whether it accepts each, by its place among the messages.
    accepted: Box<[bool]>,
    /// Of each, whether it was said already that it is not accepted.
    told: Box<[bool]>,
    /// Whether it was said already that the peer accepts none.
    told_none: bool,
    notices: Notices,
    counters: Counters,
}

impl Outgoing {
    pub(crate) fn new(
        link: &'static str,
        hello: &Hello,
        messages: &[MessageInfo],
        notices: Notices,
        counters: Counters,
    ) -> Self {
        let name = |id: u16| messages.iter().find(|message| message.id == id).map_or("", |message| message.name);
        counters.per_message().begin(hello.messages.iter().map(|entry| (entry.id, name(entry.id))));
        let accepted = vec![true; hello.messages.len()].into();
        let told = vec![false; hello.messages.len()].into();
        Self {
            link,
            messages: MessageTable::new(Announced::of(hello)),
            all: true,
            accepted,
            told,
            told_none: false,
            notices,
            counters,
        }
    }

    /// What the handshake says of the message.
    #[inline(always)]
    pub(crate) fn find(&mut self, id: u16) -> Option<Announced> {
        self.messages.find(id)
    }

    /// Whether the peer accepts this message of the link.
    #[inline(always)]
    pub(crate) fn accepts(&mut self, id: u16) -> bool {
        self.all || self.place(id).is_none_or(|at| self.accepted.get(at) == Some(&true))
    }

    /// A message was not sent, since the peer does not accept it. The first of each kind is warned of.
    #[cold]
    pub(crate) fn count_not_accepted(&mut self, id: u16) {
        self.counters.not_accepted.add(1);
        let Some(at) = self.place(id) else { return };
        let message = self.counters.per_message().count(at);
        let Some(told) = self.told.get_mut(at) else { return };
        // Not now, where many are told of at once: then by a later one.
        if !*told && self.notices.has_line() {
            *told = true;
            notice::warning!(
                self.notices,
                link = self.link,
                message,
                id,
                "the peer does not know this message: it is not sent, and counted as `not_accepted`"
            );
        }
    }

    /// There is a peer, which accepts these.
    pub(crate) fn adopt(&mut self, acceptance: &Acceptance) {
        let mut any = false;
        self.all = true;
        for (at, id) in self.messages.ids().enumerate() {
            let accepted = acceptance.accepts(id);
            (any, self.all) = (any | accepted, self.all & accepted);
            self.counters.per_message().note(at, !accepted);
            if let Some(place) = self.accepted.get_mut(at) {
                *place = accepted;
            }
        }
        if !any && !self.all && !std::mem::replace(&mut self.told_none, true) {
            notice::warning!(self.notices, link = self.link, "the peer knows none of the messages of this link");
        }
    }

    fn place(&mut self, id: u16) -> Option<usize> {
        self.messages.place(id)
    }
}
