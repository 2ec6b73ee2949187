//! Links over Unix and TCP sockets.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::link::{Address, Batch, InputSpec, LinkSpec, Status, StreamInput, StreamLink};
use zerocopy::IntoBytes;

use super::{Contract, ON_FULL, Wait, in_place};
use crate::port::{Body, Port};
use crate::processes::Place;

/// Which socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// A Unix stream.
    Unix,
    /// TCP over the loopback device.
    Tcp,
}

/// The setup of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Which socket.
    pub socket: Socket,
    /// How the receiver waits.
    pub wait: Wait,
    /// Messages in a write.
    pub batch: u32,
}

/// One end of a link and an input.
pub struct Stream {
    link: StreamLink,
    input: StreamInput,
    wait: Wait,
    /// Whether the link is driven as well while this end waits, as in a router that has both.
    duplex: bool,
}

/// Both ends, connected; messages go both ways if `duplex`, else from the first to the second.
pub fn pair<const W: usize>(setup: Setup, duplex: bool) -> (Stream, Stream) {
    let (forth, at_far) = one_way::<W>(setup, "forth");
    let (back, at_near) = one_way::<W>(setup, "back");
    let end = |link, input| Stream { link, input, wait: setup.wait, duplex };
    (end(forth, at_near), end(back, at_far))
}

/// This end of a path over TCP to another process. The two exchange their addresses.
pub fn end<const W: usize>(wait: Wait, batch: u32, duplex: bool, place: &Place) -> Stream {
    let setup = Setup { socket: Socket::Tcp, wait, batch };
    let (mut input, _) = open::<W>(setup, "here");
    let (mine, theirs) = if place.near { ("near", "far") } else { ("far", "near") };
    place.tell(mine, &input.local_address().map(|address| address.to_string()).unwrap_or_default());
    let link = connect::<W>(setup, "there", &mut input, &Address::Tcp(place.wait_for(theirs).into()));
    Stream { link, input, wait, duplex }
}

/// This many links to one input, all connected.
pub fn fan_in<const W: usize>(setup: Setup, count: usize) -> (Vec<StreamLink>, StreamInput) {
    let (mut input, address) = open::<W>(setup, "fan-in");
    let links = (0..count).map(|_| connect::<W>(setup, "fan-in", &mut input, &address)).collect();
    (links, input)
}

fn one_way<const W: usize>(setup: Setup, name: &'static str) -> (StreamLink, StreamInput) {
    let (mut input, address) = open::<W>(setup, name);
    (connect::<W>(setup, name, &mut input, &address), input)
}

/// An input, and the address for links to it.
fn open<const W: usize>(setup: Setup, name: &'static str) -> (StreamInput, Address) {
    let folder = std::env::temp_dir();
    let path = folder.join(format!("mycelium-bench-{}-{name}.sock", std::process::id())).display().to_string();
    let bound = match setup.socket {
        Socket::Unix => Address::Unix(path.into()),
        Socket::Tcp => Address::tcp("127.0.0.1:0"),
    };
    let spec = InputSpec::new(name, bound.clone(), "bench", Contract::<W>::MESSAGES);
    let input = StreamInput::open(spec, &Config::new()).unwrap_or_else(|error| panic!("an input to measure: {error}"));
    let address = input.local_address().map_or(bound, |address| Address::Tcp(address.to_string().into()));
    (input, address)
}

fn connect<const W: usize>(setup: Setup, name: &'static str, input: &mut StreamInput, address: &Address) -> StreamLink {
    let batch = Batch::of(setup.batch);
    let spec =
        LinkSpec { on_full: ON_FULL, batch, ..LinkSpec::new(name, address.clone(), "bench", Contract::<W>::MESSAGES) };
    let mut link = StreamLink::open(spec, &Config::new()).unwrap_or_else(|error| panic!("a link to measure: {error}"));
    let (peers, deadline) = (input.peers(), Instant::now() + Duration::from_secs(10));
    while input.peers() == peers || link.poll() != Status::Connected {
        input.poll(|_, _, _| Ok::<(), Infallible>(()));
        assert!(Instant::now() < deadline, "the two ends of a link find each other");
    }
    link
}

impl<const W: usize> Port<W> for Stream {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        self.link.send_bytes(Contract::<W>::ID, body.as_bytes()).expect("a message of the contract, to a live peer");
    }

    #[inline(always)]
    fn flush(&mut self) {
        while !self.link.flush() {
            std::hint::spin_loop();
        }
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        let taken = self.input.poll(|_, _, body| {
            take(in_place(body));
            Ok::<(), Infallible>(())
        });
        if self.duplex {
            self.link.poll();
        }
        if taken == 0 && self.wait == Wait::Block {
            self.input.wait(Duration::from_secs(1));
        }
        taken
    }
}
