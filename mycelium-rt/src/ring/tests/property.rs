//! Any sequence of steps on a ring has the same outcome as on a `VecDeque`, for readers in place and for copying ones.

use std::collections::VecDeque;

use proptest::prelude::*;

use crate::ring::frame::Bodies;
use crate::ring::layout::Geometry;
use crate::ring::memory::Memory;
use crate::ring::park::Barrier;
use crate::ring::reader::Reader;
use crate::ring::writer::Writer;

#[derive(Clone, Debug)]
enum Step {
    Push(u16, Vec<u8>),
    PushAll(u16, Vec<Vec<u8>>),
    Drop(u64),
    Poll(usize),
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u16>(), proptest::collection::vec(any::<u8>(), 0..200)).prop_map(|(id, body)| Step::Push(id, body)),
        3 => (any::<u16>(), proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..90))
            .prop_map(|(id, bodies)| Step::PushAll(id, bodies)),
        1 => (0..100_000_u64).prop_map(Step::Drop),
        3 => (0..12_usize).prop_map(Step::Poll),
        1 => Just(Step::Flush),
    ]
}

#[derive(Debug, PartialEq)]
struct Message {
    id: u16,
    lost: u16,
    body: Vec<u8>,
}

/// Makes one of the two kinds of readers.
type Make<B> = fn(Memory, Geometry, Barrier) -> Reader<B>;

fn check<B: Bodies>(geometry: Geometry, reader: Make<B>, steps: &[Step]) -> Result<(), TestCaseError> {
    let memory = Memory::heap(geometry);
    let mut writer = Writer::new(memory.clone(), geometry, Barrier::Fence);
    let mut reader = reader(memory, geometry, Barrier::Fence);
    let (mut model, mut lost) = (VecDeque::new(), 0_u64);
    for step in steps {
        match step {
            Step::Push(id, body) => {
                let fits = body.len() <= geometry.max_body() && model.len() < geometry.capacity();
                prop_assert_eq!(writer.try_push(*id, body).is_ok(), fits);
                if fits {
                    model.push_back(Message { id: *id, lost: lost.min(65_535) as u16, body: body.clone() });
                    lost -= lost.min(65_535);
                }
            }
            Step::PushAll(id, bodies) => {
                let fits = |body: &Vec<u8>| body.len() <= geometry.max_body();
                let mut rest = bodies.as_slice();
                while let Ok(taken @ 1..) = writer.try_push_all(*id, rest.iter().map(Vec::as_slice)) {
                    for body in &rest[..taken] {
                        prop_assert!(fits(body) && model.len() < geometry.capacity());
                        model.push_back(Message { id: *id, lost: lost.min(65_535) as u16, body: body.clone() });
                        lost -= lost.min(65_535);
                    }
                    rest = &rest[taken..];
                }
                let stopped = rest.is_empty() || !fits(&rest[0]) || model.len() == geometry.capacity();
                prop_assert!(stopped, "it takes all that there is room for");
            }
            Step::Drop(messages) => {
                writer.note_lost(*messages);
                lost += messages;
            }
            Step::Poll(max) => {
                let mut taken = Vec::new();
                let count = reader.poll(*max, |frame| {
                    taken.push(Message { id: frame.type_id, lost: frame.lost, body: frame.body.to_vec() });
                    Ok::<(), ()>(())
                });
                prop_assert_eq!(count, Ok(taken.len()));
                let expected: Vec<_> = model.drain(..model.len().min(*max)).collect();
                prop_assert_eq!(taken, expected);
            }
            Step::Flush => prop_assert!(!writer.flush(), "no end sleeps"),
        }
    }
    prop_assert_eq!(writer.unread() as usize, model.len());
    Ok(())
}

proptest! {
    #[test]
    fn ring_is_a_bounded_deque(
        capacity in 1..20_usize,
        max_body in 0..180_usize,
        copying: bool,
        steps in proptest::collection::vec(step(), 0..300),
    ) {
        let geometry = Geometry::new(capacity, max_body).unwrap();
        match copying {
            true => check(geometry, Reader::copying, &steps)?,
            false => check(geometry, Reader::in_place, &steps)?,
        }
    }
}
