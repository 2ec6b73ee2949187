//! Systems of two lanes that have nothing to do, and a program that is nothing but a program.

use std::io::{self, Write};
use std::time::Duration;

use mycelium_benches::handover::{Ping, PingFields, Pong, PongFields};
use mycelium_rt::lane::{Routed, RouterSpec, Running, StartError};
use mycelium_rt::{Config, Emit, SourceState, routing_config, service};

/// Plays until standard input ends.
pub(crate) type Play = fn() -> Result<(), StartError>;

/// What can be played, by name.
pub(crate) const PLAYS: [(&str, Play); 5] =
    [("bare", bare), ("parked", parked), ("timer", timer), ("idle-source", idle_source), ("spin", spin)];

/// Messages that go through before a system rests.
const MESSAGES: u64 = 1_000;

/// How long a system may take to end; there is nothing left for it to do.
const DEADLINE: Duration = Duration::from_secs(10);

/// Passes on.
struct Front;

#[service]
impl Front {
    #[handle]
    fn on_ping(&mut self, ping: &Ping, cx: &mut impl Emit<Pong>) {
        cx.emit(&Pong::from(PongFields { words: ping.words }));
    }
}

/// Takes what is passed on.
struct Back;

#[service]
impl Back {
    #[handle]
    fn on_pong(&mut self, _: &Pong) {}
}

/// Wakes up by the clock.
struct Ticker;

#[service]
impl Ticker {
    #[every("10ms")]
    fn tick(&mut self) {}
}

/// Never has anything, and does not say for how long.
struct Asked;

#[service]
impl Asked {
    #[source]
    fn next(&mut self) -> SourceState {
        SourceState::Idle
    }
}

routing_config! {
    name: Parked,
    services: { front: Front, back: Back },
    routes: { Ping => [front], Pong => [back] },
    lanes: { one: thread [front], two: thread [back] },
}

routing_config! {
    name: Spinning,
    services: { front: Front, back: Back },
    routes: { Ping => [front], Pong => [back] },
    lanes: { one: thread(wait = spin) [front], two: thread(wait = spin) [back] },
}

routing_config! {
    name: Ticking,
    services: { front: Front, back: Back, ticker: Ticker },
    routes: { Ping => [front], Pong => [back] },
    lanes: { one: thread [front], two: thread [back, ticker] },
}

routing_config! {
    name: Asking,
    services: { front: Front, back: Back, asked: Asked },
    routes: { Ping => [front], Pong => [back] },
    lanes: { one: thread [front], two: thread [back, asked] },
}

fn bare() -> Result<(), StartError> {
    hold();
    Ok(())
}

fn parked() -> Result<(), StartError> {
    rest(Parked::start(ParkedServices { front: Front, back: Back }, &Config::new())?);
    Ok(())
}

fn spin() -> Result<(), StartError> {
    rest(Spinning::start(SpinningServices { front: Front, back: Back }, &Config::new())?);
    Ok(())
}

fn timer() -> Result<(), StartError> {
    rest(Ticking::start(TickingServices { front: Front, back: Back, ticker: Ticker }, &Config::new())?);
    Ok(())
}

fn idle_source() -> Result<(), StartError> {
    rest(Asking::start(AskingServices { front: Front, back: Back, asked: Asked }, &Config::new())?);
    Ok(())
}

/// Sends some messages through, and leaves the system alone until standard input ends.
fn rest<S: RouterSpec + Routed<Ping>>(running: Running<S>) {
    let sender = running.sender::<Ping>();
    for number in 0..MESSAGES {
        // The lanes only end by the shutdown below.
        let _ = sender.send(&Ping::from(PingFields { words: [number; 8] }));
    }
    hold();
    running.shutdown(DEADLINE);
}

/// As the examples do with `--hold`: the first line on standard output is the first result.
fn hold() {
    // Errors are ignored: a program that has closed these no longer measures.
    let _ = writeln!(io::stdout(), "up");
    eprintln!("holding");
    let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
}
