//! What the tests of paths share.

use std::io::Write;
use std::os::unix::net::UnixStream;

use mycelium_rt::link::LinkStats;
use mycelium_rt::wire::{Handshake, Hello, Role};
use mycelium_rt::{Message, MessageInfo, service};
use mycelium_ui_tests::market::{Bar, Fill};
pub(crate) use mycelium_ui_tests::waiting::{Socket, until};

/// A sender that shakes hands, and decides itself what arrives together.
pub(crate) struct Peer {
    stream: UnixStream,
    unsent: Vec<u8>,
    seq: u64,
}

impl Peer {
    /// Connects to an input; `is_heard` polls it, and says whether it has answered.
    pub(crate) fn connect(socket: &Socket, messages: &[MessageInfo], is_heard: impl FnMut() -> bool) -> Self {
        let mut stream = UnixStream::connect(socket.text()).expect("the input listens");
        let hello = Handshake::Hello(Hello::new(Role::Sender, "", messages).expect("few messages"));
        stream.write_all(&hello.encode().expect("it is short")).expect("the input reads");
        until("the handshake is answered", is_heard);
        Self { stream, unsent: Vec::new(), seq: 0 }
    }

    pub(crate) fn write<M: Message>(&mut self, message: &M) {
        self.write_frame(M::ID, message.as_bytes());
    }

    pub(crate) fn write_frame(&mut self, id: u16, body: &[u8]) {
        self.unsent.extend(u32::try_from(body.len()).expect("it is short").to_le_bytes());
        self.unsent.extend(id.to_le_bytes());
        self.unsent.extend(1u16.to_le_bytes());
        self.unsent.extend(self.seq.to_le_bytes());
        self.unsent.extend(body);
        self.seq += 1;
    }

    /// Sends a frame with a length that its message does not have.
    pub(crate) fn lie(&mut self) {
        self.write_frame(1, &[0; 8]);
        self.unsent[0] = 255;
        self.send();
    }

    /// Sends what was written, so that it arrives together.
    pub(crate) fn send(&mut self) {
        self.stream.write_all(&self.unsent).expect("the input reads");
        self.unsent.clear();
    }
}

/// Every message is accounted for, now that nothing is under way: each that was sent was received or lost with a connection, and nobody
/// was told of more gaps than there are.
#[track_caller]
pub(crate) fn assert_balanced(senders: &[LinkStats], receivers: &[LinkStats]) {
    let sum = |ends: &[LinkStats], count: fn(&LinkStats) -> u64| ends.iter().map(count).sum::<u64>();
    let lost = sum(senders, |stats| stats.lost_in_flight);
    let (sent, received) = (sum(senders, |stats| stats.sent), sum(receivers, |stats| stats.received));
    assert_eq!(sent, received + lost, "{senders:?} {receivers:?}");
    let gaps = sum(receivers, |stats| stats.gaps);
    assert!(gaps <= sum(senders, LinkStats::dropped) + lost, "{senders:?} {receivers:?}");
}

/// Keeps what it is given, in order.
#[derive(Default)]
pub(crate) struct Log(pub(crate) Vec<(&'static str, u64)>);

#[service]
impl Log {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.0.push(("Bar", bar.value));
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(("Fill", fill.value));
    }
}
