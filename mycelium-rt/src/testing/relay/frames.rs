//! From link to input, frame by frame.

use std::io::{self, Read, Write};

use super::faults::{Fate, Faults};
use super::socket::Socket;
use crate::wire::{FRAME_HEADER, FrameHeader, HANDSHAKE_PREFIX, MAX_BODY, MAX_HANDSHAKE, frame_size};

/// Passes on what a link says in its handshake, and then its messages, until either side ends.
pub(super) fn pass(from: &Socket, to: &Socket, faults: &Faults) -> io::Result<()> {
    let (mut from, mut to) = (from, to);
    let mut buffer = vec![0; MAX_HANDSHAKE.max(frame_size(MAX_BODY))];
    let hello = hello(&mut from, &mut buffer)?;
    to.write_all(hello)?;
    loop {
        let frame = frame(&mut from, &mut buffer)?;
        let (fate, delay) = faults.fate();
        match fate {
            Fate::Pass => {
                // A fault that the test asked for, not a wait for something.
                faults.sleep(delay);
                to.write_all(frame)?;
            }
            Fate::Drop => {}
            Fate::Stop => return Ok(()),
        }
        faults.done(fate);
    }
}

/// `magic [u8; 8] | protocol u16 | kind u16 | len u32`, and so many bytes
fn hello<'a>(from: &mut impl Read, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let prefix = part(from, buffer, 0, HANDSHAKE_PREFIX)?;
    let len = prefix.last_chunk().map_or(0, |len| u32::from_le_bytes(*len) as usize);
    part(from, buffer, HANDSHAKE_PREFIX, len)
}

fn frame<'a>(from: &mut impl Read, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let header = part(from, buffer, 0, FRAME_HEADER)?;
    let len = header.first_chunk().map_or(0, |header| FrameHeader::from_bytes(header).len as usize);
    part(from, buffer, FRAME_HEADER, frame_size(len) - FRAME_HEADER)
}

/// Reads `len` bytes behind the first `start`; all of them together.
fn part<'a>(from: &mut impl Read, buffer: &'a mut [u8], start: usize, len: usize) -> io::Result<&'a [u8]> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "longer than anything a link sends");
    from.read_exact(buffer.get_mut(start..start + len).ok_or_else(too_long)?)?;
    buffer.get(..start + len).ok_or_else(too_long)
}
