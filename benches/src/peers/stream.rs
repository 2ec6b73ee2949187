//! tokio's streams, each end driven by a runtime of its own on its own thread.
//!
//! As in tokio's guide for one connection: `readable` or `writable`, then `try_read` or `try_write`. On a current-thread runtime, because a
//! multi-thread runtime passes each message to yet another thread.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::{Builder, Runtime};

use crate::bare::socket::Stream;

/// A stream and the runtime that it is registered with.
pub struct Tokio<T>(Arc<(Runtime, T)>);

macro_rules! streams {
    ($($stream:ty, $bare:ty;)*) => {$(
        impl Tokio<$stream> {
            fn new(bare: $bare) -> io::Result<Self> {
                let runtime = Builder::new_current_thread().enable_io().build()?;
                bare.set_nonblocking(true)?;
                let stream = {
                    let _within = runtime.enter();
                    <$stream>::from_std(bare)?
                };
                Ok(Self(Arc::new((runtime, stream))))
            }
        }

        impl Read for Tokio<$stream> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let (runtime, stream) = &*self.0;
                runtime.block_on(async {
                    loop {
                        stream.readable().await?;
                        match stream.try_read(into) {
                            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                            done => return done,
                        }
                    }
                })
            }
        }

        impl Write for Tokio<$stream> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                let (runtime, stream) = &*self.0;
                runtime.block_on(async {
                    loop {
                        stream.writable().await?;
                        match stream.try_write(bytes) {
                            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                            done => return done,
                        }
                    }
                })
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        impl Stream for Tokio<$stream> {
            fn pair() -> io::Result<(Self, Self)> {
                let (near, far) = <$bare as Stream>::pair()?;
                Ok((Self::new(near)?, Self::new(far)?))
            }

            fn again(&self) -> io::Result<Self> {
                Ok(Self(Arc::clone(&self.0)))
            }

            /// It always waits, as a task does.
            fn set_nonblocking(&self, _: bool) -> io::Result<()> {
                Ok(())
            }
        }
    )*};
}

streams! {
    UnixStream, std::os::unix::net::UnixStream;
    TcpStream, std::net::TcpStream;
}
