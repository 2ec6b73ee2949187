//! The frame decoder.

use mycelium_rt::wire::{Announced, Decoder, FrameError, SendBuffer};

const ANNOUNCED: [Announced; 4] = [
    Announced { type_id: 0, version: 1, size: 0 },
    Announced { type_id: 7, version: 1, size: 8 },
    Announced { type_id: 9, version: 3, size: 13 },
    Announced { type_id: 65_535, version: 2, size: 300 },
];

/// A decoded frame.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    type_id: u16,
    version: u16,
    seq: u64,
    gap: u64,
    body: Vec<u8>,
}

/// The first byte is the size of the pieces in which the others arrive. Returns the number of frames.
///
/// The pieces must make no difference; frames that are encoded again must give the same bytes; and gaps must add up.
pub fn run(data: &[u8]) -> usize {
    let Some((&piece, bytes)) = data.split_first() else { return 0 };
    let (whole, end) = decode(bytes, bytes.len().max(1));
    assert_eq!((&whole, &end), (&decode(bytes, usize::from(piece) + 1).0, &decode(bytes, usize::from(piece) + 1).1));
    let mut again = SendBuffer::new(bytes.len(), 300);
    let mut expected = 0;
    for frame in &whole {
        assert!(again.push(frame.type_id, frame.version, frame.seq, &frame.body), "no more than before");
        assert_eq!(frame.seq, expected + frame.gap);
        expected = frame.seq + 1;
    }
    assert!(bytes.starts_with(again.unwritten()), "frames encode to the same bytes");
    if end.is_ok() {
        assert!(bytes.len() - again.unwritten().len() < 16 + 304, "what is left is less than a frame");
    }
    whole.len()
}

fn decode(bytes: &[u8], piece: usize) -> (Vec<Seen>, Result<(), FrameError>) {
    let mut decoder = Decoder::new(ANNOUNCED, 0, 0);
    let mut seen = Vec::new();
    for mut rest in bytes.chunks(piece) {
        while !rest.is_empty() {
            let space = decoder.space();
            let count = space.len().min(rest.len());
            assert!(count > 0, "there is room, since all complete frames were taken");
            let (head, tail) = rest.split_at(count);
            space[..count].copy_from_slice(head);
            decoder.filled(count);
            rest = tail;
            loop {
                match decoder.next() {
                    Ok(Some(frame)) => {
                        assert!(frame.body.as_ptr().addr().is_multiple_of(8));
                        let (type_id, version) = (frame.type_id, frame.version);
                        seen.push(Seen { type_id, version, seq: frame.seq, gap: frame.gap, body: frame.body.to_vec() });
                    }
                    Ok(None) => break,
                    Err(error) => return (seen, Err(error)),
                }
            }
        }
    }
    (seen, Ok(()))
}

/// Accepted bytes.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let frames = |numbers: &[u64]| {
        let mut out = SendBuffer::new(1 << 16, 300);
        for &seq in numbers {
            let Announced { type_id, version, size } = ANNOUNCED[seq as usize % 4];
            assert!(out.push(type_id, version, seq, &vec![seq as u8; size as usize]));
        }
        out.unwritten().to_vec()
    };
    let with = |piece: u8, frames: Vec<u8>| [vec![piece], frames].concat();
    vec![
        ("all", with(255, frames(&[0, 1, 2, 3]))),
        ("byte-by-byte", with(0, frames(&[1, 2, 3, 4, 5]))),
        ("gaps", with(16, frames(&[1, 6, 9, 10, 1 << 40]))),
    ]
}
