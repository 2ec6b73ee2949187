//! SIGINT and SIGTERM shut a system down.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator;

use super::end::Control;
use crate::notice::{self, Notices};
use crate::time::after;

/// SIGINT (Ctrl-C) and SIGTERM, caught from when this is made. Make it before the router starts, so that none is missed.
///
/// [`Running::shutdown_on`](super::Running::shutdown_on) waits for one of them. From then on these signals no longer end the process by
/// themselves.
#[derive(Debug)]
pub struct Signals {
    caught: iterator::Signals,
}

impl Signals {
    /// Begins to catch them.
    ///
    /// # Errors
    /// The error of the operating system.
    pub fn catch() -> io::Result<Self> {
        Ok(Self { caught: iterator::Signals::new([SIGINT, SIGTERM])? })
    }

    /// Drains at the first signal and cuts at the second, on a thread of its own, until the result is dropped.
    pub(super) fn listen(mut self, control: Arc<Control>, deadline: Duration) -> Listening {
        let handle = self.caught.handle();
        let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let mut signals = self.caught.forever();
            if signals.next().is_some() {
                control.drain(Some(after(deadline)));
            }
            if signals.next().is_some() {
                control.cut();
            }
        });
        Listening {
            handle,
            thread: thread
                .inspect_err(|error| notice::error!(Notices::default(), %error, "no thread for signals"))
                .ok(),
        }
    }
}

/// The thread that waits for signals, which ends when this is dropped.
pub(super) struct Listening {
    handle: iterator::Handle,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
