//! Messages between two pinned lanes that spin, and the turns of one, in routers like those of users.

use std::hint::black_box;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use mycelium_rt::lane::{Shutdown, StartError};
use mycelium_rt::{Config, Emit, SourceState, routing_config, service};

use crate::cores::{Cores, pin, unpin};
use crate::gaps::Gaps;
use crate::handover::{Ping, PingFields, Pong, PongFields};
use crate::port::{Body, Trips, read};
use crate::samples::Samples;

/// How long idle lanes may take to end.
const DEADLINE: Duration = Duration::from_secs(10);

/// Sends a ping for each pong until it has timed enough of them.
pub struct Caller {
    trips: Trips,
    done: Sender<()>,
}

#[service]
impl Caller {
    #[handle]
    fn on_pong(&mut self, pong: &Pong, cx: &mut impl Emit<Ping>) {
        if self.trips.lap() {
            cx.emit(&Ping::from(PingFields { words: pong.words }));
        } else {
            // An error: the measurement has failed, and its receiver is gone.
            let _ = self.done.send(());
        }
    }
}

/// Sends back what arrives.
pub struct Echo;

#[service]
impl Echo {
    #[handle]
    fn on_ping(&mut self, ping: &Ping, cx: &mut impl Emit<Pong>) {
        cx.emit(&Pong::from(PongFields { words: ping.words }));
    }
}

routing_config! {
    /// There and back. One direction has a ring of its own, because a cycle in which both ends block is refused.
    name: pub Circle,
    services: { caller: Caller, echo: Echo },
    routes: { Ping => [echo], Pong => [caller via queue(1024, on_full = error)] },
    lanes: { near: pinned(core = 0, wait = spin) [caller], far: pinned(core = 1, wait = spin) [echo] },
}

/// One-way times from lane to lane: a message goes over and comes back, `count` times.
///
/// # Errors
/// The lanes did not start.
pub fn latency(cores: Cores, count: usize, body: &Body<8>) -> Result<Samples, StartError> {
    pin(cores.near);
    let (done, finished) = channel();
    let services = CircleServices { caller: Caller { trips: Trips::new(count), done }, echo: Echo };
    let running = Circle::start(services, &on(cores))?;
    let begun = running.sender::<Pong>().send(&Pong::from(PongFields { words: *body }));
    // If it could not begin, or a lane broke down, there is no figure, and the shutdown says why.
    let _ = begun.map(|()| finished.recv());
    Ok(sound(running.shutdown(DEADLINE)).caller.trips.samples())
}

/// Emits messages as fast as possible.
pub struct Feed {
    body: Body<8>,
    left: usize,
}

#[service]
impl Feed {
    #[source]
    fn next(&mut self, cx: &mut impl Emit<Ping>) -> SourceState {
        if self.left == 0 {
            return SourceState::Finished;
        }
        self.left -= 1;
        cx.emit(&Ping::from(PingFields { words: *black_box(&self.body) }));
        SourceState::Ready
    }
}

/// Reads messages, and knows how long all but the first have taken.
pub struct Count {
    warm_up: usize,
    expected: usize,
    taken: usize,
    sum: u64,
    begin: Instant,
    seconds: f64,
}

#[service]
impl Count {
    #[handle]
    fn on_ping(&mut self, ping: &Ping) {
        self.sum ^= read(black_box(&ping.words));
        self.taken += 1;
        if self.taken == self.warm_up {
            self.begin = Instant::now();
        } else if self.taken == self.expected {
            self.seconds = self.begin.elapsed().as_secs_f64();
        }
    }
}

routing_config! {
    /// One way, by the implicit ring between the lanes.
    name: pub Flow,
    services: { feed: Feed, count: Count },
    routes: { Ping => [count] },
    lanes: { near: pinned(core = 0, wait = spin) [feed], far: pinned(core = 1, wait = spin) [count] },
}

/// Messages per second from lane to lane, in millions: `count` of them, as the receiver sees it, the first tenth not counted.
///
/// # Errors
/// The lanes did not start.
pub fn rate(cores: Cores, count: usize, body: &Body<8>) -> Result<f64, StartError> {
    let warm_up = (count / 10).max(1);
    let feed = Feed { body: *body, left: count };
    let counter = Count { warm_up, expected: count, taken: 0, sum: 0, begin: Instant::now(), seconds: f64::NAN };
    let running = Flow::start(FlowServices { feed, count: counter }, &on(cores))?;
    let counted = sound(running.join()).count;
    black_box(counted.sum);
    Ok((count - warm_up) as f64 / counted.seconds / 1e6)
}

/// Records how long each turn takes.
pub struct Look {
    gaps: Gaps,
}

#[service]
impl Look {
    #[source]
    fn look(&mut self) -> SourceState {
        if self.gaps.note() { SourceState::Idle } else { SourceState::Finished }
    }
}

routing_config! {
    /// A lane that does nothing in its turns.
    name: pub Turning,
    services: { look: Look },
    routes: {},
    lanes: { near: pinned(core = 0, wait = spin) [look] },
}

/// The times from turn to turn of a lane that spins.
///
/// # Errors
/// The lane did not start.
pub fn turns(cores: Cores, count: usize) -> Result<Samples, StartError> {
    unpin(cores);
    let services = TurningServices { look: Look { gaps: Gaps::new(count) } };
    let running = Turning::start(services, &Config::new().core("near", cores.near))?;
    Ok(sound(running.join()).look.gaps.samples())
}

/// The lanes of the two ends of a path. The thread that starts them must be allowed to run on both cores.
fn on(cores: Cores) -> Config {
    unpin(cores);
    Config::new().core("near", cores.near).core("far", cores.far)
}

/// The services of a system without losses.
fn sound<S>(ended: Shutdown<S>) -> S {
    assert!(ended.left.is_empty() && ended.broken.is_none(), "left: {}, broken: {:?}", ended.left, ended.broken);
    ended.services
}
