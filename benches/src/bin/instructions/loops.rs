//! The measured loops: one per path.

use std::hint::black_box;

use mycelium_benches::bare::ring;
use mycelium_benches::ours::direct::{Board, number, number_by_hand, quotes};
use mycelium_benches::ours::stream::{self, Socket};
use mycelium_benches::ours::{Wait, queue, shm};
use mycelium_benches::port::{Port, read};
use mycelium_rt::Message;

/// The words of a message.
const WORDS: usize = 8;

/// Messages between two turns of the receiver in rates.
const BULK: usize = 512;

type Loop = fn(usize);

/// All loops by name.
pub(crate) const LOOPS: &[(&str, Loop)] = &[
    ("direct/routed", |count| {
        let mut board = Board::empty();
        each_quote(count, |quote| board.route_quote(quote));
        black_box(board);
    }),
    ("direct/by-hand", |count| {
        let mut board = Board::empty();
        each_quote(count, |quote| board.by_hand(quote));
        black_box(board);
    }),
    ("read/in-place", |count| {
        each_quote(count, |quote| {
            black_box(number(quote.as_bytes()));
        })
    }),
    ("read/by-hand", |count| {
        each_quote(count, |quote| {
            black_box(number_by_hand(quote.as_bytes()));
        })
    }),
    ("ring/one", |count| through(count, 1, queue::pair::<WORDS>(1024, Wait::Poll))),
    ("ring/bulk", |count| through(count, BULK, queue::pair::<WORDS>(1024, Wait::Poll))),
    ("rtrb/one", |count| through(count, 1, ring::pair::<WORDS>(1024))),
    ("rtrb/bulk", |count| through(count, BULK, ring::pair::<WORDS>(1024))),
    ("shm/one", |count| through(count, 1, shm_pair(1))),
    ("shm/bulk", |count| through(count, BULK, shm_pair(64))),
    ("unix/one", |count| through(count, 1, unix_pair(1))),
    ("unix/bulk", |count| through(count, BULK, unix_pair(BULK as u32))),
];

/// Runs the loop of this name.
pub(crate) fn run(name: &str, count: usize) -> Result<(), String> {
    let (_, body) =
        LOOPS.iter().find(|(known, _)| *known == name).ok_or_else(|| format!("no loop is called `{name}`"))?;
    body(count);
    Ok(())
}

fn shm_pair(batch: u32) -> (shm::Shm, shm::Shm) {
    shm::pair::<WORDS>(shm::Setup { slots: 1024, wait: Wait::Poll, batch }, false)
}

fn unix_pair(batch: u32) -> (stream::Stream, stream::Stream) {
    stream::pair::<WORDS>(stream::Setup { socket: Socket::Unix, wait: Wait::Poll, batch }, false)
}

fn each_quote(count: usize, mut take: impl FnMut(&mycelium_benches::messages::Quote)) {
    let quotes = quotes(1, 128);
    for _ in 0..count / quotes.len() {
        quotes.iter().for_each(|quote| take(black_box(quote)));
    }
}

/// Sends `turn` messages, takes them, and again.
fn through<P: Port<WORDS>>(count: usize, turn: usize, (mut sender, mut receiver): (P, P)) {
    let (body, mut sum) = ([3; WORDS], 0);
    for _ in 0..count / turn {
        for _ in 0..turn {
            sender.send(black_box(&body));
        }
        sender.flush();
        let mut taken = 0;
        while taken < turn {
            taken += receiver.receive(|body| sum ^= read(body));
        }
    }
    black_box(sum);
}
