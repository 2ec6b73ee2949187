//! A client that invents what it sends: frames that are nearly right, and handshakes that are not.

use mycelium_rt::link::{Limits, StreamInput};
use mycelium_rt::testing::Random;
use mycelium_rt::wire::{FrameHeader, Role};

use super::hostile::Scene;
use super::path::{BOTH, Receiver, until};
use super::raw::{Raw, RawPath, hello, tick};
use super::streams::{TcpPath, UnixPath};

/// Frames over each kind of socket, which take a second or two.
const FRAMES: u64 = 100_000;

/// Valid frames, of which one may be changed anywhere. Returns how many before it are valid, and whether it is invalid.
fn random_frames(random: &mut Random) -> (Vec<u8>, u64, bool) {
    let count = 20 + random.below(80);
    let bad = (random.below(8) > 0).then(|| random.below(count));
    let mut bytes = Vec::new();
    for at in 0..count {
        let is_bad = bad == Some(at);
        let kind = if is_bad { 1 + random.below(6) } else { 0 };
        let small = 1 + random.below(9);
        bytes.extend(tick(1, |it| {
            it.seq = at;
            match kind {
                1 => it.len = random_other(random, u64::from(it.len), small) as u32,
                2 => it.type_id = random_other(random, u64::from(it.type_id), small) as u16,
                3 => it.version = random_other(random, u64::from(it.version), small) as u16,
                4 if at > 0 => it.seq = at - 1 - small % at,
                4 | 5 => it.seq = u64::MAX,
                6 => *it = FrameHeader::from_bytes(&[random.below(256) as u8 | 16; 16]),
                _ => {}
            }
        }));
        if is_bad {
            return (bytes, at, true);
        }
    }
    (bytes, count, false)
}

/// A number other than `is`: near it, or anywhere.
fn random_other(random: &mut Random, is: u64, small: u64) -> u64 {
    let other = match random.below(3) {
        0 => is.wrapping_add(small),
        1 => is.wrapping_sub(small),
        _ => random.number(),
    };
    // The callers truncate it to 16 bits, so these must differ as well.
    if other as u16 == is as u16 { is + small } else { other }
}

pub(crate) fn random_frames_deliver_what_was_fine_and_nothing_else<P: RawPath>(total: u64) {
    let mut scene = Scene::<P>::over(Limits { turn: 64, ..Limits::default() });
    let mut random = Random::seeded(7402);
    let (mut frames, mut received, mut ended) = (0, 0, 0);
    while frames < total {
        let mut raw = Raw::greeted(&scene.path, &mut scene.input);
        let (bytes, fine, is_bad) = random_frames(&mut random);
        // In pieces, so that frames are split anywhere.
        let cut = random.below(bytes.len() as u64) as usize;
        let mut numbers = Vec::new();
        assert!(raw.say(&bytes[..cut]));
        StreamInput::poll(&mut scene.input, |_, _, body| check(&mut numbers, body));
        raw.say(&bytes[cut..]);
        until("it is judged", || {
            StreamInput::poll(&mut scene.input, |_, _, body| check(&mut numbers, body));
            let stats = scene.input.stats();
            numbers.len() as u64 == fine && (!is_bad || stats.corrupt + stats.unlisted > ended)
        });
        ended += u64::from(is_bad);
        received += fine;
        frames += fine + u64::from(is_bad);
        assert_eq!(scene.input.stats().received, received);
    }
    let stats = scene.input.stats();
    assert_eq!((stats.corrupt + stats.unlisted, stats.invalid, stats.gaps), (ended, 0, 0));
    scene.others_go_on();
}

#[test]
fn a_hundred_thousand_random_frames_over_unix() {
    random_frames_deliver_what_was_fine_and_nothing_else::<UnixPath>(FRAMES);
}

#[test]
fn a_hundred_thousand_random_frames_over_tcp() {
    random_frames_deliver_what_was_fine_and_nothing_else::<TcpPath>(FRAMES);
}

fn check(numbers: &mut Vec<u64>, body: &[u8]) -> Result<(), &'static str> {
    assert_eq!(body, 1u64.to_le_bytes());
    numbers.push(1);
    Ok(())
}

fn random_handshakes_are_refused_or_answered_and_affect_no_other<P: RawPath>() {
    let mut scene = Scene::<P>::over(Limits::default());
    let mut random = Random::seeded(4207);
    let clean = hello(Role::Sender, BOTH).encode().unwrap();
    for _ in 0..3000 {
        let mut bytes = clean.clone();
        for _ in 0..random.below(4) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] = random.number() as u8;
        }
        bytes.truncate(1 + random.below(2 * bytes.len() as u64) as usize);
        let mut raw = scene.path.connect();
        assert!(raw.say(&bytes));
        scene.input.take(&mut Vec::new());
        drop(raw);
    }
    scene.others_go_on();
    until("they are gone", || {
        scene.input.take(&mut Vec::new());
        scene.input.peers() == 1
    });
    let stats = scene.input.stats();
    assert_eq!((stats.received, stats.unlisted, stats.invalid), (1, 0, 0));
    assert!(stats.corrupt > 100 && stats.refused > 10 && stats.connects > 10, "{stats:?}");
    scene.others_go_on();
}

#[test]
fn random_handshakes_over_unix() {
    random_handshakes_are_refused_or_answered_and_affect_no_other::<UnixPath>();
}

#[test]
fn random_handshakes_over_tcp() {
    random_handshakes_are_refused_or_answered_and_affect_no_other::<TcpPath>();
}
