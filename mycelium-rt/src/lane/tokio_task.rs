//! A lane as a task of a tokio runtime, and what it sleeps on.

use std::future::poll_fn;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Instant;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;

use super::executor::{Executor, Step};
use super::program::LaneProgram;
use super::rest::LaneWaker;
use super::tokio_lane::RUNTIME_GONE;
use crate::link::Interest;
use crate::link::wait::on_task;

/// Has the runtime drive the lane, and waits until it has.
pub(super) fn run<B: LaneProgram>(handle: &Handle, executor: Executor<B>) -> Option<Executor<B>> {
    let returned = Arc::new(Mutex::new(None));
    let (over, ended) = signal();
    // On a runtime that is gone the task is dropped at once, and the lane ends.
    let task = TaskLane { executor: Some(executor), returned: Arc::clone(&returned), over };
    spawn_task(handle, Box::pin(task.drive()));
    ended.wait();
    returned.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A signal that is given once.
fn signal() -> (Over, Ended) {
    // Capacity 1, so that sending never blocks.
    let (over, ended) = sync_channel(1);
    (Over(over), Ended(ended))
}

struct Over(SyncSender<()>);

impl Over {
    fn signal(&self) {
        // An error: no one waits any more.
        let _ = self.0.try_send(());
    }
}

struct Ended(Receiver<()>);

impl Ended {
    fn wait(&self) {
        // An error: the task was dropped without a signal. Then the slot is empty, and the lane counts as gone.
        let _ = self.0.recv();
    }
}

/// Boxed, so that tokio's part is compiled with the runtime, and not for each lane.
fn spawn_task(handle: &Handle, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
    handle.spawn(task);
}

/// A lane on its task. However the task ends (by itself, aborted, with its runtime), the lane goes back to the thread that ends it.
struct TaskLane<B: LaneProgram> {
    executor: Option<Executor<B>>,
    /// Where the lane goes.
    returned: Arc<Mutex<Option<Executor<B>>>>,
    /// Signals that the lane is in `returned`; sent after it is stored.
    over: Over,
}

impl<B: LaneProgram> TaskLane<B> {
    async fn drive(mut self) {
        let Some(executor) = &mut self.executor else { return };
        if let Err(error) = turn_until_the_end(executor).await {
            executor.give_up(&format!("the lane's task can't sleep: {error}"));
        }
    }
}

impl<B: LaneProgram> Drop for TaskLane<B> {
    fn drop(&mut self) {
        let Some(mut executor) = self.executor.take() else { return };
        executor.give_up_unless_over(RUNTIME_GONE);
        *self.returned.lock().unwrap_or_else(PoisonError::into_inner) = Some(executor);
        self.over.signal();
    }
}

async fn turn_until_the_end<B: LaneProgram>(executor: &mut Executor<B>) -> io::Result<()> {
    let mut park_async = AsyncPark::new()?;
    loop {
        match on_task(|| executor.step()) {
            Step::End => return Ok(()),
            // Lets other tasks of the runtime run.
            Step::Yield => tokio::task::yield_now().await,
            Step::Sleep => executor.park_async(&mut park_async).await?,
        }
    }
}

/// What a task sleeps on: one epoll set of descriptors, registered with that of the runtime.
pub(super) struct AsyncPark {
    epoll: AsyncFd<OwnedFd>,
}

impl AsyncPark {
    pub(super) fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe, since a type may lie about its descriptor; `OwnedFd` holds its own until it is dropped"
        )]
        let epoll = AsyncFd::new(epoll)?;
        Ok(Self { epoll })
    }

    /// Sleeps until it is notified, a descriptor is ready, or `until`.
    pub(super) async fn sleep(
        &mut self,
        waker: &LaneWaker,
        descriptors: &[Interest<'_>],
        until: Option<Instant>,
    ) -> io::Result<()> {
        let watched = Watched::add(&self.epoll, descriptors)?;
        let mut due = until.map(|until| Box::pin(tokio::time::sleep_until(until.into())));
        let epoll = &self.epoll;
        let woken = poll_fn(|cx| {
            waker.adopt_task(cx.waker());
            if waker.is_notified_now() {
                return Poll::Ready(Ok(()));
            }
            if due.as_mut().is_some_and(|due| due.as_mut().poll(cx).is_ready()) {
                return Poll::Ready(Ok(()));
            }
            match epoll.poll_read_ready(cx) {
                Poll::Ready(Ok(mut ready)) => {
                    // The next sleep polls the set again.
                    ready.clear_ready();
                    Poll::Ready(Ok(()))
                }
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending => Poll::Pending,
            }
        });
        let woken = woken.await;
        drop(watched);
        woken
    }
}

/// Descriptors that are in the set for one sleep.
struct Watched<'a> {
    epoll: &'a AsyncFd<OwnedFd>,
    added: Vec<BorrowedFd<'a>>,
}

impl<'a> Watched<'a> {
    fn add(epoll: &'a AsyncFd<OwnedFd>, descriptors: &[Interest<'a>]) -> io::Result<Self> {
        let mut watched = Self { epoll, added: Vec::with_capacity(descriptors.len()) };
        for interest in descriptors {
            let mut flags = EventFlags::empty();
            flags.set(EventFlags::IN, interest.readable);
            flags.set(EventFlags::OUT, interest.writable);
            epoll::add(epoll.get_ref(), interest.descriptor, EventData::new_u64(0), flags)?;
            watched.added.push(interest.descriptor);
        }
        Ok(watched)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        for descriptor in &self.added {
            // It was added, and is still borrowed.
            let _ = epoll::delete(self.epoll.get_ref(), descriptor);
        }
    }
}
