//! Lanes on a tokio runtime.
//!
//! On a runtime with several threads a lane is a task: it yields to others, and while it waits for room in a ring, others run. On a runtime
//! with one thread nothing else could run meanwhile, neither the lane that would make room nor one that sees a deadline. So there a
//! lane has a thread of its own, within the context of the runtime.
//!
//! In both cases the thread that has prepared the lane also ends it. The end may wait for peers and for other lanes. It must not depend
//! on a runtime that may be gone, nor on a thread that can't be started any more.
//!
//! Lanes are tasks on Linux alone: a task sleeps on many descriptors by an epoll set. Elsewhere each has a thread of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;

use super::end::Control;
use super::executor::Executor;
use super::program::LaneProgram;
use super::start::LaneSetup;
use crate::Config;

/// Why a lane breaks down whose runtime has ended before it.
pub(super) const RUNTIME_GONE: &str = "the runtime of the lane is gone";

/// Whether lanes on the runtime of `config` are tasks of it. Under a schedule all lanes run on plain threads.
pub(super) fn are_tasks(config: &Config) -> bool {
    let is_of_several = |handle: &Handle| handle.runtime_flavor() != RuntimeFlavor::CurrentThread;
    cfg!(all(target_os = "linux", not(mycelium_portable)))
        && config.lane_schedule().is_none()
        && config.get_tokio().is_some_and(is_of_several)
}

/// Prepares the lane on this thread, which may wait for peers; runs it; and ends it on this thread.
pub(super) fn run<B: LaneProgram>(setup: LaneSetup<B>) {
    let Some(handle) = setup.base.config.get_tokio().cloned() else { return };
    let (parts, is_task) = (Arc::clone(&setup.parts), are_tasks(&setup.base.config));
    // Also for the hooks of services on a thread beside the runtime.
    let _entered = (!is_task).then(|| handle.enter());
    let Some(executor) = setup.prepare() else { return };
    #[cfg(all(target_os = "linux", not(mycelium_portable)))]
    let over = if is_task { super::tokio_task::run(&handle, executor) } else { Some(run_beside(&handle, executor)) };
    #[cfg(not(all(target_os = "linux", not(mycelium_portable))))]
    let over = Some(run_beside(&handle, executor));
    if let Some(executor) = over {
        executor.finish(&parts);
    }
}

/// Drives the lane on this thread, as long as the runtime exists.
fn run_beside<B: LaneProgram>(handle: &Handle, mut executor: Executor<B>) -> Executor<B> {
    let watching = Watching::begin(handle, Arc::clone(&executor.control), executor.state.name);
    executor.run();
    watching.end();
    executor
}

/// A task that tells the lane when the runtime ends.
struct Watching {
    is_over: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Watching {
    fn begin(handle: &Handle, control: Arc<Control>, lane: &'static str) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let sentinel = Sentinel { control, lane, is_over: Arc::clone(&is_over) };
        let task = handle.spawn(async move {
            let _sentinel = sentinel;
            std::future::pending::<()>().await;
        });
        Self { is_over, task }
    }

    fn end(self) {
        // Partner: the load in `Sentinel::drop`.
        self.is_over.store(true, Ordering::Release);
        self.task.abort();
    }
}

/// Dropped with its task, which ends with the runtime: then the lane has to end.
struct Sentinel {
    control: Arc<Control>,
    lane: &'static str,
    is_over: Arc<AtomicBool>,
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        // Partner: the store in `Watching::end`.
        if !self.is_over.load(Ordering::Acquire) {
            self.control.break_down(self.lane, RUNTIME_GONE);
        }
    }
}

/// Checks that the runtime has what a lane needs to sleep.
///
/// # Panics
/// If the runtime was built without its drivers for I/O and time; the text says so. The caller catches that.
pub(super) fn check_runtime(handle: &Handle) -> io::Result<()> {
    let _entered = handle.enter();
    drop(tokio::time::sleep_until(tokio::time::Instant::now()));
    #[cfg(all(target_os = "linux", not(mycelium_portable)))]
    super::tokio_task::AsyncPark::new()?;
    Ok(())
}
