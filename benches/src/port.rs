//! Two ports, one at each end of a path, are what is measured.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use crate::cores::{Cores, pin};
use crate::samples::Samples;

/// A message of `W` words of eight bytes.
pub type Body<const W: usize> = [u64; W];

/// One end of a path for messages of one size. A failure ends the program: there is nothing left to measure.
pub trait Port<const W: usize> {
    /// Sends; waits for room if necessary.
    fn send(&mut self, body: &Body<W>);

    /// Flushes what was sent.
    fn flush(&mut self) {}

    /// Takes what has arrived, and returns the number of messages. A blocking port waits until there is one.
    fn receive(&mut self, take: impl FnMut(&Body<W>)) -> usize;
}

/// The sum of a message's words. A receiver computes it, so that the whole message has to arrive.
#[inline(always)]
pub fn read<const W: usize>(body: &Body<W>) -> u64 {
    body.iter().fold(0, |sum, word| sum ^ word)
}

/// Times `count` round trips, after a tenth as many to warm up. One way is half of it, less half of a clock read.
pub fn round_trips(count: usize, mut trip: impl FnMut()) -> Samples {
    let mut trips = Trips::new(count);
    while trips.lap() {
        trip();
    }
    trips.samples()
}

/// The same, for a caller that is called when a message has come back.
#[derive(Debug)]
pub struct Trips {
    times: Vec<f32>,
    count: usize,
    warm_up: usize,
    clock: f64,
    before: Instant,
}

impl Trips {
    /// For this many round trips, after a tenth as many to warm up.
    pub fn new(count: usize) -> Self {
        let (times, clock) = (Vec::with_capacity(count), clock_cost());
        // The first lap only starts the clock.
        Self { times, count, warm_up: count / 10 + 1, clock, before: Instant::now() }
    }

    /// Call it before the first trip and after each. Returns whether another one is needed.
    #[inline]
    pub fn lap(&mut self) -> bool {
        let now = Instant::now();
        if self.warm_up > 0 {
            self.warm_up -= 1;
        } else {
            self.times.push((((now - self.before).as_nanos() as f64 - self.clock) / 2.0) as f32);
        }
        self.before = now;
        self.times.len() < self.count
    }

    /// The one-way times.
    pub fn samples(self) -> Samples {
        Samples::new(self.times)
    }
}

/// The time of one clock read, in nanoseconds: the least of several tries, so that no interrupt is included.
fn clock_cost() -> f64 {
    const LOOKS: u32 = 1_000;
    let attempt = || {
        let begin = Instant::now();
        for _ in 0..LOOKS {
            black_box(Instant::now());
        }
        begin.elapsed().as_nanos() as f64 / f64::from(LOOKS)
    };
    (0..20).map(|_| attempt()).fold(f64::INFINITY, f64::min)
}

/// One-way times: a message goes over and comes back, `count` times.
pub fn latency<const W: usize, P: Port<W> + Send>(
    cores: Cores,
    count: usize,
    body: &Body<W>,
    (mut near, mut far): (P, P),
) -> Samples {
    thread::scope(|scope| {
        let answering = scope.spawn(move || {
            pin(cores.far);
            echo(&mut far, count);
            far
        });
        pin(cores.near);
        let samples = trips(&mut near, count, body);
        // Not earlier: some channels lose their messages when the other end is dropped.
        drop(answering.join());
        samples
    })
}

/// The near end of [`latency`].
pub fn trips<const W: usize, P: Port<W>>(near: &mut P, count: usize, body: &Body<W>) -> Samples {
    let mut body = *body;
    round_trips(count, || {
        near.send(black_box(&body));
        near.flush();
        while near.receive(|answer| body = *answer) == 0 {
            std::hint::spin_loop();
        }
    })
}

/// The far end of [`latency`], for all trips including the warm-up.
pub fn echo<const W: usize, P: Port<W>>(far: &mut P, count: usize) {
    let mut copy = [0; W];
    for _ in 0..count + count / 10 {
        while far.receive(|body| copy = *body) == 0 {
            std::hint::spin_loop();
        }
        far.send(&copy);
        far.flush();
    }
}

/// Messages per second, in millions: `count` of them one way, as the receiver sees it, the first tenth not counted.
pub fn rate<const W: usize, P: Port<W> + Send>(
    cores: Cores,
    count: usize,
    body: &Body<W>,
    (mut sender, mut receiver): (P, P),
) -> f64 {
    thread::scope(|scope| {
        let receiver = scope.spawn(move || {
            pin(cores.far);
            // The port lives until the sender has finished.
            (take_all(&mut receiver, count), receiver)
        });
        pin(cores.near);
        send_all(&mut sender, count, body);
        match receiver.join() {
            Ok((rate, _receiver)) => rate,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The near end of [`rate`].
pub fn send_all<const W: usize, P: Port<W>>(sender: &mut P, count: usize, body: &Body<W>) {
    for _ in 0..count {
        sender.send(black_box(body));
    }
    sender.flush();
}

/// The far end of [`rate`], and its figure.
pub fn take_all<const W: usize, P: Port<W>>(receiver: &mut P, count: usize) -> f64 {
    let warm_up = count / 10;
    let (mut taken, mut begin, mut sum) = (0, None, 0);
    while taken < count {
        let now = receiver.receive(|body| sum ^= read(black_box(body)));
        taken += now;
        if now == 0 {
            std::hint::spin_loop();
        }
        if begin.is_none() && taken >= warm_up {
            begin = Some((Instant::now(), taken));
        }
    }
    let (begin, before) = begin.unwrap_or((Instant::now(), 0));
    let seconds = begin.elapsed().as_secs_f64();
    black_box(sum);
    (taken - before) as f64 / seconds / 1e6
}
