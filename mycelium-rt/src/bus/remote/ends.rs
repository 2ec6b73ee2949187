//! Links and inputs over any transport.

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Instant;

use crate::Config;
use crate::lane::{Parking, Waits};
use crate::link::{Counters, InputSpec, Interrupt, LinkError, LinkSpec, SendError, StreamInput, StreamLink};
#[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
use crate::{
    link::Address,
    shm::{ShmInput, ShmLink, ShmOptions},
};

/// The sending end of an attachment.
pub(super) enum LinkEnd {
    Stream(Box<StreamLink>),
    #[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
    Shm(Box<ShmLink>),
}

/// The receiving end.
pub(super) enum InputEnd {
    Stream(Box<StreamInput>),
    #[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
    Shm(Box<ShmInput>),
}

/// Does the same with either variant.
macro_rules! either {
    ($this:expr, $end:ident => $do:expr) => {
        match $this {
            Self::Stream($end) => $do,
            #[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
            Self::Shm($end) => $do,
        }
    };
}

impl LinkEnd {
    /// Opens a link. If it is over shared memory, its ring holds `slots` messages, or the default number.
    #[cfg_attr(
        not(all(feature = "shm", target_os = "linux", not(mycelium_portable))),
        expect(unused_variables, reason = "only shared memory has slots")
    )]
    pub(super) fn open(spec: LinkSpec, slots: Option<usize>, config: &Config) -> Result<Self, LinkError> {
        Ok(match spec.address {
            #[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
            Address::Shm(_) => {
                let defaults = ShmOptions::default();
                let slots = slots.unwrap_or(defaults.slots);
                Self::Shm(Box::new(ShmLink::open(spec, ShmOptions { slots, ..defaults }, config)?))
            }
            // It refuses what is not the address of a stream.
            _ => Self::Stream(Box::new(StreamLink::open(spec, config)?)),
        })
    }

    pub(super) fn send(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        either!(self, end => end.send_bytes(id, body))
    }

    pub(super) fn note_lost(&mut self, messages: u64) {
        either!(self, end => end.note_lost(messages));
    }

    pub(super) fn poll(&mut self) {
        either!(self, end => drop(end.poll()));
    }

    pub(super) fn flush(&mut self) {
        either!(self, end => drop(end.flush()));
    }

    pub(super) fn close(&mut self, deadline: Instant) {
        either!(self, end => drop(end.close_by(deadline)));
    }

    pub(super) fn counters(&self) -> Counters {
        either!(self, end => end.counters().clone())
    }

    pub(super) fn interrupt(&self) -> Interrupt {
        either!(self, end => end.interrupt())
    }
}

impl Waits for LinkEnd {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        either!(self, end => Waits::park(&mut **end, parking))
    }

    fn unpark(&mut self) {
        either!(self, end => Waits::unpark(&mut **end));
    }
}

impl InputEnd {
    pub(super) fn open(spec: InputSpec, config: &Config) -> Result<Self, LinkError> {
        Ok(match spec.address {
            #[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
            Address::Shm(_) => Self::Shm(Box::new(ShmInput::open(spec, ShmOptions::default(), config)?)),
            _ => Self::Stream(Box::new(StreamInput::open(spec, config)?)),
        })
    }

    pub(super) fn poll<E: Display>(&mut self, deliver: impl FnMut(u16, u16, &[u8]) -> Result<(), E>) -> usize {
        either!(self, end => end.poll(deliver))
    }

    pub(super) fn counters(&self) -> Counters {
        either!(self, end => end.counters().clone())
    }

    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        either!(self, end => end.local_address())
    }
}

impl Waits for InputEnd {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        either!(self, end => Waits::park(&mut **end, parking))
    }

    fn unpark(&mut self) {
        either!(self, end => Waits::unpark(&mut **end));
    }
}
