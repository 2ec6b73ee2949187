//! The path over shared memory.

use std::convert::Infallible;
use std::time::Instant;

use mycelium_rt::link::{
    Address, InputSpec, Interrupt, LinkSpec, LinkStats, NotAccepted, SendAllError, SendError, Status, Unknown,
};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::{Message, MessageInfo};

use super::acceptance::Ends;
use super::conformance::conforms;
use super::path::{Options, Path, Receiver, Sender};
use super::streams::{Folder, quick};

conforms!(shm, ShmPath, latest, reconnects);

pub(crate) struct ShmPath(pub(crate) Folder);

impl ShmPath {
    pub(crate) fn at(folder: Folder) -> Self {
        Self(folder)
    }
}

impl Path for ShmPath {
    type Sender = ShmLink;
    type Receiver = ShmInput;

    fn new() -> Self {
        Self(Folder::new())
    }

    fn sender(&self, Options { on_full, batch, messages, small }: Options) -> ShmLink {
        let spec = LinkSpec { on_full, batch, ..LinkSpec::new("desk", Address::shm("/"), "test", messages) };
        let options = ShmOptions { slots: if small { 16 } else { 1 << 16 }, ..ShmOptions::default() };
        ShmLink::open(spec, options, &quick(small).address("desk", &self.0.socket())).unwrap()
    }

    fn receiver(&self, messages: &'static [MessageInfo]) -> ShmInput {
        let spec = InputSpec::new("feed", Address::shm("/"), "test", messages);
        ShmInput::open(spec, ShmOptions::default(), &quick(false).address("feed", &self.0.socket())).unwrap()
    }
}

impl Ends for ShmPath {
    fn choosy(&self, messages: &'static [MessageInfo], unknown: Unknown) -> ShmInput {
        let spec = InputSpec { unknown, ..InputSpec::new("feed", Address::shm("/"), "test", messages) };
        ShmInput::open(spec, ShmOptions::default(), &quick(false).address("feed", &self.0.socket())).unwrap()
    }

    fn not_accepted(sender: &ShmLink) -> Vec<NotAccepted> {
        sender.not_accepted()
    }
}

impl Sender for ShmLink {
    fn send(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        self.send_bytes(id, body)
    }

    fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError> {
        ShmLink::send_all(self, messages)
    }

    fn poll(&mut self) -> bool {
        ShmLink::poll(self) == Status::Connected
    }

    fn flush(&mut self) -> bool {
        ShmLink::flush(self);
        true
    }

    fn close(&mut self, _: Instant) -> usize {
        // What was committed belongs to the receiver.
        ShmLink::close(self);
        0
    }

    fn interrupt(&self) -> Interrupt {
        ShmLink::interrupt(self)
    }

    fn stats(&self) -> LinkStats {
        ShmLink::stats(self)
    }
}

impl Receiver for ShmInput {
    fn poll(&mut self, deliver: &mut dyn FnMut(u16, &[u8])) -> usize {
        ShmInput::poll(self, |id, _, body| {
            deliver(id, body);
            Ok::<(), Infallible>(())
        })
    }

    fn stats(&self) -> LinkStats {
        ShmInput::stats(self)
    }
}
