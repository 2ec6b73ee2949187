//! loom models of a lane's rest: whatever arrives while it goes to sleep wakes it, in every order of events. A lost wake-up is a deadlock,
//! which loom reports.
//!
//! Run with `RUSTFLAGS="--cfg mycelium_loom" cargo test -p mycelium-rt --features tokio --release --lib models`.

use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::task::{Poll, Waker};

use loom::thread;

use super::{LaneWaker, Resting, Rings, park};
use crate::link::wait::Interest;
use crate::modelling::{assert_each_is_needed, block_on, models};
use crate::ring::{Consumer, Producer, Ready, queue};
use crate::sync::weakening::{self, Rule};
use crate::sync::{AtomicU32, Ordering};

/// Leaked by a failing model: once loom has given up on an execution, nothing of it may be touched.
type Leaky<T> = ManuallyDrop<T>;

impl Rings for Vec<Leaky<Resting>> {
    fn all(&mut self, mut ask: impl FnMut(&mut Resting) -> bool) -> bool {
        self.iter_mut().all(|ring| ask(ring))
    }
}

/// What a lane waits for besides its rings: work that is made visible first, and then always notified.
#[derive(Default)]
struct News {
    count: AtomicU32,
}

impl News {
    fn publish(&self, notifier: &LaneWaker) {
        // Relaxed, like the counter of the registry of senders: the waker orders it.
        self.count.fetch_add(1, Ordering::Relaxed);
        notifier.notify();
    }

    fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}

/// A lane without services: it takes messages, and rests in between as `lane::Executor` does.
struct Lane {
    notifier: Arc<LaneWaker>,
    waker: Waker,
    rings: Leaky<Vec<Leaky<Resting>>>,
    news: Arc<News>,
}

impl Lane {
    fn new(rings: impl IntoIterator<Item = Consumer>) -> Self {
        let notifier = LaneWaker::for_thread().expect("nothing of the kernel is asked for");
        notifier.adopt_this_thread();
        let rings = Leaky::new(rings.into_iter().map(|consumer| Leaky::new(Resting::new(consumer))).collect());
        Self { waker: Waker::from(Arc::clone(&notifier)), notifier, rings, news: Arc::default() }
    }

    /// Takes what there is. Returns whether there was anything.
    fn turn(&mut self, seen: &mut u32) -> bool {
        let before = *seen;
        for ring in self.rings.iter_mut() {
            *seen += ring.consumer.poll(usize::MAX, |_| ()) as u32;
        }
        *seen != before
    }

    /// Goes to sleep, with or without a descriptor to wait for, if there is no more news than `seen`.
    fn rest(&mut self, seen: u32, descriptors: &[Interest<'_>]) {
        let arms_first = !weakening::is(Rule::ArmsFirst);
        if arms_first {
            self.notifier.arm();
        }
        // Without rings, as on the thread of a link of a bus, there is no barrier.
        let quiet = self.rings.is_empty() || park(&mut *self.rings, &self.waker);
        let idle = quiet && self.news.count() == seen;
        if !arms_first {
            self.notifier.arm();
        }
        if idle {
            self.notifier.sleep(descriptors, None);
        }
        self.rings.iter_mut().for_each(|ring| ring.unpark());
    }

    fn take(&mut self, messages: u32, descriptors: &[Interest<'_>]) {
        let mut seen = 0;
        while seen < messages {
            if !self.turn(&mut seen) {
                self.rest(0, descriptors);
            }
        }
    }

    fn await_news(&mut self, news: u32, mut descriptors: impl FnMut(u32) -> bool) {
        let standard = std::io::stdin();
        let silent = [Interest { descriptor: standard.as_fd(), readable: true, writable: false }];
        let mut seen = self.news.count();
        let mut rests = 0;
        while seen < news {
            self.rest(seen, if descriptors(rests) { &silent } else { &[] });
            rests += 1;
            seen = self.news.count();
        }
    }

    fn end(self) {
        Leaky::into_inner(self.rings).into_iter().for_each(|ring| drop(Leaky::into_inner(ring)));
    }
}

fn ring(capacity: usize) -> (Leaky<Producer>, Consumer) {
    let (producer, consumer) = queue(capacity, 8).expect("the geometry is within its limits");
    (Leaky::new(producer), consumer)
}

/// Another lane, which sends this many messages. It keeps its end of the ring: dropping that would wake the lane in any case.
fn sender(mut producer: Leaky<Producer>, messages: u32) -> thread::JoinHandle<Leaky<Producer>> {
    thread::spawn(move || {
        for _ in 0..messages {
            while producer.push_bytes(1, &[]).is_err() {
                assert_eq!(producer.wait_space(None), Ready::Yes);
            }
        }
        producer.flush();
        producer
    })
}

fn finish(sender: thread::JoinHandle<Leaky<Producer>>) {
    drop(Leaky::into_inner(sender.join().expect("a thread that panics ends the model")));
}

fn one_ring() {
    let (producer, consumer) = ring(2);
    let mut lane = Lane::new([consumer]);
    let sender = sender(producer, 1);
    lane.take(1, &[]);
    finish(sender);
    lane.end();
}

/// Two rings behind one barrier.
fn two_rings() {
    let ((first, from_first), (second, from_second)) = (ring(1), ring(1));
    let mut lane = Lane::new([from_first, from_second]);
    let (first, second) = (sender(first, 1), sender(second, 1));
    lane.take(2, &[]);
    finish(first);
    finish(second);
    lane.end();
}

/// The sender sleeps on a full ring while the lane goes to sleep.
fn full_ring() {
    let (producer, consumer) = ring(1);
    let mut lane = Lane::new([consumer]);
    let sender = sender(producer, 2);
    lane.take(2, &[]);
    finish(sender);
    lane.end();
}

/// The lane waits for a descriptor, too, and so sleeps in the kernel in another way.
fn ring_beside_a_descriptor() {
    let (producer, consumer) = ring(2);
    let mut lane = Lane::new([consumer]);
    let sender = sender(producer, 1);
    let standard = std::io::stdin();
    lane.take(1, &[Interest { descriptor: standard.as_fd(), readable: true, writable: false }]);
    finish(sender);
    lane.end();
}

/// A ring whose sender is gone is news once, and then does not keep the lane awake.
fn sender_leaves() {
    let ((leaving, from_leaving), (staying, from_staying)) = (ring(1), ring(1));
    let mut lane = Lane::new([from_leaving, from_staying]);
    drop(Leaky::into_inner(leaving));
    let sender = sender(staying, 1);
    lane.take(1, &[]);
    finish(sender);
    lane.end();
}

/// A sender is added, or the system shuts down.
fn news() {
    notify_twice(|_| false);
}

/// The same, where the lane waits for a descriptor in its second rest only.
fn news_beside_a_descriptor() {
    notify_twice(|rest| rest % 2 == 1);
}

/// The same, in its first rest only.
fn news_after_a_descriptor() {
    notify_twice(|rest| rest % 2 == 0);
}

fn notify_twice(descriptors: fn(u32) -> bool) {
    let mut lane = Lane::new([]);
    let (notifier, news) = (Arc::clone(&lane.notifier), Arc::clone(&lane.news));
    let publisher = thread::spawn(move || (0..2).for_each(|_| news.publish(&notifier)));
    lane.await_news(2, descriptors);
    publisher.join().expect("a thread that panics ends the model");
    lane.end();
}

/// A lane that is a task stores the waker of its runtime in each poll, then checks whether it is notified.
fn task_is_notified() {
    let notifier = LaneWaker::for_task().expect("nothing of the kernel is asked for");
    let news = Arc::new(News::default());
    let (waker, news_of_task) = (Arc::clone(&notifier), Arc::clone(&news));
    let publisher = thread::spawn(move || (0..2).for_each(|_| news_of_task.publish(&waker)));
    while news.count() < 2 {
        notifier.arm();
        if news.count() < 2 {
            block_on(|cx| {
                notifier.adopt_task(cx.waker());
                if notifier.is_notified_now() { Poll::Ready(()) } else { Poll::Pending }
            });
        }
    }
    publisher.join().expect("a thread that panics ends the model");
}

models! {
    one_ring two_rings full_ring ring_beside_a_descriptor sender_leaves news news_beside_a_descriptor news_after_a_descriptor task_is_notified
}

/// Each rule, and a model that must fail without it.
#[test]
fn every_rule_is_needed() {
    assert_each_is_needed(&[
        (Rule::Rechecks, one_ring),
        (Rule::Rechecks, two_rings),
        (Rule::SleepFence, one_ring),
        (Rule::SleepFence, two_rings),
        (Rule::NotifyFence, two_rings),
        (Rule::ArmsFirst, news),
        (Rule::ArmsFirst, one_ring),
        (Rule::NotifyReleases, news),
        (Rule::ArmAcquires, news),
        (Rule::FinalCheckIsAChange, news_beside_a_descriptor),
        (Rule::ArmAcquires, task_is_notified),
    ]);
}
