//! Links over shared memory.

use std::convert::Infallible;
use std::path::Path;
use std::time::{Duration, Instant};

use mycelium_rt::link::{Address, Batch, InputSpec, LinkSpec};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::{Config, MessageInfo};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zerocopy::IntoBytes;

use super::{Contract, ON_FULL, Wait, in_place};
use crate::messages::{Step0, Step0Fields};
use crate::port::{Body, Port};

/// The setup of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Slots of the ring.
    pub slots: usize,
    /// How the receiver waits.
    pub wait: Wait,
    /// Messages between two flushes.
    pub batch: u32,
}

/// One end of a link and an input.
pub struct Shm {
    link: ShmLink,
    input: ShmInput,
    wait: Wait,
    duplex: bool,
}

/// Both ends, connected; messages go both ways if `duplex`, else from the first to the second.
pub fn pair<const W: usize>(setup: Setup, duplex: bool) -> (Shm, Shm) {
    let (forth, at_far) = one_way::<W>(setup, "forth");
    let (back, at_near) = one_way::<W>(setup, "back");
    let end = |link, input| Shm { link, input, wait: setup.wait, duplex };
    (end(forth, at_near), end(back, at_far))
}

/// This end of a path to another process: it binds `here`, and connects to `there`.
pub fn end<const W: usize>(setup: Setup, duplex: bool, here: &Path, there: &Path) -> Shm {
    end_for(Contract::<W>::MESSAGES, setup, duplex, here, there)
}

fn end_for(messages: &'static [MessageInfo], setup: Setup, duplex: bool, here: &Path, there: &Path) -> Shm {
    let address = |path: &Path| Address::Shm(path.display().to_string().into());
    let mut input = open_at(messages, setup, "here", address(here));
    let link = connect(messages, setup, "there", &mut input, &address(there));
    Shm { link, input, wait: setup.wait, duplex }
}

/// Messages that are handed over together.
const MANY: usize = 64;

/// An end that sends many messages at once. `W` is 8.
pub struct AtOnce {
    shm: Shm,
    held: Vec<Step0>,
}

impl AtOnce {
    /// This end of a path to another process: it binds `here`, and connects to `there`.
    pub fn end(setup: Setup, here: &Path, there: &Path) -> Self {
        const MESSAGES: &[MessageInfo] = &[MessageInfo::of::<Step0>()];
        Self { shm: end_for(MESSAGES, setup, false, here, there), held: Vec::with_capacity(MANY) }
    }
}

impl Port<8> for AtOnce {
    #[inline(always)]
    fn send(&mut self, [number, rest @ ..]: &Body<8>) {
        self.held.push(Step0::from(Step0Fields { number: *number, rest: *rest }));
        if self.held.len() == MANY {
            self.flush();
        }
    }

    #[inline(always)]
    fn flush(&mut self) {
        self.shm.link.send_all(&self.held).expect("messages of the contract, to a live peer");
        self.held.clear();
    }

    #[inline(always)]
    fn receive(&mut self, take: impl FnMut(&Body<8>)) -> usize {
        self.shm.receive(take)
    }
}

/// This many links to one input, all connected.
pub fn fan_in<const W: usize>(setup: Setup, count: usize) -> (Vec<ShmLink>, ShmInput) {
    let (mut input, address) = open(Contract::<W>::MESSAGES, setup, "fan-in");
    let links = (0..count).map(|_| connect(Contract::<W>::MESSAGES, setup, "fan-in", &mut input, &address)).collect();
    (links, input)
}

fn one_way<const W: usize>(setup: Setup, name: &'static str) -> (ShmLink, ShmInput) {
    let (mut input, address) = open(Contract::<W>::MESSAGES, setup, name);
    (connect(Contract::<W>::MESSAGES, setup, name, &mut input, &address), input)
}

fn options(setup: Setup) -> ShmOptions {
    ShmOptions { slots: setup.slots, spin: setup.wait == Wait::Poll }
}

/// An input, and the address for links to it.
fn open(messages: &'static [MessageInfo], setup: Setup, name: &'static str) -> (ShmInput, Address) {
    let folder = std::env::temp_dir();
    let path = folder.join(format!("mycelium-bench-{}-{name}.shm.sock", std::process::id())).display().to_string();
    let address = Address::Shm(path.into());
    (open_at(messages, setup, name, address.clone()), address)
}

fn open_at(messages: &'static [MessageInfo], setup: Setup, name: &'static str, address: Address) -> ShmInput {
    let spec = InputSpec::new(name, address, "bench", messages);
    let input = ShmInput::open(spec, options(setup), &Config::new());
    input.unwrap_or_else(|error| panic!("an input to measure: {error}"))
}

fn connect(
    messages: &'static [MessageInfo],
    setup: Setup,
    name: &'static str,
    input: &mut ShmInput,
    address: &Address,
) -> ShmLink {
    let spec = LinkSpec {
        on_full: ON_FULL,
        batch: Batch::of(setup.batch),
        ..LinkSpec::new(name, address.clone(), "bench", messages)
    };
    let mut link = ShmLink::open(spec, options(setup), &Config::new())
        .unwrap_or_else(|error| panic!("a link to measure: {error}"));
    let (peers, deadline) = (input.peers(), Instant::now() + Duration::from_secs(10));
    while input.peers() == peers || !link.is_connected() {
        link.poll();
        input.poll(|_, _, _| Ok::<(), Infallible>(()));
        assert!(Instant::now() < deadline, "the two ends of a link find each other");
    }
    link
}

impl<const W: usize> Port<W> for Shm {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        self.link.send_bytes(Contract::<W>::ID, body.as_bytes()).expect("a message of the contract, to a live peer");
    }

    #[inline(always)]
    fn flush(&mut self) {
        self.link.flush();
    }

    #[inline(always)]
    fn receive(&mut self, take: impl FnMut(&Body<W>)) -> usize {
        let taken = self.take(take);
        if taken == 0 && self.wait == Wait::Block {
            self.input.wait(Duration::from_secs(1));
        }
        taken
    }
}

impl Shm {
    /// Takes what has arrived, without waiting.
    #[inline(always)]
    pub fn take<const W: usize>(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        let taken = self.input.poll(|_, _, body| {
            take(in_place(body));
            Ok::<(), Infallible>(())
        });
        if self.duplex {
            self.link.poll();
        }
        taken
    }

    /// Sleeps in the kernel, for a second at most, until there is something to take.
    pub fn sleep(&mut self) {
        if self.input.park() {
            let second = Timespec { tv_sec: 1, tv_nsec: 0 };
            let _ = poll(&mut [PollFd::new(&self.input, PollFlags::IN)], Some(&second));
        }
        self.input.unpark();
    }
}
