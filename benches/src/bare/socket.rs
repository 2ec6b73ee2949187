//! Sockets of the standard library, without frames, handshakes or checks.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;

use zerocopy::{FromBytes, IntoBytes};

use crate::ours::Wait;
use crate::port::{Body, Port};

/// Bytes that are read at once.
const READ: usize = 64 * 1024;

/// A stream that can be set to non-blocking.
pub trait Stream: Read + Write + Send + Sized {
    /// Both ends of one.
    fn pair() -> std::io::Result<(Self, Self)>;
    /// The same socket with another descriptor.
    fn again(&self) -> std::io::Result<Self>;
    /// Sets whether reads and writes block.
    fn set_nonblocking(&self, value: bool) -> std::io::Result<()>;
}

impl Stream for UnixStream {
    fn pair() -> std::io::Result<(Self, Self)> {
        UnixStream::pair()
    }
    fn again(&self) -> std::io::Result<Self> {
        self.try_clone()
    }
    fn set_nonblocking(&self, value: bool) -> std::io::Result<()> {
        UnixStream::set_nonblocking(self, value)
    }
}

impl Stream for TcpStream {
    fn pair() -> std::io::Result<(Self, Self)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let near = TcpStream::connect(listener.local_addr()?)?;
        let (far, _) = listener.accept()?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        Ok((near, far))
    }
    fn again(&self) -> std::io::Result<Self> {
        self.try_clone()
    }
    fn set_nonblocking(&self, value: bool) -> std::io::Result<()> {
        TcpStream::set_nonblocking(self, value)
    }
}

/// One end of a bare stream.
///
/// For rates, nothing reads the bytes: the same buffer is written repeatedly, and the bytes that arrive are counted. So this measures the
/// kernel alone.
pub struct Bare<S> {
    output: S,
    input: S,
    /// Messages in a write.
    batch: usize,
    held: usize,
    /// A batch.
    out: Vec<u8>,
    incoming: Box<[u8]>,
    filled: usize,
}

/// How messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Both directions over one connection.
    Duplex,
    /// Each direction over a connection of its own, as with links. An acknowledgement that an answer carries on one TCP connection then
    /// takes a packet of its own.
    TwoWays,
    /// One way only. The sender waits in the kernel for room, as links do.
    OneWay,
}

/// Both ends. Each write has `batch` messages of `W` words.
pub fn pair<const W: usize, S: Stream>(wait: Wait, batch: usize, shape: Shape) -> (Bare<S>, Bare<S>) {
    let (output, far_input) = S::pair().expect("a connected pair of sockets");
    let (input, far_output) = match shape {
        Shape::TwoWays => S::pair().expect("a connected pair of sockets"),
        Shape::Duplex | Shape::OneWay => (again(&output), again(&far_input)),
    };
    let end = |output: S, input: S, polls: bool| {
        for stream in [&output, &input] {
            stream.set_nonblocking(polls).expect("a socket that can be told not to wait");
        }
        let out = vec![0x5a; batch * W * 8];
        Bare { output, input, batch, held: 0, out, incoming: vec![0; READ.max(W * 8)].into(), filled: 0 }
    };
    let polls = wait == Wait::Poll;
    (end(output, input, polls && shape != Shape::OneWay), end(far_output, far_input, polls))
}

fn again<S: Stream>(stream: &S) -> S {
    stream.again().expect("a descriptor for the same socket")
}

impl<S: Stream> Bare<S> {
    fn write(&mut self, messages: usize) {
        let mut left = self.out.get(..messages * (self.out.len() / self.batch)).unwrap_or_default();
        while !left.is_empty() {
            match self.output.write(left) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(error) => panic!("a write to a live peer: {error}"),
            }
        }
        self.held = 0;
    }
}

impl<const W: usize, S: Stream> Port<W> for Bare<S> {
    #[inline(always)]
    fn send(&mut self, body: &Body<W>) {
        if self.batch == 1 {
            self.out.copy_from_slice(body.as_bytes());
        }
        self.held += 1;
        if self.held == self.batch {
            self.write(self.batch);
        }
    }

    fn flush(&mut self) {
        self.write(self.held);
    }

    #[inline(always)]
    fn receive(&mut self, mut take: impl FnMut(&Body<W>)) -> usize {
        match self.input.read(self.incoming.get_mut(self.filled..).unwrap_or_default()) {
            Ok(0) => panic!("the other end is gone"),
            Ok(count) => self.filled += count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return 0,
            Err(error) => panic!("a read from a live peer: {error}"),
        }
        let messages = self.filled / (W * 8);
        if self.batch == 1 {
            for body in self.incoming.chunks_exact(W * 8).take(messages) {
                take(&Body::<W>::read_from_bytes(body).expect("a chunk of this size"));
            }
        }
        let whole = messages * W * 8;
        self.incoming.copy_within(whole..self.filled, 0);
        self.filled -= whole;
        messages
    }
}
