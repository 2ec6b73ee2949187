//! A stream without encryption, which can deliver a message before it is acknowledged.

use std::io;

use rustix::net::RecvFlags;

use super::socket::{Read, receive, receive_with};
use crate::sys::{AsFd, BorrowedFd, CAN_DISCARD, DISCARD, Descriptor};

/// The maximum number of bytes that are read before they are acknowledged. More than this is no lone message.
const MAX_PEEK: usize = 1024;

/// One end of a connection.
///
/// A link is one-way, so over TCP no answer can carry an acknowledgement. The kernel sends one by itself, within the `recv`
/// that empties its buffer, and so before the message gets to its receiver. A receiver that waits for messages gets a lone
/// message first: it is read by peeking, and the next call takes it away, which sends the acknowledgement.
///
/// The bytes of a peeked message are read exactly once: [`Peek::Unconsumed`] holds their number, and the next read,
/// `consume_peeked` or drop takes just these away before anything else. The tests below hold it to that.
#[derive(Debug)]
pub struct Plain {
    descriptor: Descriptor,
    peek: Peek,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peek {
    /// Everything is taken away when it is read.
    Off,
    /// Bytes are arriving: reading each batch twice would gain nothing.
    Busy,
    /// The last read found nothing: what comes next is peeked at first.
    Idle,
    /// This many bytes, at least one, were read and are still in the kernel.
    Unconsumed(usize),
}

impl Plain {
    pub(crate) fn new(descriptor: Descriptor) -> Self {
        Self { descriptor, peek: Peek::Off }
    }

    /// From now on, a message that comes alone is read before it is acknowledged. Until the next read, or
    /// [`consume_peeked`](Self::consume_peeked), the kernel still reports it as readable.
    pub(super) fn acknowledge_late(&mut self) {
        if CAN_DISCARD && self.peek == Peek::Off {
            self.peek = Peek::Busy;
        }
    }

    /// Reads into `space`, which must not be empty.
    #[inline]
    pub(super) fn read(&mut self, space: &mut [u8]) -> io::Result<Read> {
        match self.peek {
            Peek::Off => return receive(self.as_fd(), space),
            Peek::Busy => {}
            Peek::Unconsumed(count) => self.consume(count, space)?,
            Peek::Idle => {
                if let Some(read) = self.peek(space)? {
                    return Ok(read);
                }
            }
        }
        let read = receive(self.as_fd(), space)?;
        self.peek = if read == Read::Nothing { Peek::Idle } else { Peek::Busy };
        Ok(read)
    }

    /// Takes away what was read. Call it before the owner sleeps.
    #[inline]
    pub(super) fn consume_peeked(&mut self) {
        match self.peek {
            Peek::Off | Peek::Idle => {}
            Peek::Busy => self.peek = Peek::Idle,
            Peek::Unconsumed(count) => {
                // The next read will report what is wrong with the connection.
                if self.consume(count, &mut [0; MAX_PEEK]).is_ok() {
                    self.peek = Peek::Idle;
                }
            }
        }
    }

    /// Reads without taking away; `None` if there is too much for that.
    fn peek(&mut self, space: &mut [u8]) -> io::Result<Option<Read>> {
        let most = space.len().min(MAX_PEEK);
        let read = receive_with(self.as_fd(), space.get_mut(..most).unwrap_or_default(), RecvFlags::PEEK)?;
        if let Read::Bytes(count) = read {
            if count == most {
                return Ok(None);
            }
            self.peek = Peek::Unconsumed(count);
        }
        Ok(Some(read))
    }

    /// Takes `count` bytes away, none of which the kernel copies to `unused`. They are there, since nothing else reads from
    /// this socket.
    fn consume(&mut self, mut count: usize, unused: &mut [u8]) -> io::Result<()> {
        while count > 0 {
            let most = unused.len().min(count);
            match receive_with(self.as_fd(), unused.get_mut(..most).unwrap_or_default(), DISCARD)? {
                Read::Bytes(taken) => count -= taken.min(count),
                Read::Nothing | Read::End => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
            self.peek = if count > 0 { Peek::Unconsumed(count) } else { Peek::Busy };
        }
        Ok(())
    }
}

impl Plain {
    pub(super) fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
}

impl AsFd for Plain {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl Drop for Plain {
    /// Closing a socket that has unread bytes would reset its connection instead of ending it.
    fn drop(&mut self) {
        self.consume_peeked();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags};

    use super::*;
    use crate::sys::poll;

    /// The end that writes, and the one under test, which has found nothing to read yet.
    fn idle_pair() -> (TcpStream, Plain) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (socket, _) = listener.accept().unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut plain = Plain::new(crate::sys::shared(socket.into()));
        plain.acknowledge_late();
        assert_eq!(plain.read(&mut [0; 8]).unwrap(), Read::Nothing);
        (peer, plain)
    }

    fn is_readable(plain: &Plain, timeout: Duration) -> bool {
        poll(&mut [PollFd::new(plain, PollFlags::IN)], Some(timeout)).unwrap()
    }

    fn arrives(plain: &Plain) {
        assert!(is_readable(plain, Duration::from_secs(10)), "what was written arrives");
    }

    #[cfg(all(target_os = "linux", not(mycelium_portable)))]
    #[test]
    fn lone_message_is_read_before_it_is_taken_away() {
        let (mut peer, mut plain) = idle_pair();
        for word in [*b"first", *b"again"] {
            peer.write_all(&word).unwrap();
            arrives(&plain);
            let mut space = [0; 64];
            assert_eq!(plain.read(&mut space).unwrap(), Read::Bytes(5));
            assert_eq!(space[..5], word);
            assert!(is_readable(&plain, Duration::ZERO), "the kernel has it still");
            assert_eq!(plain.read(&mut space).unwrap(), Read::Nothing, "and nobody reads it twice");
            assert!(!is_readable(&plain, Duration::ZERO));
        }
    }

    #[cfg(all(target_os = "linux", not(mycelium_portable)))]
    #[test]
    fn a_consumed_message_does_not_end_a_sleep() {
        let (mut peer, mut plain) = idle_pair();
        peer.write_all(b"message").unwrap();
        arrives(&plain);
        assert_eq!(plain.read(&mut [0; 64]).unwrap(), Read::Bytes(7));
        plain.consume_peeked();
        assert!(!is_readable(&plain, Duration::ZERO));
        assert_eq!(plain.peek, Peek::Idle);
    }

    #[test]
    fn more_than_a_lone_message_is_read_at_once() {
        let (mut peer, mut plain) = idle_pair();
        let many: Vec<u8> = (0..MAX_PEEK * 3).map(|n| n as u8).collect();
        peer.write_all(&many).unwrap();
        let (mut all, mut space) = (Vec::new(), [0; 4 * MAX_PEEK]);
        while all.len() < many.len() {
            arrives(&plain);
            if let Read::Bytes(count) = plain.read(&mut space).unwrap() {
                all.extend_from_slice(&space[..count]);
            }
        }
        assert!(all == many);
    }

    #[test]
    fn bytes_arrive_once_and_in_order_however_they_are_written_and_read() {
        let (mut peer, mut plain) = idle_pair();
        let (mut sent, mut taken) = (0_u8, 0_u8);
        for turn in 0..2_000_usize {
            let size = turn * 7919 % (2 * MAX_PEEK);
            let bytes: Vec<u8> = (0..size).map(|n| sent.wrapping_add(n as u8)).collect();
            peer.write_all(&bytes).unwrap();
            sent = sent.wrapping_add(size as u8);
            for _ in 0..turn % 4 {
                let mut space = vec![0; 1 + turn * 31 % (3 * MAX_PEEK)];
                let Read::Bytes(count) = plain.read(&mut space).unwrap() else { continue };
                for byte in &space[..count] {
                    assert_eq!(*byte, taken);
                    taken = taken.wrapping_add(1);
                }
            }
            if turn % 5 == 0 {
                plain.consume_peeked();
            }
        }
    }

    #[test]
    fn the_end_of_the_stream_comes_after_what_was_peeked() {
        let (mut peer, mut plain) = idle_pair();
        peer.write_all(b"last").unwrap();
        arrives(&plain);
        assert_eq!(plain.read(&mut [0; 64]).unwrap(), Read::Bytes(4));
        drop(peer);
        loop {
            match plain.read(&mut [0; 64]).unwrap() {
                Read::Nothing => arrives(&plain),
                read => break assert_eq!(read, Read::End),
            }
        }
    }

    #[test]
    fn closing_after_a_peek_ends_the_connection_without_a_reset() {
        let (mut peer, mut plain) = idle_pair();
        peer.write_all(b"last").unwrap();
        arrives(&plain);
        assert_eq!(plain.read(&mut [0; 64]).unwrap(), Read::Bytes(4));
        drop(plain);
        assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0, "an end, and not a reset");
    }
}
