//! Stands in for the kernel in models: a token and a sleeper under one lock. Time-outs never expire, so that a lost wake-up is a deadlock.

use std::io;
use std::time::{Duration, Instant};

use loom::sync::{Condvar, Mutex};

use crate::link::wait::Interest;

#[derive(Debug)]
struct Token {
    given: Mutex<bool>,
    changed: Condvar,
}

impl Default for Token {
    fn default() -> Self {
        Self { given: Mutex::new(false), changed: Condvar::new() }
    }
}

impl Token {
    fn give(&self) {
        *self.given.lock().unwrap() = true;
        self.changed.notify_all();
    }

    fn take(&self) {
        let mut given = self.given.lock().unwrap();
        while !*given {
            given = self.changed.wait(given).unwrap();
        }
        *given = false;
    }
}

/// An eventfd. Other descriptors are never ready.
#[derive(Debug)]
pub(super) struct Notifier {
    token: Token,
}

impl Notifier {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { token: Token::default() })
    }

    pub(super) fn notify(&self) {
        self.token.give();
    }

    pub(super) fn sleep(&self, _: &[Interest<'_>], _: Option<Instant>) {
        self.token.take();
    }
}

/// A thread to park: `std` keeps a token for each. loom's own would also wake a thread that waits for something else.
#[derive(Debug, Default)]
pub(super) struct Sleeper {
    token: Token,
}

impl Sleeper {
    pub(super) fn adopt_this_thread(&self) {}

    pub(super) fn unpark(&self) {
        self.token.give();
    }

    pub(super) fn park(&self, _: Option<Duration>) {
        self.token.take();
    }
}
