use std::os::fd::AsFd;

use rustix::event::{EventfdFlags, eventfd};

use super::*;

/// Sleeps as a lane does, and returns once it is notified.
fn sleep_until_notified(waker: &LaneWaker, descriptors: &[Interest<'_>]) {
    while !waker.is_notified() {
        waker.sleep(descriptors, None);
    }
}

/// With nothing to wait for but the notification, and with a descriptor that is never ready.
fn with_each_way_to_sleep(check: impl Fn(&LaneWaker, &[Interest<'_>])) {
    let silent = eventfd(0, EventfdFlags::CLOEXEC).unwrap();
    let silent = Interest { descriptor: silent.as_fd(), readable: true, writable: false };
    let waker = LaneWaker::for_thread().unwrap();
    waker.adopt_this_thread();
    for _ in 0..100 {
        check(&waker, &[]);
        check(&waker, &[silent]);
    }
}

#[test]
fn a_notification_before_the_sleep_is_not_lost() {
    with_each_way_to_sleep(|waker, descriptors| {
        waker.arm();
        waker.notify();
        sleep_until_notified(waker, descriptors);
    });
}

#[test]
fn a_notification_during_the_sleep_ends_it() {
    with_each_way_to_sleep(|waker, descriptors| {
        waker.arm();
        std::thread::scope(|scope| {
            scope.spawn(|| waker.notify());
            sleep_until_notified(waker, descriptors);
        });
    });
}

#[test]
fn a_ready_descriptor_ends_the_sleep() {
    let ready = eventfd(1, EventfdFlags::CLOEXEC).unwrap();
    let waker = LaneWaker::for_thread().unwrap();
    waker.arm();
    waker.sleep(&[Interest { descriptor: ready.as_fd(), readable: true, writable: false }], None);
    assert!(!waker.is_notified());
}
