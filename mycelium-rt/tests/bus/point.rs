use std::pin::pin;
use std::task::Poll;

use contracts::BarDone;
use mycelium_rt::bus::{Bus, BusError, PointError};
use mycelium_rt::link::SendAllError;

use crate::common::{done, paused, poll_once};

#[test]
fn a_sender_waits_for_room_and_nothing_is_lost() {
    paused().block_on(async {
        let bus = Bus::with_capacity(2);
        let (sender, mut receiver) = (bus.sender(), bus.receiver::<BarDone>().unwrap());
        sender.send(&done(1)).await.unwrap();
        sender.send(&done(2)).await.unwrap();
        assert_eq!(sender.try_send(&done(3)), Err(PointError::Full));
        let third = done(3);
        let mut waiting = pin!(sender.send(&third));
        assert!(poll_once(&mut waiting).is_pending());
        assert_eq!(receiver.recv().await, Some(done(1)));
        assert_eq!(poll_once(&mut waiting), Poll::Ready(Ok(())));
        assert_eq!((receiver.recv().await, receiver.recv().await), (Some(done(2)), Some(done(3))));
    });
}

#[test]
fn what_is_sent_before_there_is_a_receiver_waits_for_it() {
    let bus = Bus::with_capacity(1);
    let sender = bus.sender();
    sender.try_send(&done(1)).unwrap();
    let second = done(2);
    let mut waiting = pin!(sender.send(&second));
    assert!(poll_once(&mut waiting).is_pending());
    let mut receiver = bus.receiver::<BarDone>().unwrap();
    assert_eq!(receiver.try_recv(), Some(done(1)));
    assert_eq!(poll_once(&mut waiting), Poll::Ready(Ok(())));
    assert_eq!(receiver.try_recv(), Some(done(2)));
}

#[test]
fn there_is_one_receiver_at_a_time() {
    let bus = Bus::new();
    let sender = bus.sender();
    let first = bus.receiver::<BarDone>().unwrap();
    assert_eq!(bus.receiver::<BarDone>().unwrap_err(), BusError::ReceiverTaken { message: "BarDone" });
    sender.try_send(&done(1)).unwrap();
    drop(first);
    assert_eq!(bus.receiver().unwrap().try_recv(), Some(done(1)));
}

#[test]
fn when_bus_and_receiver_are_gone_a_sender_learns_of_it() {
    let bus = Bus::new();
    let (sender, mut receiver) = (bus.sender(), bus.receiver::<BarDone>().unwrap());
    sender.try_send(&done(1)).unwrap();
    drop(bus);
    assert_eq!(receiver.try_recv(), Some(done(1)));
    drop(receiver);
    assert_eq!(sender.try_send(&done(2)), Err(PointError::Closed));
}

#[test]
fn a_capacity_beyond_the_maximum_counts_as_unlimited() {
    let bus = Bus::with_capacity(usize::MAX);
    bus.sender().try_send(&done(1)).unwrap();
    assert_eq!(bus.receiver().unwrap().try_recv(), Some(done(1)));
}

#[test]
fn many_at_once_wait_for_room_as_often_as_needed() {
    paused().block_on(async {
        let bus = Bus::with_capacity(3);
        let (sender, mut receiver) = (bus.sender(), bus.receiver::<BarDone>().unwrap());
        let messages: Vec<_> = (0..100).map(done).collect();
        let receive = async {
            let mut received = Vec::new();
            while received.len() < 100 {
                received.extend(receiver.recv().await);
            }
            received
        };
        let (sent, received) = tokio::join!(sender.send_all(&messages), receive);
        assert_eq!((sent, received), (Ok(()), messages));
    });
}

#[test]
fn many_at_once_are_tried_until_one_finds_no_room() {
    let bus = Bus::with_capacity(3);
    let (sender, mut receiver) = (bus.sender(), bus.receiver::<BarDone>().unwrap());
    let messages: Vec<_> = (0..10).map(done).collect();
    assert_eq!(sender.try_send_all(&messages), Err(SendAllError { sent: 3, reason: PointError::Full }));
    assert_eq!(receiver.try_recv(), Some(done(0)));
    assert_eq!(sender.try_send_all(&messages[3..4]), Ok(()));
    assert_eq!(sender.try_send_all(&messages[4..]), Err(SendAllError { sent: 0, reason: PointError::Full }));
    let rest: Vec<_> = std::iter::from_fn(|| receiver.try_recv()).collect();
    assert_eq!(rest, messages[1..4]);
    assert_eq!(sender.try_send_all(&[]), Ok(()));
    drop((bus, receiver));
    let closed = SendAllError { sent: 0, reason: PointError::Closed };
    assert_eq!(sender.try_send_all(&messages), Err(closed));
    assert_eq!(poll_once(&mut pin!(sender.send_all(&messages))), Poll::Ready(Err(closed)));
}

#[test]
fn what_many_at_once_had_sent_before_the_end_is_counted() {
    let bus = Bus::with_capacity(3);
    let (sender, receiver) = (bus.sender(), bus.receiver::<BarDone>().unwrap());
    let messages: Vec<_> = (0..10).map(done).collect();
    let mut sending = pin!(sender.send_all(&messages));
    assert!(poll_once(&mut sending).is_pending());
    drop((bus, receiver));
    let closed = SendAllError { sent: 3, reason: PointError::Closed };
    assert_eq!(poll_once(&mut sending), Poll::Ready(Err(closed)));
}
