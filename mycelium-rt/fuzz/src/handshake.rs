//! The handshake codec, which all transports share, and the verdict on what a peer has.

use mycelium_rt::MessageInfo;
use mycelium_rt::wire::{
    Announced, Decoder, HANDSHAKE_PREFIX, Handshake, Hello, MAX_HANDSHAKE, Refusal, Role, compatible,
};

use super::common::{BOTH, ODD, TICK};

/// Returns whether the bytes are part of a handshake.
///
/// What `length` says of a prefix must never change as more arrives; what was read is written and read again as it was; and both
/// sides must come to the same verdict.
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
    // Names are cut, and a refusal is turned to the reader's point of view, so that two rounds are where it settles.
    let again = |part: &Handshake| Handshake::decode(&part.encode().expect("no longer than it was")).expect("our own");
    let second = again(&again(&part));
    assert_eq!(again(&again(&second)), second);
    match &part {
        Handshake::Hello(theirs) | Handshake::Accept(theirs) => judge(theirs),
        Handshake::Reject(refusal) => assert!(!refusal.to_string().contains(char::is_control)),
    }
    1
}

fn judge(theirs: &Hello) {
    for role in [Role::Sender, Role::Receiver] {
        let ours = Hello::new(role, "test", BOTH).expect("sound messages");
        let (a, b) = (compatible(&ours, theirs), compatible(theirs, &ours));
        assert_eq!(a.as_ref().ok(), b.as_ref().ok(), "both come to the same verdict: {a:?}, {b:?}");
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

/// Bytes that get far.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let hello = |role, schema, messages| Hello::new(role, schema, messages).expect("sound messages");
    let encode = |part: Handshake| part.encode().expect("it fits in");
    let mut counted = hello(Role::Receiver, "", &[ODD]);
    (counted.session, counted.next) = (7, 1 << 40);
    let other = MessageInfo { layouts: &[(1, 8, 0xbad)], ..TICK };
    let other = Hello::new(Role::Receiver, "test", &[other]).expect("sound messages");
    let mismatch = compatible(&hello(Role::Sender, "test", BOTH), &other).expect_err("another layout");
    let less = Hello::new(Role::Receiver, "test", &[TICK]).expect("sound messages");
    vec![
        ("hello", encode(Handshake::Hello(hello(Role::Sender, "test", BOTH)))),
        ("accept", encode(Handshake::Accept(counted))),
        ("accept-less", encode(Handshake::Accept(less))),
        ("reject", encode(Handshake::Reject(mismatch))),
        ("reject-busy", encode(Handshake::Reject(Refusal::Busy))),
        ("reject-transport", encode(Handshake::Reject(Refusal::Transport("no ring".to_owned())))),
    ]
}
