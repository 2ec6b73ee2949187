//! The frame codec and the handshake for any bytes, in any pieces.

use std::collections::VecDeque;

use mycelium_rt::MessageInfo;
use mycelium_rt::wire::{
    Announced, Decoder, FRAME_HEADER, FrameError, FrameHeader, Handshake, HandshakeError, Hello, Layout, MAX_BODY,
    MAX_HANDSHAKE, MessageEntry, Mismatch, Older, Refusal, Role, SendBuffer, Stand, TableError, compatible, frame_size,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Messages whose sizes need every kind of padding.
const ANNOUNCED: [Announced; 3] = [
    Announced { type_id: 1, version: 1, size: 8 },
    Announced { type_id: 300, version: 7, size: 0 },
    Announced { type_id: 20, version: 2, size: 13 },
];

/// The result of a decoder: id, sequence number, gap and body of each frame, and how it ended.
type Decoded = (Vec<(u16, u64, u64, Vec<u8>)>, Option<FrameError>);

/// Feeds `bytes` to a decoder, in pieces of the given sizes, which repeat.
fn decode(bytes: &[u8], pieces: &[usize]) -> Decoded {
    let mut decoder = Decoder::new(ANNOUNCED, 0, 0);
    let (mut rest, mut frames) = (bytes, Vec::new());
    for piece in pieces.iter().cycle() {
        let space = decoder.space();
        let count = rest.len().min(*piece).min(space.len());
        space[..count].copy_from_slice(&rest[..count]);
        decoder.filled(count);
        rest = &rest[count..];
        loop {
            match decoder.next() {
                Ok(Some(frame)) => {
                    assert_eq!(frame.body.as_ptr().align_offset(8), 0);
                    frames.push((frame.type_id, frame.seq, frame.gap, frame.body.to_vec()));
                }
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
        if rest.is_empty() {
            break;
        }
    }
    (frames, None)
}

fn encode(messages: &[(usize, u8)]) -> Vec<u8> {
    let mut out = SendBuffer::new(messages.len() * frame_size(13), 13);
    for (seq, (kind, fill)) in messages.iter().enumerate() {
        let Announced { type_id, version, size } = ANNOUNCED[*kind];
        assert!(out.push(type_id, version, seq as u64, &vec![*fill; size as usize]));
    }
    out.unwritten().to_vec()
}

fn one_frame(change: impl FnOnce(&mut FrameHeader)) -> Vec<u8> {
    let mut header = FrameHeader { len: 13, type_id: 20, version: 2, seq: 0 };
    change(&mut header);
    let mut bytes = header.to_bytes().to_vec();
    bytes.extend([1; 13]);
    bytes.extend([0; 3]);
    bytes
}

#[test]
fn an_invalid_frame_is_refused_by_its_header() {
    let cases: [(Vec<u8>, FrameError); 8] = [
        (one_frame(|it| it.type_id = 21), FrameError::Unlisted { type_id: 21 }),
        (one_frame(|it| it.len = 12), FrameError::Length { type_id: 20, len: 12, expected: 13 }),
        (one_frame(|it| it.len = 14), FrameError::Length { type_id: 20, len: 14, expected: 13 }),
        (one_frame(|it| it.len = u32::MAX), FrameError::Length { type_id: 20, len: u32::MAX, expected: 13 }),
        (one_frame(|it| it.version = 1), FrameError::Version { type_id: 20, version: 1, expected: 2 }),
        (one_frame(|it| it.version = 3), FrameError::Version { type_id: 20, version: 3, expected: 2 }),
        (one_frame(|it| it.seq = u64::MAX), FrameError::Sequence { seq: u64::MAX, expected: 0 }),
        (
            [one_frame(|it| it.seq = 5), one_frame(|it| it.seq = 5)].concat(),
            FrameError::Sequence { seq: 5, expected: 6 },
        ),
    ];
    for (bytes, error) in cases {
        assert_eq!(decode(&bytes, &[usize::MAX]).1, Some(error));
        let headers_end = bytes.len() - frame_size(13) + FRAME_HEADER;
        assert_eq!(decode(&bytes[..headers_end], &[1]).1, Some(error));
    }
}

#[test]
fn padding_that_is_not_zero_is_refused() {
    for at in 1..=3 {
        let mut bytes = one_frame(|_| {});
        let end = bytes.len();
        bytes[end - at] = 1;
        assert_eq!(decode(&bytes, &[usize::MAX]).1, Some(FrameError::Padding { type_id: 20 }));
    }
}

#[test]
fn an_incomplete_frame_is_awaited() {
    let bytes = one_frame(|_| {});
    for end in 0..bytes.len() {
        assert_eq!(decode(&bytes[..end], &[usize::MAX]), (vec![], None));
    }
}

#[test]
fn the_largest_body_fits_into_every_decoder() {
    let announced = Announced { type_id: 1, version: 1, size: MAX_BODY as u32 };
    let mut out = SendBuffer::new(0, MAX_BODY);
    let mut decoder = Decoder::new([announced], 0, 0);
    let body = vec![7; MAX_BODY];
    for seq in 0..5 {
        assert!(out.push(1, 1, seq, &body));
        while !out.is_empty() {
            let space = decoder.space();
            let count = space.len().min(out.unwritten().len()).min(40_000);
            space[..count].copy_from_slice(&out.unwritten()[..count]);
            decoder.filled(count);
            out.advance(count);
        }
        assert_eq!(decoder.next().unwrap().unwrap().body, body);
    }
}

proptest! {
    #[test]
    fn any_messages_survive_any_split_of_the_stream(
        messages in vec((0..3usize, any::<u8>()), 1..200),
        pieces in vec(1..2000usize, 1..20),
    ) {
        let (frames, error) = decode(&encode(&messages), &pieces);
        prop_assert_eq!(error, None);
        prop_assert_eq!(frames.len(), messages.len());
        for ((seq, (kind, fill)), frame) in messages.iter().enumerate().zip(frames) {
            let Announced { type_id, size, .. } = ANNOUNCED[*kind];
            prop_assert_eq!(frame, (type_id, seq as u64, 0, vec![*fill; size as usize]));
        }
    }

    #[test]
    fn a_flipped_bit_changes_one_message_or_ends_the_stream(
        messages in vec((0..3usize, any::<u8>()), 1..20), at in any::<prop::sample::Index>(), bit in 0..8u32,
    ) {
        let clean = encode(&messages);
        let mut bytes = clean.clone();
        bytes[at.index(clean.len())] ^= 1u8 << bit;
        let (before, (after, error)) = (decode(&clean, &[64]).0, decode(&bytes, &[64]));
        if error.is_none() {
            // A bit of a body, of a sequence number that became larger, or of a length, whose rest is now awaited.
            prop_assert!(after.len() <= before.len());
            let same = before.iter().zip(&after).filter(|(a, b)| a.0 == b.0 && a.3 == b.3).count();
            prop_assert!(same + 1 >= after.len());
        }
    }

    #[test]
    fn random_bytes_never_panic_and_never_give_an_unannounced_message(
        bytes in vec(any::<u8>(), 0..500), pieces in vec(1..100usize, 1..5),
    ) {
        for (type_id, _, _, body) in decode(&bytes, &pieces).0 {
            prop_assert!(ANNOUNCED.iter().any(|it| it.type_id == type_id && it.size as usize == body.len()));
        }
    }

    /// The queue of frames behaves like a simple model, for any order of pushes, writes, drops and lost connections.
    #[test]
    fn a_send_buffer_is_a_queue(steps in vec((0..5u8, 0..100usize), 1..300)) {
        let mut buffer = SendBuffer::new(300, 13);
        let mut model: VecDeque<u64> = VecDeque::new();
        let (mut seq, mut stream, mut expected) = (0, Vec::new(), Vec::new());
        for (step, amount) in steps {
            match step {
                0 | 1 => {
                    let announced = ANNOUNCED[amount % 3];
                    let body = vec![seq as u8; announced.size as usize];
                    if buffer.push(announced.type_id, announced.version, seq, &body) {
                        model.push_back(seq);
                    }
                    seq += 1;
                }
                2 => {
                    let count = amount.min(buffer.unwritten().len());
                    stream.extend_from_slice(&buffer.unwritten()[..count]);
                    let completed = buffer.advance(count);
                    expected.extend(model.drain(..completed));
                }
                3 => {
                    // Sometimes the connection has begun to write bytes that were not recorded yet.
                    let claimed = amount.saturating_sub(50).min(buffer.unwritten().len());
                    let begun = [&stream, &buffer.unwritten()[..claimed]].concat();
                    let kept = frames_begun(&begun) - frames_begun(&stream[..whole_length(&stream)]);
                    prop_assert_eq!(buffer.drop_oldest_behind(claimed), model.get(kept).copied());
                    if kept < model.len() {
                        model.remove(kept);
                    }
                    prop_assert_eq!(&buffer.unwritten()[..claimed], &begun[stream.len()..]);
                }
                _ => {
                    // The connection is lost: a partly written frame is written again on the next one.
                    buffer.rewind();
                    stream.truncate(whole_length(&stream));
                }
            }
            prop_assert_eq!(buffer.frames(), model.len());
        }
        stream.extend_from_slice(buffer.unwritten());
        expected.extend(model);
        let (frames, error) = decode(&stream, &[usize::MAX]);
        prop_assert_eq!(error, None);
        prop_assert_eq!(frames.iter().map(|frame| frame.1).collect::<Vec<_>>(), expected);
        prop_assert!(frames.iter().all(|(_, seq, _, body)| body.iter().all(|byte| *byte == *seq as u8)));
    }

    #[test]
    fn any_handshake_survives_encoding(part in handshake()) {
        let bytes = part.encode().unwrap();
        prop_assert_eq!(Handshake::length(&bytes), Ok(Some(bytes.len())));
        let flipped = match part {
            Handshake::Reject(refusal) => Handshake::Reject(refusal.flipped()),
            same => same,
        };
        prop_assert_eq!(Handshake::decode(&bytes), Ok(flipped));
        for end in 0..bytes.len() {
            prop_assert!(Handshake::decode(&bytes[..end]).is_err());
            prop_assert!(Handshake::length(&bytes[..end]).is_ok());
        }
    }

    #[test]
    fn a_handshake_with_changed_bytes_never_panics(
        part in handshake(), changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = part.encode().unwrap();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(part) = Handshake::decode(&bytes) {
            prop_assert!(part.encode().is_ok());
        }
    }

    #[test]
    fn random_bytes_are_not_a_handshake(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(Handshake::decode(&bytes).is_err());
        prop_assume!(bytes.first() != Some(&b'm') && !bytes.is_empty());
        prop_assert_eq!(Handshake::length(&bytes), Err(HandshakeError::Magic));
    }

    #[test]
    fn both_sides_come_to_the_same_verdict(a in entry(), b in entry(), sends in any::<bool>()) {
        let side = |role, entry: &MessageEntry| Hello {
            role, session: 0, next: 0, schema: "s".into(), messages: vec![MessageEntry { id: 1, ..entry.clone() }],
        };
        let (ours, theirs) = if sends { (Role::Sender, Role::Receiver) } else { (Role::Receiver, Role::Sender) };
        let (a, b) = (side(ours, &a), side(theirs, &b));
        match (compatible(&a, &b), compatible(&b, &a)) {
            (Ok(a), Ok(b)) => prop_assert!(a == b && a.accepts(1)),
            (Err(Refusal::Message(a)), Err(Refusal::Message(b))) => {
                let opposite = match a.older() {
                    Older::Ours => Older::Theirs,
                    Older::Theirs => Older::Ours,
                    Older::Neither => Older::Neither,
                };
                prop_assert_eq!(b.older(), opposite);
                prop_assert_eq!((a.ours, a.theirs), (b.theirs, b.ours));
            }
            verdicts => prop_assert!(false, "{verdicts:?}"),
        }
    }
}

fn whole_length(stream: &[u8]) -> usize {
    let mut at = 0;
    while let Some(header) = stream.get(at..).and_then(|rest| rest.first_chunk()) {
        let size = frame_size(FrameHeader::from_bytes(header).len as usize);
        if stream.len() < at + size {
            break;
        }
        at += size;
    }
    at
}

/// The number of frames that begin in these bytes.
fn frames_begun(stream: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < stream.len() {
        let Some(header) = stream.get(at..at + FRAME_HEADER) else { return count + 1 };
        at += frame_size(FrameHeader::from_bytes(header.try_into().unwrap()).len as usize);
        count += 1;
    }
    count
}

fn layout() -> impl Strategy<Value = Layout> {
    (any::<u16>(), 0..=MAX_BODY as u32, any::<u64>()).prop_map(|(version, size, hash)| Layout { version, size, hash })
}

fn entry() -> impl Strategy<Value = MessageEntry> {
    // Few versions, sizes and hashes, so that layouts are equal often enough.
    let layouts = vec((1..3u32, 0..2u64), 1..4);
    (any::<u16>(), 1..4u16, "[A-Z][a-z]{0,9}", layouts).prop_map(|(id, version, name, layouts)| MessageEntry {
        id,
        version,
        name,
        layouts: (1..).zip(layouts).map(|(version, (size, hash))| Layout { version, size: size * 8, hash }).collect(),
    })
}

fn hello() -> impl Strategy<Value = Hello> {
    let role = prop_oneof![Just(Role::Sender), Just(Role::Receiver)];
    let messages = proptest::collection::btree_map(any::<u16>(), entry(), 0..20);
    (role, any::<u64>(), any::<u64>(), "[a-z]{0,20}", messages).prop_map(|(role, session, next, schema, messages)| {
        let messages = messages.into_iter().map(|(id, entry)| MessageEntry { id, ..entry }).collect();
        Hello { role, session, next, schema, messages }
    })
}

fn refusal() -> impl Strategy<Value = Refusal> {
    let stand = || option::of((any::<u16>(), layout()).prop_map(|(version, layout)| Stand { version, layout }));
    prop_oneof![
        (any::<u16>(), any::<u16>()).prop_map(|(ours, theirs)| Refusal::Protocol { ours, theirs }),
        ("[a-z]{0,20}", "[a-zé]{0,20}").prop_map(|(ours, theirs)| Refusal::Schema { ours, theirs }),
        (any::<u16>(), "[A-Z]{0,9}", stand(), stand())
            .prop_map(|(id, name, ours, theirs)| Refusal::Message(Mismatch { id, name, ours, theirs })),
        "[a-z ]{0,50}".prop_map(Refusal::Transport),
        Just(Refusal::Role),
        Just(Refusal::Malformed),
        Just(Refusal::Busy),
        Just(Refusal::User),
    ]
}

fn handshake() -> impl Strategy<Value = Handshake> {
    prop_oneof![
        hello().prop_map(Handshake::Hello),
        hello().prop_map(Handshake::Accept),
        refusal().prop_map(Handshake::Reject),
    ]
}

const BAR: MessageInfo =
    MessageInfo { id: 1, name: "Bar", topic: "t", version: 3, min_compatible: 1, layouts: &[(1, 8, 1), (3, 16, 3)] };

fn verdict(ours: MessageInfo, theirs: MessageInfo) -> Result<(), String> {
    let ours = Hello::new(Role::Sender, "s", &[ours]).unwrap();
    let theirs = Hello::new(Role::Receiver, "s", &[theirs]).unwrap();
    compatible(&ours, &theirs).map(drop).map_err(|refusal| refusal.to_string())
}

#[test]
fn a_mismatch_names_the_message_and_the_older_side() {
    let old = MessageInfo { version: 1, layouts: &[(1, 8, 1)], ..BAR };
    let cut = MessageInfo { min_compatible: 3, ..BAR };
    let other = MessageInfo { layouts: &[(1, 8, 1), (3, 16, 4)], ..BAR };
    let ours = "version 1 (8 bytes, layout 0x0000000000000001)";
    let theirs = "version 3 (16 bytes, layout 0x0000000000000003)";
    let cases = [
        (old, BAR, None),
        (BAR, old, None),
        (old, cut, Some(format!("this side is older: it has {ours}, which the peer with {theirs} does not read"))),
        (cut, old, Some(format!("the peer is older: it has {ours}, which this side with {theirs} does not read"))),
        (
            BAR,
            other,
            Some(format!(
                "neither side is older, but this side has {theirs} and the peer version 3 (16 bytes, layout 0x0000000000000004)"
            )),
        ),
    ];
    for (ours, theirs, expected) in cases {
        let expected = expected.map_or(Ok(()), |text| Err(format!("message `Bar` (id 1): {text}")));
        assert_eq!(verdict(ours, theirs), expected);
    }
}

/// A breaking change that leaves the layout as it is shows only in the oldest compatible version.
#[test]
fn versions_below_the_oldest_compatible_one_are_refused_whatever_their_layout() {
    let with = |version, min_compatible| MessageInfo { version, min_compatible, layouts: &[(1, 8, 1)], ..BAR };
    for (older, newer, fits) in [
        (with(1, 1), with(2, 1), true),
        (with(1, 1), with(2, 2), false),
        (with(2, 1), with(3, 2), true),
        (with(2, 2), with(3, 2), true),
        (with(2, 2), with(5, 3), false),
        (with(3, 1), with(3, 3), true),
    ] {
        assert_eq!(verdict(older, newer).is_ok(), fits, "{older:?} {newer:?}");
        assert_eq!(verdict(newer, older).is_ok(), fits, "{newer:?} {older:?}");
    }
    let text = verdict(with(1, 1), with(2, 2)).unwrap_err();
    assert!(
        text.starts_with(
            "message `Bar` (id 1): this side is older: it has version 1, and the peer reads version 2 and later"
        ),
        "{text}"
    );
}

#[test]
fn only_layouts_since_the_oldest_compatible_version_are_sent() {
    let layouts = &[(1, 8, 1), (3, 16, 3), (5, 24, 5)];
    for (min_compatible, versions) in
        [(1, vec![1, 3, 5]), (2, vec![2, 3, 5]), (3, vec![3, 5]), (4, vec![4, 5]), (9, vec![9])]
    {
        let entry = MessageEntry::new(&MessageInfo { min_compatible, layouts, ..BAR }).unwrap();
        assert_eq!(entry.layouts.iter().map(|layout| layout.version).collect::<Vec<_>>(), versions);
    }
}

#[test]
fn an_invalid_table_is_refused() {
    let table = |infos: &[MessageInfo]| Hello::new(Role::Sender, "s", infos).map(|_| ());
    let same_id = TableError::SameId { id: 1, first: "Bar".into(), second: "Baz".into() };
    assert_eq!(table(&[BAR, MessageInfo { name: "Baz", ..BAR }]), Err(same_id));
    let unordered = MessageInfo { layouts: &[(3, 8, 1), (3, 16, 1)], ..BAR };
    assert_eq!(table(&[unordered]), Err(TableError::Layouts { name: "Bar".into() }));
    assert_eq!(table(&[MessageInfo { layouts: &[], ..BAR }]), Err(TableError::Layouts { name: "Bar".into() }));
    let large = MessageInfo { layouts: &[(1, MAX_BODY + 1, 1)], ..BAR };
    assert_eq!(table(&[large]), Err(TableError::TooLarge { name: "Bar".into(), size: MAX_BODY + 1 }));
}

#[test]
fn a_handshake_beyond_its_limit_is_refused_by_its_prefix() {
    let mut bytes = Handshake::Reject(Refusal::Busy).encode().unwrap();
    bytes[12..16].copy_from_slice(&(MAX_HANDSHAKE as u32).to_le_bytes());
    assert_eq!(Handshake::length(&bytes), Err(HandshakeError::TooLarge { len: MAX_HANDSHAKE as u64 + 16 }));
    bytes[8..10].copy_from_slice(&9u16.to_le_bytes());
    assert_eq!(Handshake::length(&bytes), Err(HandshakeError::Protocol { theirs: 9 }));
}

#[test]
fn control_characters_of_peers_do_not_reach_logs() {
    let part = Handshake::Reject(Refusal::Transport("a\nb\u{1b}[31m".into()));
    let bytes = part.encode().unwrap();
    assert_eq!(Handshake::decode(&bytes), Ok(Handshake::Reject(Refusal::Transport("a?b?[31m".into()))));
    let newline = bytes.iter().position(|byte| *byte == b'?').unwrap();
    let mut forged = bytes.clone();
    forged[newline] = b'\n';
    assert_eq!(Handshake::decode(&forged), Err(HandshakeError::Malformed));
}
