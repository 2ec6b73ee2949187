use super::*;
use crate::routing::room::{Inline, OnHeap};

const EDGES: [Edge; 2] = [
    Edge { message: "A", service: "x", share: 2, on_full: OnFull::DropOldest },
    Edge { message: "B", service: "y", share: 1, on_full: OnFull::Error },
];

/// An edge, an emission and a payload.
#[derive(Clone, Copy, Debug)]
struct Note(usize, u32, u8);

impl Waiting for Note {
    fn edge(&self) -> usize {
        self.0
    }

    fn emission(&self) -> u32 {
        self.1
    }
}

fn push(queue: &mut LocalQueue<impl Room<Message = Note>, 2>, edge: usize, emission: u32, message: u8) -> bool {
    queue.push(edge, &EDGES[edge], Note(edge, emission, message)).is_ok()
}

fn drained(queue: &mut LocalQueue<impl Room<Message = Note>, 2>) -> Vec<u8> {
    let mut budget = Budget::default();
    core::iter::from_fn(|| match queue.next(&mut budget) {
        Next::Deliver(note) => {
            queue.arrived(note.0);
            Some(note.2)
        }
        _ => None,
    })
    .collect()
}

fn lost(queue: &LocalQueue<impl Room<Message = Note>, 2>) -> Vec<u64> {
    queue.stats(&EDGES).map(|stats| stats.lost).collect()
}

macro_rules! in_both_rooms {
    ($($test:ident),* $(,)?) => {
        mod inline {
            $(#[test] fn $test() { super::$test::<super::Inline<super::Note, 3>>(); })*
        }
        mod on_heap {
            $(#[test] fn $test() { super::$test::<super::OnHeap<super::Note, 3>>(); })*
        }
    };
}

in_both_rooms! {
    messages_of_all_edges_come_out_in_order,
    an_edge_cannot_use_the_share_of_another,
    the_oldest_of_its_own_edge_makes_room,
    skipping_an_emission_frees_its_shares_and_keeps_the_rest,
    a_drain_without_end_is_given_up_and_counted,
}

fn messages_of_all_edges_come_out_in_order<R: Room<Message = Note>>() {
    let mut queue = LocalQueue::<R, 2>::default();
    assert!(push(&mut queue, 0, 1, 10) && push(&mut queue, 1, 2, 20) && push(&mut queue, 0, 3, 11));
    assert_eq!(drained(&mut queue), [10, 20, 11]);
}

fn an_edge_cannot_use_the_share_of_another<R: Room<Message = Note>>() {
    let mut queue = LocalQueue::<R, 2>::default();
    assert!(push(&mut queue, 0, 1, 10) && push(&mut queue, 0, 2, 11));
    assert!(!push(&mut queue, 0, 3, 12));
    assert!(push(&mut queue, 1, 4, 20));
    assert_eq!(lost(&queue), [1, 0]);
    assert_eq!(drained(&mut queue), [10, 11, 20]);
    assert!(push(&mut queue, 0, 5, 13), "draining frees the share");
}

fn the_oldest_of_its_own_edge_makes_room<R: Room<Message = Note>>() {
    let mut queue = LocalQueue::<R, 2>::default();
    let push_newest = |queue: &mut LocalQueue<R, 2>, message| {
        assert_eq!(queue.push_newest(0, &EDGES[0], Note(0, 0, message)), Ok(()));
    };
    assert!(push(&mut queue, 1, 0, 20));
    (10..=12).for_each(|message| push_newest(&mut queue, message));
    assert_eq!(drained(&mut queue), [20, 11, 12], "behind the message of another edge");
    (13..=16).for_each(|message| push_newest(&mut queue, message));
    assert_eq!(drained(&mut queue), [15, 16], "at the front");
    assert_eq!(lost(&queue), [3, 0]);
    let stats = queue.stats(&EDGES).next().unwrap();
    assert_eq!((stats.dropped_oldest, stats.dropped_newest, stats.dropped_error), (3, 0, 0));
}

fn skipping_an_emission_frees_its_shares_and_keeps_the_rest<R: Room<Message = Note>>() {
    let mut queue = LocalQueue::<R, 2>::default();
    assert!(push(&mut queue, 0, 7, 10) && push(&mut queue, 0, 8, 11) && push(&mut queue, 1, 7, 20));
    queue.skip(7);
    assert!(push(&mut queue, 1, 9, 21));
    assert_eq!(drained(&mut queue), [11, 21]);
    assert_eq!(lost(&queue), [0, 0]);
}

fn a_drain_without_end_is_given_up_and_counted<R: Room<Message = Note>>() {
    let mut queue = LocalQueue::<R, 2>::default();
    assert!(push(&mut queue, 1, 0, 20));
    let mut budget = Budget::default();
    let mut deliveries = 0;
    let first = loop {
        match queue.next(&mut budget) {
            Next::Deliver(note) => {
                queue.arrived(note.0);
                deliveries += 1;
                assert!(push(&mut queue, 1, 0, note.2));
            }
            Next::Done => panic!("the queue never runs empty"),
            Next::GivenUp(first, abandoned) => {
                assert_eq!(abandoned.to_string(), "draining stopped after 1000000 deliveries, messages lost: 1");
                break first;
            }
        }
    };
    assert_eq!((deliveries, first, queue.drain_limits()), (DRAIN_LIMIT, 1, 1));
    assert_eq!(lost(&queue), [0, 1]);
    assert!(push(&mut queue, 1, 0, 21), "the share is free again");
}
