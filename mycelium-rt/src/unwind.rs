//! Calling and dropping what users wrote, either of which may panic.
//!
//! `catch_unwind` alone lets panics through. What it returns is a value of the user's, whose `Drop` may panic where the result is thrown
//! away; so may that of a service that is replaced, or of a factory that nobody needs any more. And a second panic within the drop that
//! unwinding does aborts the process. So users' code is called by [`catch`], and what belongs to users is dropped by [`discard`], or held
//! in a [`Contained`].

use std::any::Any;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic carries.
type Payload = Box<dyn Any + Send>;

/// What `call` returns, or what its panic said.
///
/// # Errors
/// It panicked.
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(said)
}

/// Drops `value`.
///
/// # Errors
/// What its panic said. It is gone all the same.
pub(crate) fn discard<T>(value: T) -> Result<(), String> {
    let dropped = catch(|| drop(value));
    if let Err(reason) = &dropped {
        tracing::error!(reason, "a drop panicked");
    }
    dropped
}

/// What a panic said; its payload is dropped.
fn said(payload: Payload) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload that panics as it is dropped can carry one of its own kind, and so on for ever: the second one is leaked.
        std::mem::forget(another);
    }
    text.unwrap_or_else(|| "a panic without a text".to_owned())
}

/// A value of the user's whose drop goes no further, also while something else unwinds.
#[derive(Debug)]
pub(crate) struct Contained<T>(
    /// There until it is dropped, or taken out.
    Option<T>,
);

impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// The value, which is its owner's to drop from now on.
    #[cfg(feature = "tokio")]
    pub(crate) fn into_inner(mut self) -> T {
        match self.0.take() {
            Some(value) => value,
            None => unreachable!("only this, and `drop`, take it"),
        }
    }
}

impl<T> Deref for Contained<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => unreachable!("whoever takes it has no other use for this"),
        }
    }
}

impl<T> DerefMut for Contained<T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some(value) => value,
            None => unreachable!("whoever takes it has no other use for this"),
        }
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        // Nobody is there to be told.
        let _ = discard(self.0.take());
    }
}

/// The same factory, but for its drop, which goes no further, whatever it has captured.
pub(crate) fn contained<T>(factory: impl FnMut() -> T + Send + 'static) -> impl FnMut() -> T + Send + 'static {
    let mut factory = Contained::new(factory);
    move || factory()
}

/// The same future, but for its drop, which goes no further, wherever it waits then.
#[cfg(feature = "tokio")]
pub(crate) fn contained_future<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let mut future = Contained::new(Box::pin(future));
    std::future::poll_fn(move |cx| future.as_mut().poll(cx))
}

/// The future's value, or what its panic said.
///
/// # Errors
/// It panicked.
#[cfg(feature = "tokio")]
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    use std::task::Poll;

    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| match catch(|| future.as_mut().poll(cx)) {
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(text) => Poll::Ready(Err(text)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::panic_any;

    /// Panics as it is dropped, with another one.
    struct Endless;

    impl Drop for Endless {
        fn drop(&mut self) {
            panic_any(Self);
        }
    }

    /// Panics as it is dropped, with a text.
    struct Once;

    impl Drop for Once {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[test]
    fn a_panic_is_told_by_its_text() {
        assert_eq!(catch(|| 7), Ok(7));
        assert_eq!(catch(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert_eq!(catch(|| panic!("{} text", "a made")), Err::<(), _>("a made text".to_owned()));
        assert_eq!(catch(|| panic_any(7)), Err::<(), _>("a panic without a text".to_owned()));
    }

    #[test]
    fn a_payload_that_panics_as_it_is_dropped_goes_no_further() {
        for _ in 0..3 {
            assert!(catch(|| panic_any(Once)).is_err());
            assert!(catch(|| panic_any(Endless)).is_err());
        }
    }

    #[test]
    fn a_value_that_panics_as_it_is_dropped_goes_no_further() {
        assert_eq!(discard(Once), Err("dropped".to_owned()));
        assert!(discard(Endless).is_err());
        drop(Contained::new(Once));
        drop(contained(|| ()));
        let held = Endless;
        drop(contained(move || {
            let _ = &held;
        }));
    }

    #[test]
    fn contained_values_can_panic_while_another_panic_unwinds() {
        let outcome = catch(|| {
            let _both = (Contained::new(Once), Contained::new(Endless));
            panic!("the first");
        });
        assert_eq!(outcome, Err::<(), _>("the first".to_owned()));
    }
}
