//! What the models of loom share: how they are explored, a task's executor, and the proof that they notice what is missing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::weakening::{Rule, weaken};

/// Explores `model` with at most three preemptions an execution: without a bound the larger models take minutes, and each rule that is
/// missing shows with fewer.
pub(crate) fn explore(model: fn()) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Makes a test of each model.
macro_rules! models {
    ($($name:ident)*) => {$(
        mod $name {
            #[test]
            fn holds() {
                crate::modelling::explore(super::$name);
            }
        }
    )*};
}
pub(crate) use models;

/// Asserts of each rule that its model fails without it.
pub(crate) fn assert_each_is_needed(cases: &[(Rule, fn())]) {
    for &(rule, model) in cases {
        let outcome = catch_unwind(AssertUnwindSafe(|| weaken(rule, || explore(model))));
        assert!(outcome.is_err(), "the model passes without {rule:?}");
    }
}

/// An executor for one task on one thread.
#[derive(Default)]
struct Executor {
    woken: loom::sync::Mutex<bool>,
    changed: loom::sync::Condvar,
}

impl Wake for Executor {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

/// Polls until it is ready, asleep in between.
pub(crate) fn block_on<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    let executor = Arc::new(Executor::default());
    let waker = Waker::from(executor.clone());
    loop {
        if let Poll::Ready(ready) = poll(&mut Context::from_waker(&waker)) {
            return ready;
        }
        let mut woken = executor.woken.lock().unwrap();
        while !*woken {
            woken = executor.changed.wait(woken).unwrap();
        }
        *woken = false;
    }
}
