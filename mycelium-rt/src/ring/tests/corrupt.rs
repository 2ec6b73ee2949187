//! Impossible words of the other end are detected, and never used.

use crate::ring::frame::Copied;
use crate::ring::layout::Geometry;
use crate::ring::layout::Head;
use crate::ring::memory::Memory;
use crate::ring::park::Barrier;
use crate::ring::reader::{PollError, Reader};
use crate::ring::writer::Writer;
use crate::ring::{Corrupt, PushError};
use crate::sync::Ordering;

fn ring() -> (Memory, Writer, Reader<Copied>) {
    let geometry = Geometry::new(4, 48).unwrap();
    let memory = Memory::heap(geometry);
    let writer = Writer::new(memory.clone(), geometry, Barrier::Fence);
    (memory.clone(), writer, Reader::copying(memory, geometry, Barrier::Fence))
}

fn poll(reader: &mut Reader<Copied>) -> Result<usize, PollError<()>> {
    reader.poll(10, |_| Ok(()))
}

#[test]
fn commit_word_of_no_lap() {
    for lie in [2, 3, 5, u64::MAX] {
        let (memory, _writer, mut reader) = ring();
        memory.slot(0).commit_word().store(lie, Ordering::Relaxed);
        assert_eq!(poll(&mut reader), Err(PollError::Corrupt(Corrupt::CommitWord { word: lie, next: 0 })));
    }
}

#[test]
fn commit_word_of_an_earlier_lap_is_neither_a_message_nor_corrupt() {
    let (_memory, mut writer, mut reader) = ring();
    for _ in 0..4 {
        writer.try_push(1, &[]).unwrap();
    }
    assert_eq!(poll(&mut reader), Ok(4));
    assert_eq!(poll(&mut reader), Ok(0));
}

#[test]
fn length_beyond_the_slot() {
    for lie in [49, 64, 65, 1 << 16, u32::MAX] {
        let (memory, _writer, mut reader) = ring();
        // SAFETY: the writer is not used.
        unsafe { memory.slot(0).write(Head { len: lie, type_id: 1, lost: 0 }, &[]) };
        memory.slot(0).commit_word().store(1, Ordering::Relaxed);
        assert_eq!(poll(&mut reader), Err(PollError::Corrupt(Corrupt::Length { len: lie, max: 48 })), "{lie}");
    }
}

#[test]
fn cursor_that_runs_ahead_or_back() {
    let (memory, mut writer, mut reader) = ring();
    for _ in 0..4 {
        writer.try_push(1, &[]).unwrap();
    }
    for lie in [5, 100, u64::MAX] {
        memory.cursor().store(lie, Ordering::Relaxed);
        assert_eq!(writer.try_push(1, &[]), Err(PushError::Corrupt(Corrupt::Cursor { cursor: lie, next: 4 })));
    }
    memory.cursor().store(0, Ordering::Relaxed);
    assert_eq!(poll(&mut reader), Ok(4));
    for _ in 0..4 {
        writer.try_push(1, &[]).unwrap();
    }
    memory.cursor().store(3, Ordering::Relaxed);
    assert_eq!(writer.try_push(1, &[]), Err(PushError::Corrupt(Corrupt::Cursor { cursor: 3, next: 8 })));
}
