//! The bus within one task, publishing and receiving, compared with tokio's broadcast channel and with zenoh's callback.

use std::hint::black_box;
use std::time::Instant;

use mycelium_benches::cores::pin;
use mycelium_benches::messages::Quote;
use mycelium_benches::options::Options;
use mycelium_benches::ours::direct::quotes;
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_rt::bus::Bus;
use tokio::runtime::Builder;
use tokio::sync::broadcast;

/// Messages that may wait for a receiver.
const CAPACITY: usize = 1024;

/// This many fit in the L1 cache.
const QUOTES: u64 = 128;

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    vec![Question {
        name: "bus/one-task".to_owned(),
        peer: "tokio-broadcast",
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.0),
        plot: None,
        ours: Box::new(move || ours(options)),
        theirs: Box::new(move || theirs(options)),
    }]
}

/// Compared with a library for it.
#[cfg(feature = "heavy-peers")]
pub(super) fn heavy_questions(options: &Options) -> Vec<Question<'_>> {
    vec![Question {
        name: "bus/one-task".to_owned(),
        peer: "zenoh-callback",
        unit: Unit::Nanoseconds,
        goal: Goal::AtMost(1.0),
        plot: None,
        ours: Box::new(move || ours(options)),
        theirs: Box::new(move || called_back(options)),
    }]
}

fn ours(options: &Options) -> Figure {
    let bus = Bus::with_capacity(CAPACITY);
    let (Ok(mut publisher), Ok(mut subscriber)) = (bus.publisher::<Quote>(), bus.subscribe::<Quote>()) else {
        return Figure::Value(f64::NAN);
    };
    each(options, async |quote| {
        publisher.publish(quote);
        let _ = black_box(subscriber.recv().await);
    })
}

fn theirs(options: &Options) -> Figure {
    let (sender, mut receiver) = broadcast::channel(CAPACITY);
    each(options, async |quote| {
        let _ = sender.send(*quote);
        let _ = black_box(receiver.recv().await);
    })
}

/// zenoh's payload exists already; it is reference-counted, and not copied again.
#[cfg(feature = "heavy-peers")]
fn called_back(options: &Options) -> Figure {
    use mycelium_benches::peers::zenoh::{Local, payload_of};
    use mycelium_rt::Message;
    let session = Local::new(|bytes| {
        black_box(bytes);
    });
    let payloads: Vec<_> = quotes(options.seed, QUOTES).iter().map(|quote| payload_of(quote.as_bytes())).collect();
    let mut next = payloads.iter().cycle();
    each(options, async |_| {
        if let Some(payload) = next.next() {
            session.put(payload);
        }
    })
}

/// The mean time of one quote, in nanoseconds, on a runtime of one thread.
fn each(options: &Options, mut pass: impl AsyncFnMut(&Quote)) -> Figure {
    pin(options.cores.near);
    let Ok(tokio) = Builder::new_current_thread().build() else { return Figure::Value(f64::NAN) };
    let quotes = quotes(options.seed, QUOTES);
    let rounds = options.messages.div_ceil(quotes.len());
    let nanoseconds = tokio.block_on(async {
        let mut begin = Instant::now();
        // The first tenth warms up.
        for round in 0..rounds + rounds / 10 {
            if round == rounds / 10 {
                begin = Instant::now();
            }
            for quote in &quotes {
                pass(black_box(quote)).await;
            }
        }
        begin.elapsed().as_nanos() as f64
    });
    Figure::Value(nanoseconds / (rounds * quotes.len()) as f64)
}
