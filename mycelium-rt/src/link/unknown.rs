//! What an input does about messages that a peer may send and the input does not list.

use crate::wire::{Acceptance, Announced, Handshake, Hello, Mismatch, Refusal, Role, Stand, compatible};

/// Takes a message that an input does not know: its id, the version of the sender's schema, and its body as it arrived.
///
/// It runs on the thread that polls the input, once per message. Nothing has checked the body: it has the length that the
/// peer's handshake announced, at most [`MAX_BODY`](crate::wire::MAX_BODY) bytes, and nothing else is known about it.
pub type UnknownHook = fn(u16, u16, &[u8]);

/// What an input does about messages of a peer that it does not list.
///
/// ```
/// use mycelium_rt::link::{Address, InputSpec, Unknown};
///
/// fn store(id: u16, version: u16, body: &[u8]) {
///     println!("{} bytes of message {id}, version {version}", body.len());
/// }
///
/// let spec = InputSpec::new("feed", Address::unix("/run/feed.sock"), "market", &[]);
/// let strict = InputSpec { unknown: Unknown::Refuse, ..spec.clone() };
/// let curious = InputSpec { unknown: Unknown::Hook(store), ..spec };
/// # let _ = (strict, curious);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub enum Unknown {
    /// They are not accepted: the sender does not send them, and counts them as
    /// [`not_accepted`](crate::link::LinkStats::not_accepted). All other messages flow.
    #[default]
    NotAccepted,
    /// The peer is refused as a whole if it may send one.
    Refuse,
    /// They are accepted and given to this function; counted as [`unknown`](crate::link::LinkStats::unknown).
    Hook(UnknownHook),
}

/// What an input answers to the `Hello` of a peer that may stay.
#[derive(Debug)]
pub struct Welcome {
    /// The messages of the peer that the input has, as its answer.
    pub(crate) answer: Hello,
    /// What the peer may send from now on.
    pub(crate) announced: Box<[Announced]>,
    /// Messages that the input does not know, and the hook for them.
    pub(crate) unknown: Option<UnknownMessages>,
}

impl Welcome {
    /// The bytes of the answer.
    ///
    /// # Errors
    /// The messages of this side, together with those of the peer that this side accepts without knowing them, can be more
    /// than a handshake holds.
    pub(crate) fn accept(&self) -> Result<Vec<u8>, Refusal> {
        let answer = Handshake::Accept(self.answer.clone()).encode();
        answer.map_err(|_| Refusal::Transport("the messages of both sides do not fit into one handshake".to_owned()))
    }
}

/// Messages that an input accepts and does not know.
#[derive(Debug)]
pub(crate) struct UnknownMessages {
    /// Their ids, in order; never empty.
    ids: Box<[u16]>,
    hook: UnknownHook,
}

impl UnknownMessages {
    /// Gives the message to the hook, if it is one of these; returns whether it was.
    #[inline]
    pub(crate) fn take(&self, id: u16, version: u16, body: &[u8]) -> bool {
        let is_one = self.ids.binary_search(&id).is_ok();
        if is_one {
            (self.hook)(id, version, body);
        }
        is_one
    }
}

impl Unknown {
    /// What an input that has `ours` decides about a peer that has `theirs`.
    pub(crate) fn decide(self, ours: &Hello, theirs: &Hello) -> Result<Welcome, Refusal> {
        let acceptance = compatible(ours, theirs)?;
        let first_unknown = acceptance.not_accepted().next();
        match (self, first_unknown) {
            (Self::Refuse, Some(id)) => Err(not_listed(id, theirs)),
            (Self::Hook(hook), Some(_)) => Ok(accept_all(ours, theirs, &acceptance, hook)),
            _ => Ok(Welcome {
                answer: answer(ours, theirs),
                announced: Announced::of(theirs).filter(|it| acceptance.accepts(it.type_id)).collect(),
                unknown: None,
            }),
        }
    }
}

fn not_listed(id: u16, theirs: &Hello) -> Refusal {
    let entry = theirs.find(id);
    let name = entry.map(|entry| entry.name.clone()).unwrap_or_default();
    Refusal::Message(Mismatch { id, name, ours: None, theirs: entry.map(Stand::of) })
}

/// The messages of this side that the peer has as well.
fn answer(ours: &Hello, theirs: &Hello) -> Hello {
    let shared = ours.messages.iter().filter(|entry| theirs.find(entry.id).is_some());
    Hello {
        role: Role::Receiver,
        session: 0,
        next: 0,
        schema: ours.schema.clone(),
        messages: shared.cloned().collect(),
    }
}

/// Accepts all messages: for those that it does not know, its answer repeats what the peer has.
fn accept_all(ours: &Hello, theirs: &Hello, acceptance: &Acceptance, hook: UnknownHook) -> Welcome {
    let mut answer = answer(ours, theirs);
    let unknown = theirs.messages.iter().filter(|entry| !acceptance.accepts(entry.id));
    answer.messages.extend(unknown.cloned().map(|mut entry| {
        // The current layout says all that matters, and keeps the answer short.
        entry.layouts.drain(..entry.layouts.len().saturating_sub(1));
        entry
    }));
    answer.messages.sort_by_key(|entry| entry.id);
    let unknown = UnknownMessages { ids: acceptance.not_accepted().collect(), hook };
    Welcome { answer, announced: Announced::of(theirs).collect(), unknown: Some(unknown) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Layout, MessageEntry};

    fn entry(id: u16, layouts: u16) -> MessageEntry {
        let layouts = (1..=layouts).map(|version| Layout {
            version,
            size: 8 * u32::from(version),
            hash: u64::from(id) << 16 | u64::from(version),
        });
        MessageEntry { id, version: layouts.len() as u16, name: format!("M{id}"), layouts: layouts.collect() }
    }

    fn hello(role: Role, ids: &[(u16, u16)]) -> Hello {
        let messages = ids.iter().map(|&(id, layouts)| entry(id, layouts)).collect();
        Hello { role, session: 0, next: 0, schema: String::new(), messages }
    }

    fn ids() -> impl Strategy<Value = Vec<(u16, u16)>> {
        proptest::collection::btree_map(0..40u16, 1..4u16, 0..20).prop_map(|ids| ids.into_iter().collect())
    }

    proptest! {
        /// The sender reads in the answer what the input has decided, for each of the three ways to treat unknown messages.
        #[test]
        fn both_ends_agree_on_what_flows(sends in ids(), takes in ids()) {
            let (sender, receiver) = (hello(Role::Sender, &sends), hello(Role::Receiver, &takes));
            let knows = |id: u16| takes.iter().any(|(known, _)| *known == id);
            for unknown in [Unknown::NotAccepted, Unknown::Refuse, Unknown::Hook(|_, _, _| {})] {
                let is_strict = matches!(unknown, Unknown::Refuse);
                let welcome = match unknown.decide(&receiver, &sender) {
                    Ok(welcome) => welcome,
                    Err(Refusal::Message(it)) => {
                        prop_assert!(is_strict && !knows(it.id) && it.ours.is_none());
                        continue;
                    }
                    Err(other) => panic!("{other}"),
                };
                prop_assert!(!is_strict || sends.iter().all(|(id, _)| knows(*id)));
                let read = Handshake::decode(&Handshake::Accept(welcome.answer).encode().unwrap()).unwrap();
                let Handshake::Accept(answer) = read else { panic!("{read:?}") };
                let verdict = compatible(&sender, &answer).unwrap();
                let announced: Vec<_> = welcome.announced.iter().map(|it| it.type_id).collect();
                prop_assert_eq!(verdict.accepted().collect::<Vec<_>>(), announced);
                let has_hook = matches!(unknown, Unknown::Hook(_));
                for (id, _) in sends.iter().copied() {
                    prop_assert_eq!(verdict.accepts(id), has_hook || knows(id));
                    let is_unknown = welcome.unknown.as_ref().is_some_and(|it| it.take(id, 1, &[]));
                    prop_assert_eq!(is_unknown, has_hook && !knows(id));
                }
            }
        }
    }
}
