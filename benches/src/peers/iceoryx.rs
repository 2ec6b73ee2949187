//! iceoryx2, between two processes.
//!
//! Set up as in its own benchmarks of publish-subscribe and events: a service for each direction with one publisher and one
//! subscriber, no history, services of the kind `ipc` (their thread-safe variant locks), samples loaned from shared memory and written
//! in place, the next one loaned while the answer is awaited. For latency a buffer of one sample that overflows, as there; where nothing
//! may be lost, one that holds as many messages as our ring, and a publisher that waits for room (`RetryUntilDelivered`, the default; to
//! discard and try again gave the same rate).

use iceoryx2::node::{Node, NodeBuilder};
use iceoryx2::port::listener::Listener;
use iceoryx2::port::notifier::Notifier;
use iceoryx2::port::publisher::Publisher;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::prelude::{BackpressureStrategy, LogLevel, ServiceName, ipc, set_log_level};
use iceoryx2::sample_mut_uninit::SampleMutUninit;
use std::mem::MaybeUninit;

use crate::port::{Body, Port};
use crate::processes::{Job, Path, Place};

/// Messages of a buffer where nothing may be lost.
const ROOM: usize = 1024;
/// Messages taken at once, at most.
const TURN: usize = 64;
/// Messages in a sample of [`Slices`].
const SLICE: usize = 64;

type Service = ipc::Service;

/// Messages as samples, polled.
pub struct Polled;
/// Messages as samples, each announced by an event, on which the receiver sleeps.
pub struct Events;
/// Many messages in one sample, put together by hand.
pub struct Slices;

/// One end of two services, one in each direction.
pub struct End<const W: usize> {
    publisher: Publisher<Service, Body<W>, ()>,
    subscriber: Subscriber<Service, Body<W>, ()>,
    loaned: Option<SampleMutUninit<Service, MaybeUninit<Body<W>>, ()>>,
    events: Option<(Notifier<Service>, Listener<Service>)>,
    _node: Node<Service>,
}

/// One end of two services whose samples are slices.
pub struct SliceEnd<const W: usize> {
    publisher: Publisher<Service, [Body<W>], ()>,
    subscriber: Subscriber<Service, [Body<W>], ()>,
    held: Vec<Body<W>>,
    _node: Node<Service>,
}

const WORKS: &str = "iceoryx2, with enough shared memory";

fn node() -> Node<Service> {
    set_log_level(LogLevel::Error);
    NodeBuilder::new().create().expect(WORKS)
}

/// The names of the services that this end sends to and receives from.
fn services(place: &Place) -> (ServiceName, ServiceName) {
    let name = |direction: &str| ServiceName::new(&format!("{}/{direction}", place.name())).expect(WORKS);
    let (forth, back) = (name("forth"), name("back"));
    if place.near { (forth, back) } else { (back, forth) }
}

fn open<const W: usize>(place: &Place, events: bool) -> End<W> {
    let node = node();
    let (to, from) = services(place);
    let (room, overflows) = if place.job == Job::Trips { (1, true) } else { (ROOM, false) };
    let service = |name| {
        let builder = node.service_builder(name).publish_subscribe::<Body<W>>().max_publishers(1).max_subscribers(1);
        let builder = builder.history_size(0).subscriber_max_buffer_size(room).enable_safe_overflow(overflows);
        builder.open_or_create().expect(WORKS)
    };
    let subscriber = service(&from).subscriber_builder().create().expect(WORKS);
    let outgoing = service(&to);
    let publisher = outgoing.publisher_builder().backpressure_strategy(BackpressureStrategy::RetryUntilDelivered);
    let publisher = publisher.create().expect(WORKS);
    let events = events.then(|| {
        let event = |name| {
            let builder = node.service_builder(name).event().max_notifiers(1).max_listeners(1);
            builder.open_or_create().expect(WORKS)
        };
        let listener = event(&from).listener_builder().create().expect(WORKS);
        (event(&to).notifier_builder().create().expect(WORKS), listener)
    });
    End { publisher, subscriber, loaned: None, events, _node: node }
}

impl<const W: usize> Port<W> for End<W> {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        let sample = self.loaned.take().unwrap_or_else(|| self.publisher.loan_uninit().expect(WORKS));
        sample.write_payload(*body).send().expect(WORKS);
        if let Some((notifier, _)) = &self.events {
            notifier.notify().expect(WORKS);
        }
    }

    #[inline(always)]
    fn flush(&mut self) {
        self.loaned = self.publisher.loan_uninit().ok();
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        if let Some((_, listener)) = &self.events {
            listener.blocking_wait(|_| {}).expect(WORKS);
        }
        let mut taken = 0;
        while (taken < TURN || self.events.is_some())
            && let Some(sample) = self.subscriber.receive().expect(WORKS)
        {
            take(sample.payload());
            taken += 1;
        }
        taken
    }
}

fn open_slices<const W: usize>(place: &Place) -> SliceEnd<W> {
    let node = node();
    let (to, from) = services(place);
    let service = |name| {
        let builder = node.service_builder(name).publish_subscribe::<[Body<W>]>().max_publishers(1).max_subscribers(1);
        let builder = builder.history_size(0).subscriber_max_buffer_size(ROOM / SLICE).enable_safe_overflow(false);
        builder.open_or_create().expect(WORKS)
    };
    let subscriber = service(&from).subscriber_builder().create().expect(WORKS);
    let publisher = service(&to).publisher_builder().initial_max_slice_len(SLICE).create().expect(WORKS);
    SliceEnd { publisher, subscriber, held: Vec::with_capacity(SLICE), _node: node }
}

impl<const W: usize> Port<W> for SliceEnd<W> {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        self.held.push(*body);
        if self.held.len() == SLICE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let sample = self.publisher.loan_slice_uninit(self.held.len()).expect(WORKS);
        sample.write_from_slice(&self.held).send().expect(WORKS);
        self.held.clear();
    }

    #[inline(always)]
    fn receive(&mut self, take: impl FnMut(&Body<W>)) -> usize {
        let Some(sample) = self.subscriber.receive().expect(WORKS) else { return 0 };
        sample.payload().iter().for_each(take);
        sample.payload().len()
    }
}

impl<const W: usize> Path<W> for Polled {
    const NAME: &'static str = "iceoryx2";
    type End = End<W>;
    fn open(place: &Place) -> End<W> {
        open(place, false)
    }
}

impl<const W: usize> Path<W> for Events {
    const NAME: &'static str = "iceoryx2-event";
    type End = End<W>;
    fn open(place: &Place) -> End<W> {
        open(place, true)
    }
}

impl<const W: usize> Path<W> for Slices {
    const NAME: &'static str = "iceoryx2-slices";
    type End = SliceEnd<W>;
    fn open(place: &Place) -> SliceEnd<W> {
        open_slices(place)
    }
}
