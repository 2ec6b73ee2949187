//! Messages of every kind of type, read where their bytes lie. The bytes are an allocation of exactly their length, so that the address
//! sanitizer sees each byte that is read beyond.

use std::fmt::Write as _;

use fastrand::Rng;
use mycelium_fixtures::{kinds, limits, names, rules, telemetry_v3};
use mycelium_rt::{DecodeError, MessageInfo};

/// How many bodies of each message are read.
const BODIES: usize = 4_000;

pub(crate) fn run() -> String {
    let mut counts = Counts::default();
    // What a body decodes to is printed, so that each field is looked at.
    let mut printed = String::new();
    let contracts: [Contract; 5] = [
        (kinds::MESSAGES, |id, body, printed| {
            kinds::AnyMessage::decode(id, body).map(|message| write(printed, &message))
        }),
        (limits::MESSAGES, |id, body, printed| {
            limits::AnyMessage::decode(id, body).map(|message| write(printed, &message))
        }),
        (names::MESSAGES, |id, body, printed| {
            names::AnyMessage::decode(id, body).map(|message| write(printed, &message))
        }),
        (rules::MESSAGES, |id, body, printed| {
            rules::AnyMessage::decode(id, body).map(|message| write(printed, &message))
        }),
        (telemetry_v3::MESSAGES, |id, body, printed| {
            telemetry_v3::AnyMessage::decode(id, body).map(|message| write(printed, &message))
        }),
    ];
    for (messages, decode) in contracts {
        for message in messages {
            let sizes: Vec<usize> = message.layouts.iter().map(|(_, size, _)| *size).collect();
            bodies(&sizes, |body| {
                printed.clear();
                match decode(message.id, body, &mut printed) {
                    Ok(()) => counts.read += 1,
                    Err(_) => counts.refused += 1,
                }
            });
        }
    }
    assert!(counts.read > BODIES && counts.refused > BODIES, "{counts:?}");
    format!("{} bodies read, {} refused", counts.read, counts.refused)
}

/// The messages of a contract, and what decodes and prints one of them.
type Contract = (&'static [MessageInfo], fn(u16, &[u8], &mut String) -> Result<(), DecodeError>);

#[derive(Debug, Default)]
struct Counts {
    read: usize,
    refused: usize,
}

fn write(printed: &mut String, message: &impl std::fmt::Debug) {
    write!(printed, "{message:?}").expect("a string takes everything");
}

/// Bodies of all layouts and of other lengths, on a boundary of 8 bytes and off it: zeros with a few other bytes, most of them small,
/// as tags, variants and lengths are.
fn bodies(sizes: &[usize], mut read: impl FnMut(&[u8])) {
    let mut random = Rng::with_seed(1);
    for _ in 0..BODIES {
        let size = sizes[random.usize(..sizes.len())];
        let length = if random.u8(..16) == 0 { random.usize(..size + 16) } else { size };
        let mut body: Box<[u8]> = vec![0; length].into();
        for _ in 0..random.usize(..5).min(length) {
            let largest = if random.u8(..4) == 0 { u8::MAX } else { 3 };
            body[random.usize(..length)] = random.u8(..=largest);
        }
        read(&body);
        let unaligned: Box<[u8]> = [0].iter().chain(&body).copied().collect();
        read(&unaligned[1..]);
    }
}
