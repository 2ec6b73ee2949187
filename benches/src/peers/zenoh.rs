//! zenoh, between two processes over TCP, and within one session.
//!
//! Set up as its own examples for measuring: `z_ping` with `z_pong` (express, so that no message waits for others; the answer is sent
//! within the callback, and taken from the channel of a subscriber), `z_pub_thr` with `z_sub_thr` (not express, so that messages share
//! batches of up to 64 KiB while the network is busy; counted within the callback), and `z_local_pub_sub_thr`. Congestion control is `Block`,
//! because nothing may be lost. The payload is one buffer, shared by reference count and not copied again. Both sessions are peers, with one
//! address, and discover no others: no scouting by multicast or gossip. Everything else is zenoh's default.

use std::net::TcpListener;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use zenoh::bytes::ZBytes;
use zenoh::handlers::FifoChannelHandler;
use zenoh::pubsub::{Publisher, Subscriber};
use zenoh::qos::CongestionControl;
use zenoh::sample::{Locality, Sample};
use zenoh::{Config, Session, Wait};
use zerocopy::{FromBytes, IntoBytes};

use crate::port::{Body, Port, read};
use crate::processes::{FarEnd, Job, Path, Place};

const WORKS: &str = "zenoh, between two live processes";
const NAME: &str = "zenoh";

/// A session on each side.
pub struct Peers;

/// The end that is timed, or that sends a rate.
pub struct Near<const W: usize> {
    outlet: Outlet<W>,
    answers: Subscriber<FifoChannelHandler<Sample>>,
    _session: Session,
}

/// A publisher, and its last message.
struct Outlet<const W: usize> {
    publisher: Publisher<'static>,
    body: Body<W>,
    payload: ZBytes,
}

impl<const W: usize> Outlet<W> {
    fn new(publisher: Publisher<'static>) -> Self {
        let body = [0; W];
        Self { publisher, body, payload: payload(&body) }
    }

    #[inline(always)]
    fn put(&mut self, body: &Body<W>) {
        if self.body != *body {
            (self.body, self.payload) = (*body, payload(body));
        }
        self.publisher.put(self.payload.clone()).wait().expect(WORKS);
    }
}

fn payload<const W: usize>(body: &Body<W>) -> ZBytes {
    ZBytes::from(body.as_bytes().to_vec())
}

fn body<const W: usize>(sample: &Sample) -> Body<W> {
    Body::<W>::read_from_bytes(&sample.payload().to_bytes()).expect("a message of this size")
}

/// A session with these addresses to listen at and to connect to, both as JSON.
fn session(listen: &str, connect: &str) -> Session {
    let mut config = Config::default();
    let settings = [
        ("mode", "\"peer\""),
        ("scouting/multicast/enabled", "false"),
        ("scouting/gossip/enabled", "false"),
        ("listen/endpoints", listen),
        ("connect/endpoints", connect),
    ];
    for (key, value) in settings {
        config.insert_json5(key, value).expect("a setting of zenoh");
    }
    zenoh::open(config).wait().expect(WORKS)
}

/// A publisher between the processes.
fn publisher(session: &Session, place: &Place, key: &'static str) -> Publisher<'static> {
    let publisher = session.declare_publisher(key).congestion_control(CongestionControl::Block);
    publisher.express(place.job == Job::Trips).wait().expect(WORKS)
}

/// Waits until there is a subscriber.
fn wait_for_subscriber(publisher: &Publisher<'_>) {
    while !publisher.matching_status().wait().expect(WORKS).matching() {
        thread::yield_now();
    }
}

impl<const W: usize> Path<W> for Peers {
    const NAME: &'static str = NAME;
    type End = Near<W>;

    fn open(place: &Place) -> Near<W> {
        let session = session("[]", &place.wait_for("zenoh"));
        let answers = session.declare_subscriber("back").wait().expect(WORKS);
        let publisher = publisher(&session, place, "forth");
        wait_for_subscriber(&publisher);
        Near { outlet: Outlet::new(publisher), answers, _session: session }
    }
}

impl<const W: usize> Port<W> for Near<W> {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        self.outlet.put(body);
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        take(&body(&self.answers.recv().expect(WORKS)));
        1
    }
}

/// The far end: it answers or counts within zenoh's callback, so that no message takes an extra thread.
pub fn far_end<const W: usize>() -> FarEnd {
    (NAME, |count, place, done| {
        let address = format!("[\"tcp/127.0.0.1:{}\"]", free_port());
        let session = session(&address, "[]");
        place.tell("zenoh", &address);
        let (finished, figure) = sync_channel(1);
        let subscriber = session.declare_subscriber("forth");
        let _subscriber = match place.job {
            Job::Trips => {
                let publisher = publisher(&session, place, "back");
                wait_for_subscriber(&publisher);
                subscriber.callback_mut(answer::<W>(Outlet::new(publisher), count, finished)).wait()
            }
            Job::Bulk => subscriber.callback_mut(tally::<W>(count, finished)).wait(),
        };
        println!("ready");
        done(figure.recv().unwrap_or(f64::NAN));
    })
}

/// A free port; zenoh does not report the port that it was given.
fn free_port() -> u16 {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.expect("a free port").port()
}

/// Sends back what arrives: all trips, including the warm-up.
fn answer<const W: usize>(mut outlet: Outlet<W>, count: usize, finished: SyncSender<f64>) -> impl FnMut(Sample) {
    let mut left = count + count / 10;
    move |sample| {
        outlet.put(&body(&sample));
        left -= 1;
        if left == 0 {
            let _ = finished.send(0.0);
        }
    }
}

/// Reads this many messages, and returns the rate in millions per second, without the first tenth.
fn tally<const W: usize>(count: usize, finished: SyncSender<f64>) -> impl FnMut(Sample) {
    let warm_up = (count / 10).max(1);
    let (mut taken, mut sum, mut begin) = (0, 0, Instant::now());
    move |sample| {
        sum ^= read(std::hint::black_box(&body::<W>(&sample)));
        taken += 1;
        if taken == warm_up {
            begin = Instant::now();
        }
        if taken == count {
            std::hint::black_box(sum);
            let _ = finished.send((count - warm_up) as f64 / begin.elapsed().as_secs_f64() / 1e6);
        }
    }
}

/// A publisher and a callback in one session without other peers.
pub struct Local {
    publisher: Publisher<'static>,
    _session: Session,
}

impl Local {
    /// With this callback for each message.
    pub fn new(mut take: impl FnMut(&[u8]) + Send + Sync + 'static) -> Self {
        let session = session("[]", "[]");
        let taking = session.declare_subscriber("local").callback_mut(move |sample| take(&sample.payload().to_bytes()));
        taking.background().wait().expect(WORKS);
        let publisher = session.declare_publisher("local").congestion_control(CongestionControl::Block);
        let publisher = publisher.allowed_destination(Locality::SessionLocal).wait().expect(WORKS);
        Self { publisher, _session: session }
    }

    /// Publishes; the callback runs within this call.
    pub fn put(&self, payload: &ZBytes) {
        self.publisher.put(payload.clone()).wait().expect(WORKS);
    }
}

/// A message that can be published repeatedly.
pub fn payload_of(bytes: &[u8]) -> ZBytes {
    ZBytes::from(bytes.to_vec())
}
