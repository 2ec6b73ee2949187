//! The handshake codec, which all transports share, and the verdict on a peer's messages.

use mycelium_rt::MessageInfo;
use mycelium_rt::wire::{
    Announced, Decoder, HANDSHAKE_PREFIX, Handshake, Hello, MAX_HANDSHAKE, Refusal, Role, compatible,
};

use super::common::{BOTH, ODD, TICK};

/// Returns 1 if the bytes are a part of a handshake, else 0.
///
/// The result of `length` must not change as more bytes arrive; a decoded part must survive encoding and decoding; and both sides must come to
/// the same verdict.
pub fn run(data: &[u8]) -> usize {
    let mut known = None;
    for end in 0..=data.len().min(HANDSHAKE_PREFIX + 1) {
        let now = Handshake::length(&data[..end]);
        assert!(known.is_none() || known == Some(now), "{known:?}, then {now:?}");
        if now != Ok(None) {
            known = Some(now);
        }
    }
    let Ok(part) = Handshake::decode(data) else { return 0 };
    assert!(data.len() <= MAX_HANDSHAKE && known == Some(Ok(Some(data.len()))));
    // Names are truncated, and a refusal is flipped to the reader's point of view, so the result is stable after two rounds.
    let again = |part: &Handshake| Handshake::decode(&part.encode().expect("no longer than before")).expect("our own");
    let second = again(&again(&part));
    assert_eq!(again(&again(&second)), second);
    match &part {
        Handshake::Hello(theirs) | Handshake::Accept(theirs) => check_verdict(theirs),
        Handshake::Reject(refusal) => assert!(!refusal.to_string().contains(char::is_control)),
    }
    1
}

fn check_verdict(theirs: &Hello) {
    for role in [Role::Sender, Role::Receiver] {
        let ours = Hello::new(role, "test", BOTH).expect("valid messages");
        let (a, b) = (compatible(&ours, theirs), compatible(theirs, &ours));
        assert_eq!(a.as_ref().ok(), b.as_ref().ok(), "different verdicts: {a:?}, {b:?}");
        if let Ok(verdict) = &a {
            let (sender, receiver) = if role == Role::Sender { (&ours, theirs) } else { (theirs, &ours) };
            for entry in &sender.messages {
                assert_eq!(verdict.accepts(entry.id), receiver.find(entry.id).is_some());
            }
        }
        for refusal in [a, b].into_iter().filter_map(Result::err) {
            assert!(!refusal.to_string().contains(char::is_control));
            let reject = Handshake::Reject(refusal).encode().expect("a refusal fits in");
            assert!(matches!(Handshake::decode(&reject), Ok(Handshake::Reject(_))));
        }
    }
    assert_eq!(Decoder::new(Announced::of(theirs), theirs.next, 0).next(), Ok(None));
}

/// Accepted bytes.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let hello = |role, schema, messages| Hello::new(role, schema, messages).expect("valid messages");
    let encode = |part: Handshake| part.encode().expect("it fits in");
    let mut counted = hello(Role::Receiver, "", &[ODD]);
    (counted.session, counted.next) = (7, 1 << 40);
    let other = MessageInfo { layouts: &[(1, 8, 0xbad)], ..TICK };
    let other = Hello::new(Role::Receiver, "test", &[other]).expect("valid messages");
    let mismatch = compatible(&hello(Role::Sender, "test", BOTH), &other).expect_err("another layout");
    let less = Hello::new(Role::Receiver, "test", &[TICK]).expect("valid messages");
    vec![
        ("hello", encode(Handshake::Hello(hello(Role::Sender, "test", BOTH)))),
        ("accept", encode(Handshake::Accept(counted))),
        ("accept-less", encode(Handshake::Accept(less))),
        ("reject", encode(Handshake::Reject(mismatch))),
        ("reject-busy", encode(Handshake::Reject(Refusal::Busy))),
        ("reject-transport", encode(Handshake::Reject(Refusal::Transport("no ring".to_owned())))),
    ]
}
