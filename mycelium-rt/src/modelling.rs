//! What all loom models share: how they are explored, an executor for tasks, and the proof that the models notice a missing rule.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::weakening::{Rule, weaken};

/// Explores `model` with at most three preemptions per execution: without a bound the larger models take minutes, and every missing rule
/// shows with fewer.
pub(crate) fn explore(model: fn()) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Makes a test for each model.
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

/// Asserts that each model fails without its rule.
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

/// Polls until `poll` is ready, and sleeps in between.
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
