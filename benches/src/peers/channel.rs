//! Channels between threads.

use crate::ours::Wait;
use crate::port::{Body, Port};

/// Messages taken at once, at most.
const TURN: usize = 64;

/// One end of two channels, one in each direction.
pub struct Channel<S, R> {
    sender: S,
    receiver: R,
    wait: Wait,
}

/// Both ends of two channels that `make` makes.
pub fn pair<S, R>(wait: Wait, make: impl Fn() -> (S, R)) -> (Channel<S, R>, Channel<S, R>) {
    let ((to, at_far), (back, at_near)) = (make(), make());
    (Channel { sender: to, receiver: at_near, wait }, Channel { sender: back, receiver: at_far, wait })
}

/// Expands to the port of one library's channels.
macro_rules! port {
    ($sender:ty, $receiver:ty, $send:expr, $wait_to_send:expr, $receive:expr, $wait_to_receive:expr) => {
        impl<const W: usize> Port<W> for Channel<$sender, $receiver> {
            #[inline(always)]
            fn send(&mut self, body: &Body<W>) {
                match self.wait {
                    Wait::Block => $wait_to_send(&self.sender, *body),
                    Wait::Poll => {
                        while !$send(&self.sender, *body) {
                            std::hint::spin_loop();
                        }
                    }
                }
            }

            #[inline(always)]
            fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
                let mut taken = 0;
                if self.wait == Wait::Block {
                    take(&$wait_to_receive(&self.receiver));
                    taken += 1;
                }
                while taken < TURN
                    && let Some(body) = $receive(&self.receiver)
                {
                    take(&body);
                    taken += 1;
                }
                taken
            }
        }
    };
}

const ALIVE: &str = "the other end is there";

port!(
    crossbeam_channel::Sender<Body<W>>,
    crossbeam_channel::Receiver<Body<W>>,
    |sender: &crossbeam_channel::Sender<Body<W>>, body| sender.try_send(body).is_ok(),
    |sender: &crossbeam_channel::Sender<Body<W>>, body| sender.send(body).expect(ALIVE),
    |receiver: &crossbeam_channel::Receiver<Body<W>>| receiver.try_recv().ok(),
    |receiver: &crossbeam_channel::Receiver<Body<W>>| receiver.recv().expect(ALIVE)
);

port!(
    kanal::Sender<Body<W>>,
    kanal::Receiver<Body<W>>,
    |sender: &kanal::Sender<Body<W>>, body| sender.try_send(body).expect(ALIVE),
    |sender: &kanal::Sender<Body<W>>, body| sender.send(body).expect(ALIVE),
    |receiver: &kanal::Receiver<Body<W>>| receiver.try_recv().expect(ALIVE),
    |receiver: &kanal::Receiver<Body<W>>| receiver.recv().expect(ALIVE)
);
