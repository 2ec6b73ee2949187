//! Containing panics of users' code, when it is called and when its values are dropped.
//!
//! `catch_unwind` alone is not enough. It returns a value of the user, whose `Drop` may panic where the result is discarded; so may the
//! drop of a service that is replaced, or of a factory that is no longer needed. And a panic in a drop during unwinding aborts the process.
//! So users' code is called by [`catch`], and users' values are dropped by [`discard`], or held in a [`Contained`].

use std::any::Any;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The payload of a panic.
type Payload = Box<dyn Any + Send>;

/// Calls `call`, and contains its panic.
///
/// # Errors
/// The text of the panic.
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let (mut call, mut value) = (Some(call), None);
    contain(&mut || value = call.take().map(|call| call()))?;
    match value {
        Some(value) => Ok(value),
        None => unreachable!("a call that did not panic has returned"),
    }
}

/// The part of [`catch`] without types, so that `catch_unwind` is not instantiated for each call.
#[inline(never)]
fn contain(call: &mut dyn FnMut()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(text_of)
}

/// Drops `value`, and contains its panic.
///
/// # Errors
/// The text of the panic. The value is gone in any case.
pub(crate) fn discard<T>(value: T) -> Result<(), String> {
    let dropped = catch(|| drop(value));
    if let Err(reason) = &dropped {
        tracing::error!(reason, "a drop panicked");
    }
    dropped
}

/// The text of a panic. Drops its payload.
fn text_of(payload: Payload) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload that panics when it is dropped can carry another such payload, endlessly: the second one is leaked.
        std::mem::forget(another);
    }
    text.unwrap_or_else(|| "a panic without a text".to_owned())
}

/// A value of the user. A panic of its drop is contained, also during unwinding.
#[derive(Debug)]
pub(crate) struct Contained<T>(
    /// `Some` until it is dropped or taken out.
    Option<T>,
);

impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// The value. The caller drops it from now on.
    #[cfg(feature = "bus")]
    pub(crate) fn into_inner(mut self) -> T {
        match self.0.take() {
            Some(value) => value,
            None => unreachable!("only this and `drop` take it"),
        }
    }
}

impl<T> Deref for Contained<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => unreachable!("only `into_inner` and `drop` take it"),
        }
    }
}

impl<T> DerefMut for Contained<T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some(value) => value,
            None => unreachable!("only `into_inner` and `drop` take it"),
        }
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        // There is no caller to return the panic to.
        let _ = discard(self.0.take());
    }
}

/// The same factory. A panic when its captures are dropped is contained.
pub(crate) fn contained<T>(factory: impl FnMut() -> T + Send + 'static) -> impl FnMut() -> T + Send + 'static {
    let mut factory = Contained::new(factory);
    move || factory()
}

/// The same future. A panic when it is dropped is contained, wherever it waits then.
#[cfg(feature = "bus")]
pub(crate) fn contained_future<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let mut future = Contained::new(Box::pin(future));
    std::future::poll_fn(move |cx| future.as_mut().poll(cx))
}

/// Awaits the future, and contains its panic.
///
/// # Errors
/// The text of the panic.
#[cfg(feature = "bus")]
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

    /// Panics when it is dropped, with another one as the payload.
    struct Endless;

    impl Drop for Endless {
        fn drop(&mut self) {
            panic_any(Self);
        }
    }

    /// Panics when it is dropped, with a text.
    struct Once;

    impl Drop for Once {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[test]
    fn a_caught_panic_is_its_text() {
        assert_eq!(catch(|| 7), Ok(7));
        assert_eq!(catch(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert_eq!(catch(|| panic!("{} text", "a made")), Err::<(), _>("a made text".to_owned()));
        assert_eq!(catch(|| panic_any(7)), Err::<(), _>("a panic without a text".to_owned()));
    }

    #[test]
    fn the_panic_of_a_dropped_payload_is_contained() {
        for _ in 0..3 {
            assert!(catch(|| panic_any(Once)).is_err());
            assert!(catch(|| panic_any(Endless)).is_err());
        }
    }

    #[test]
    fn the_panic_of_a_dropped_value_is_contained() {
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
    fn contained_values_can_panic_during_unwinding() {
        let outcome = catch(|| {
            let _both = (Contained::new(Once), Contained::new(Endless));
            panic!("the first");
        });
        assert_eq!(outcome, Err::<(), _>("the first".to_owned()));
    }
}
