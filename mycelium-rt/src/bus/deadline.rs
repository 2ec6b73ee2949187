//! Waiting for something for a limited time, wherever one is.

use std::time::Duration;

use tokio::runtime::Handle;

use crate::time::bounded;

/// What `future` comes to, unless it takes longer than `limit`. The time is kept by the runtime of `handle`, so that the caller may
/// be anywhere.
pub(super) async fn within<F: Future>(handle: &Handle, limit: Duration, future: F) -> Option<F::Output> {
    let limited = {
        let _entered = handle.enter();
        tokio::time::timeout(bounded(limit), future)
    };
    limited.await.ok()
}
