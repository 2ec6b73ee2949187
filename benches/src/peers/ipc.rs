//! ipc-channel, between two processes.
//!
//! Its byte channels, which do not use serde, with the blocking `recv` that they are made for. On Linux each is a pair of Unix sockets that
//! preserve message boundaries. The far end makes both, and passes the near end its halves over a one-shot server, as in the guide.

use ipc_channel::ipc::{IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcSender, bytes_channel};
use zerocopy::{FromBytes, IntoBytes};

use crate::port::{Body, Port};
use crate::processes::{Path, Place};

const WORKS: &str = "a channel to a live process";

/// What the far end passes to the near end: the end to send to, and the end to receive from.
type Halves = (IpcBytesSender, IpcBytesReceiver);

/// Messages as bytes.
pub struct Bytes;

/// One end of two channels, one in each direction.
pub struct End {
    sender: IpcBytesSender,
    receiver: IpcBytesReceiver,
}

impl<const W: usize> Path<W> for Bytes {
    const NAME: &'static str = "ipc-channel";
    type End = End;

    fn open(place: &Place) -> End {
        if place.near {
            let (server, name) = IpcOneShotServer::<Halves>::new().expect(WORKS);
            place.tell("server", &name);
            let (_, (sender, receiver)) = server.accept().expect(WORKS);
            return End { sender, receiver };
        }
        let server: IpcSender<Halves> = IpcSender::connect(place.wait_for("server")).expect(WORKS);
        let ((forth, receiver), (sender, back)) = (bytes_channel().expect(WORKS), bytes_channel().expect(WORKS));
        server.send((forth, back)).expect(WORKS);
        End { sender, receiver }
    }
}

impl<const W: usize> Port<W> for End {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        self.sender.send(body.as_bytes()).expect(WORKS);
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        let bytes = self.receiver.recv().expect(WORKS);
        take(&Body::<W>::read_from_bytes(&bytes).expect("a message of this size"));
        1
    }
}
