use std::convert::Infallible;
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::link::{Batch, Link, LinkError, SendError, Status};

#[test]
fn messages_arrive_in_order_around_the_ring() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::Error, 8));
    connect(&mut link, &mut input);
    let mut next = 0;
    for tick in 0..1000 {
        send(&mut link, tick).unwrap();
        for got in take(&mut input) {
            assert_eq!(got, next);
            next += 1;
        }
    }
    assert_eq!(next, 1000);
    let (sent, received) = (link.stats(), input.stats());
    assert_eq!((sent.sent, sent.dropped(), received.received, received.gaps), (1000, 0, 1000, 0));
    assert_eq!((sent.bytes_sent, received.bytes_received), (8000, 8000));
}

#[test]
fn bodies_of_all_sizes_arrive_whole_and_aligned() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::Error, 8));
    connect(&mut link, &mut input);
    let wide: Vec<u8> = (0..600_u32).map(|n| n as u8).collect();
    link.send_bytes(9, &wide).unwrap();
    send(&mut link, 1).unwrap();
    let mut ids = Vec::new();
    input.poll(|id, _, body| {
        assert_eq!(body.as_ptr().addr() % 8, 0);
        assert!(id == 7 || body == wide);
        ids.push(id);
        Ok::<(), Infallible>(())
    });
    assert_eq!(ids, [9, 7]);
}

#[test]
fn full_ring_acts_as_the_policy_says_and_the_receiver_sees_what_is_missing() {
    let place = Place::new();
    let mut input = place.input();
    for (policy, error) in [
        (OnFull::Error, Err(SendError::Full)),
        (OnFull::DropNewest, Ok(())),
        (OnFull::BlockFor(Duration::from_millis(3)), Err(SendError::TimedOut)),
    ] {
        let mut link = place.link(policy, 4);
        connect(&mut link, &mut input);
        let before = input.stats();
        for tick in 0..4 {
            assert_eq!(send(&mut link, tick), Ok(()));
        }
        assert_eq!(send(&mut link, 4), error, "{policy:?}");
        assert_eq!(send(&mut link, 5), error, "{policy:?}");
        assert_eq!(take(&mut input), [0, 1, 2, 3]);
        assert_eq!(send(&mut link, 6), Ok(()));
        assert_eq!(take(&mut input), [6]);
        assert_eq!((link.stats().dropped(), input.stats().gaps - before.gaps), (2, 2), "{policy:?}");
        drop(link);
        until("peer gone", || {
            take(&mut input);
            input.peers() == 0
        });
        assert_eq!(input.stats().gaps - before.gaps, 2, "{policy:?}");
    }
}

#[test]
fn an_owner_that_sleeps_while_messages_wait_is_woken_by_room() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::latest(1), 4));
    connect(&mut link, &mut input);
    (0..9).for_each(|tick| send(&mut link, tick).unwrap());
    link.flush();
    assert!(Link::park(&mut link), "the ring is full");
    assert!(!wait(link.interest(), Some(Duration::ZERO)).unwrap());
    assert_eq!(take(&mut input), [0, 1, 2, 3]);
    assert!(wait(link.interest(), Some(FAR_TOO_LONG)).unwrap(), "the receiver has made room");
    Link::unpark(&mut link);
    link.poll();
    assert_eq!(take(&mut input), [8]);
    (0..9).for_each(|tick| send(&mut link, tick).unwrap());
    assert_eq!(take(&mut input), [0, 1, 2, 3]);
    assert!(!Link::park(&mut link), "there is room already");
    Link::unpark(&mut link);
}

#[test]
fn drops_after_the_last_message_are_counted_when_the_sender_goes() {
    let close = |link: &mut ShmLink| {
        link.close();
        assert_eq!(send(link, 9), Err(SendError::Closed));
    };
    // Closed or just dropped: the receiver sees the same.
    for end in [close, |_: &mut ShmLink| {}] {
        let place = Place::new();
        let (mut input, mut link) = (place.input(), place.link(OnFull::DropNewest, 2));
        connect(&mut link, &mut input);
        for tick in 0..5 {
            send(&mut link, tick).unwrap();
        }
        end(&mut link);
        drop(link);
        let mut got = Vec::new();
        until("peer gone", || {
            got.extend(take(&mut input));
            input.peers() == 0
        });
        assert_eq!((got, input.stats().gaps), (vec![0, 1], 3));
    }
}

#[test]
fn a_link_that_is_dropped_has_counted_all_that_it_sent() {
    let place = Place::new();
    let mut input = place.input();
    let spec = LinkSpec { batch: Batch::of(100), ..LinkSpec::new("it", Address::shm("/unused"), "demo", BOTH) };
    let mut link = ShmLink::open(spec, ShmOptions::default(), &place.config()).unwrap();
    connect(&mut link, &mut input);
    (0..5).for_each(|tick| send(&mut link, tick).unwrap());
    let counters = link.counters().clone();
    drop(link);
    let stats = counters.snapshot();
    assert_eq!((stats.sent, stats.bytes_sent, stats.disconnects), (5, 40, 1));
}

#[test]
fn drop_oldest_is_refused() {
    let place = Place::new();
    let spec = LinkSpec { on_full: OnFull::DropOldest, ..LinkSpec::new("it", Address::shm("/unused"), "demo", BOTH) };
    let error = ShmLink::open(spec, ShmOptions::default(), &place.config()).unwrap_err();
    assert!(error.to_string().contains("an unread slot of a ring belongs to the receiver"), "{error}");
}

#[test]
fn a_link_without_a_peer_counts_as_full_and_reports_to_the_first_receiver() {
    let place = Place::new();
    let mut link = place.link(OnFull::Error, 4);
    assert_eq!(send(&mut link, 0), Err(SendError::Full));
    assert_eq!(link.status(), Status::Connecting);
    let mut input = place.input();
    connect(&mut link, &mut input);
    send(&mut link, 1).unwrap();
    assert_eq!((take(&mut input), input.stats().gaps), (vec![1], 1));
}

#[test]
fn receiver_that_ends_leaves_a_counted_gap_and_the_link_returns() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::Error, 8));
    connect(&mut link, &mut input);
    for tick in 0..5 {
        send(&mut link, tick).unwrap();
    }
    let mut first = None;
    let _ = input.poll(|_, _, _| match first.replace(()) {
        None => Ok(()),
        Some(()) => Err("one is enough"),
    });
    drop(input);
    until("link lost", || link.poll() != Status::Connected);
    assert_eq!(link.stats().lost_in_flight, 3);
    let mut input = place.input();
    connect(&mut link, &mut input);
    send(&mut link, 5).unwrap();
    assert_eq!((take(&mut input), input.stats().gaps, link.stats().reconnects), (vec![5], 3, 1));
}

#[test]
fn many_peers_share_an_input_and_none_starves() {
    let place = Place::new();
    let limits = Limits { turn: 10, ..Limits::default() };
    let mut input = place.input_of(BOTH, &place.config().limits(limits));
    let mut links: Vec<_> = (0..5).map(|_| place.link(OnFull::Error, 64)).collect();
    for link in &mut links {
        connect(link, &mut input);
    }
    for (index, link) in links.iter_mut().enumerate() {
        for tick in 0..60 {
            send(link, index as u64 * 1000 + tick).unwrap();
        }
    }
    for round in 0..6 {
        let got = take(&mut input);
        for index in 0..5 {
            let of_this: Vec<_> = got.iter().filter(|tick| *tick / 1000 == index).map(|tick| tick % 1000).collect();
            assert_eq!(of_this, (round * 10..round * 10 + 10).collect::<Vec<_>>());
        }
    }
    links.remove(2);
    until("one peer gone", || {
        take(&mut input);
        input.peers() == 4
    });
    send(&mut links[3], 7).unwrap();
    assert_eq!(take(&mut input), [7]);
}

#[test]
fn an_invalid_body_closes_one_link_only() {
    let place = Place::new();
    let mut input = place.input();
    let (mut bad, mut good) = (place.link(OnFull::Error, 8), place.link(OnFull::Error, 8));
    connect(&mut bad, &mut input);
    connect(&mut good, &mut input);
    send(&mut bad, 666).unwrap();
    send(&mut good, 1).unwrap();
    input.poll(|_, _, body| if body == 666_u64.to_le_bytes() { Err("an unlucky number") } else { Ok(()) });
    assert_eq!((input.peers(), input.stats().invalid, input.stats().received), (1, 1, 1));
    until("the bad one notices", || bad.poll() != Status::Connected);
    send(&mut good, 2).unwrap();
    assert_eq!(take(&mut input), [2]);
}

#[test]
fn messages_that_the_link_does_not_list_are_refused_at_the_sender() {
    let place = Place::new();
    let mut link = place.link(OnFull::Error, 4);
    assert_eq!(link.send_bytes(8, &[0; 8]), Err(SendError::Unlisted { id: 8 }));
    assert_eq!(link.send_bytes(7, &[0; 9]), Err(SendError::Length { len: 9, expected: 8 }));
    assert_eq!(link.stats().dropped_error, 2);
}

#[test]
fn blocked_sender_and_sleeping_receiver_wake_each_other() {
    const TICKS: u64 = 20_000;
    let place = Place::new();
    let mut input = place.input();
    let sender = {
        let config = place.config().wait_for_peers(FAR_TOO_LONG);
        thread::spawn(move || {
            let spec = LinkSpec::new("it", Address::shm("/unused"), "demo", BOTH);
            let mut link = ShmLink::open(spec, ShmOptions { slots: 4, ..ShmOptions::default() }, &config).unwrap();
            for tick in 0..TICKS {
                send(&mut link, tick).unwrap();
            }
            link.close();
            link.stats()
        })
    };
    let (mut next, start) = (0, Instant::now());
    while next < TICKS {
        // Before the poll and not after it: once everything has arrived, nothing is left to end a wait.
        input.wait(FAR_TOO_LONG);
        assert!(start.elapsed() < FAR_TOO_LONG, "at {next}: {:?}", input.stats());
        for tick in take(&mut input) {
            assert_eq!(tick, next);
            next += 1;
        }
    }
    assert_eq!(sender.join().unwrap().dropped(), 0);
}

#[test]
fn interrupt_ends_a_wait() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::Block, 1));
    connect(&mut link, &mut input);
    send(&mut link, 0).unwrap();
    let interrupt = link.interrupt();
    let blocked = thread::spawn(move || send(&mut link, 1));
    interrupt.set();
    assert_eq!(blocked.join().unwrap(), Err(SendError::Interrupted));
}

#[test]
fn blocked_sender_goes_on_with_the_next_receiver() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::Block, 1));
    connect(&mut link, &mut input);
    send(&mut link, 0).unwrap();
    let blocked = thread::spawn(move || {
        send(&mut link, 1).unwrap();
        link
    });
    drop(input);
    let mut input = place.input();
    let mut got = Vec::new();
    until("the message", || {
        got.extend(take(&mut input));
        !got.is_empty()
    });
    assert_eq!((got, input.stats().gaps), (vec![1], 1));
    drop(blocked.join().unwrap());
}

#[test]
fn path_in_use_is_an_error_and_a_stale_one_heals() {
    let place = Place::new();
    let input = place.input();
    let spec = || InputSpec::new("it", Address::shm("/unused"), "demo", BOTH);
    let second = ShmInput::open(spec(), ShmOptions::default(), &place.config());
    assert!(matches!(second, Err(LinkError::InUse { .. })));
    drop(input);
    assert!(!place.0.exists());
    // What a killed process leaves behind.
    let socket = std::os::unix::net::UnixListener::bind(&place.0).unwrap();
    drop(socket);
    assert!(place.0.exists());
    drop(place.input());
}

#[test]
fn what_a_dead_receiver_has_left_is_lost_even_if_the_link_ends_first() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::Error, 8));
    connect(&mut link, &mut input);
    (0..5).for_each(|tick| send(&mut link, tick).unwrap());
    assert_eq!(take(&mut input), [0, 1, 2, 3, 4]);
    (5..8).for_each(|tick| send(&mut link, tick).unwrap());
    drop(input);
    link.close();
    let stats = link.stats();
    assert_eq!((stats.sent, stats.lost_in_flight), (8, 3));
}

#[test]
fn a_peer_that_is_gone_wakes_the_input_no_more() {
    let place = Place::new();
    let (mut input, mut link) = (place.input(), place.link(OnFull::Error, 8));
    connect(&mut link, &mut input);
    drop(link);
    until("peer gone", || {
        take(&mut input);
        input.peers() == 0
    });
    assert!(sleeps_on(&mut input));
}
