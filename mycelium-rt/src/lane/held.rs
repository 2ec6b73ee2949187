//! What a driver holds of its router, as types.
//!
//! The code of a router that names lanes is written once, over a type parameter that stands for its driver: one of the lanes, or the owner
//! of the whole router. It says for each lane whether its services are here or [elsewhere](Elsewhere). Code for a service that is
//! elsewhere compiles to nothing.

use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use super::generated::Sends;
use super::park::{Parking, Waits};
use crate::link::closing::Closes;
use crate::link::{Interest, RingSender};

/// Two ends that are made together.
pub(super) type Both<A, B, E> = Result<(A, B), E>;

/// An end that is here.
#[derive(Debug)]
pub struct Here<T>(pub T);

/// An end or a service that is on another lane.
pub struct Elsewhere<T>(PhantomData<fn() -> T>);

impl<T> Elsewhere<T> {
    /// The placeholder.
    #[inline(always)]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for Elsewhere<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Elsewhere<T> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<T> Debug for Elsewhere<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Elsewhere")
    }
}

/// An end that may be elsewhere.
pub trait Held {
    /// The end.
    type End;
    /// The end, if it is here.
    fn here(&mut self) -> Option<&mut Self::End>;
    /// The same, by shared reference.
    fn seen(&self) -> Option<&Self::End>;
}

impl<T> Held for Here<T> {
    type End = T;

    #[inline(always)]
    fn here(&mut self) -> Option<&mut T> {
        Some(&mut self.0)
    }

    #[inline(always)]
    fn seen(&self) -> Option<&T> {
        Some(&self.0)
    }
}

impl<T> Held for Option<T> {
    type End = T;

    #[inline(always)]
    fn here(&mut self) -> Option<&mut T> {
        self.as_mut()
    }

    #[inline(always)]
    fn seen(&self) -> Option<&T> {
        self.as_ref()
    }
}

impl<T> Held for Elsewhere<T> {
    type End = T;

    #[inline(always)]
    fn here(&mut self) -> Option<&mut T> {
        None
    }

    #[inline(always)]
    fn seen(&self) -> Option<&T> {
        None
    }
}

impl<T: Sends> Sends for Here<T> {
    #[inline]
    fn poll(&mut self) {
        self.0.poll();
    }

    #[inline]
    fn flush(&mut self) -> bool {
        self.0.flush()
    }
}

impl<T> Sends for Elsewhere<T> {
    #[inline(always)]
    fn poll(&mut self) {}

    #[inline(always)]
    fn flush(&mut self) -> bool {
        false
    }
}

impl<T: Waits> Waits for Here<T> {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        self.0.park(parking)
    }

    fn unpark(&mut self) {
        self.0.unpark();
    }
}

impl<T> Waits for Elsewhere<T> {
    fn park<'a>(&'a mut self, _: &mut Parking<'a>) -> bool {
        true
    }
}

impl<T: Closes> Closes for Here<T> {
    fn write_on(&mut self) -> bool {
        self.0.write_on()
    }

    fn interest(&self) -> Option<Interest<'_>> {
        self.0.interest()
    }

    fn timer(&self) -> Option<Instant> {
        self.0.timer()
    }

    fn wait(&mut self, deadline: Instant) {
        self.0.wait(deadline);
    }

    fn linger(&self) -> Duration {
        self.0.linger()
    }

    fn end(&mut self) -> u64 {
        self.0.end()
    }
}

/// A service as the driver of its router holds it: the service itself, or [`Elsewhere`].
pub trait Owned<S: 'static>: Sized + 'static {
    /// An end that is held where the service is.
    type With<T: Debug>: Held<End = T> + Debug;

    /// The service, if it is here.
    fn get(&mut self) -> Option<&mut S>;
    /// The service as it is held here; `None` if it should be here, and is missing.
    fn take(from: &mut Option<S>) -> Option<Self>;
    /// The service, if it is here.
    fn into_option(self) -> Option<S>;
    /// Makes two ends, if they are here.
    ///
    /// # Errors
    /// The error of `make`.
    fn with<A: Debug, B: Debug, E>(make: impl FnOnce() -> Result<(A, B), E>) -> Both<Self::With<A>, Self::With<B>, E>;
}

impl<S: 'static> Owned<S> for S {
    type With<T: Debug> = Here<T>;

    #[inline(always)]
    fn get(&mut self) -> Option<&mut S> {
        Some(self)
    }

    #[inline]
    fn take(from: &mut Option<S>) -> Option<S> {
        from.take()
    }

    #[inline]
    fn into_option(self) -> Option<S> {
        Some(self)
    }

    #[inline]
    fn with<A: Debug, B: Debug, E>(make: impl FnOnce() -> Result<(A, B), E>) -> Result<(Here<A>, Here<B>), E> {
        make().map(|(one, other)| (Here(one), Here(other)))
    }
}

impl<S: 'static> Owned<S> for Elsewhere<S> {
    type With<T: Debug> = Elsewhere<T>;

    #[inline(always)]
    fn get(&mut self) -> Option<&mut S> {
        None
    }

    #[inline]
    fn take(_: &mut Option<S>) -> Option<Self> {
        Some(Self::new())
    }

    #[inline]
    fn into_option(self) -> Option<S> {
        None
    }

    #[inline]
    fn with<A: Debug, B: Debug, E>(_: impl FnOnce() -> Result<(A, B), E>) -> Result<(Elsewhere<A>, Elsewhere<B>), E> {
        Ok((Elsewhere::new(), Elsewhere::new()))
    }
}

/// One lane, as the driver of the router sees it.
pub trait Spot: Debug + 'static {
    /// A service of that lane.
    type Of<S: 'static>: Owned<S>;
}

/// Its services are here.
#[derive(Debug)]
pub enum Present {}

/// Its services are elsewhere.
#[derive(Debug)]
pub enum Absent {}

impl Spot for Present {
    type Of<S: 'static> = S;
}

impl Spot for Absent {
    type Of<S: 'static> = Elsewhere<S>;
}

/// Links and tasks as the driver of a router holds them, and the rings to other lanes.
///
/// Only constant evaluation finds the lane of a link or a task, so no type can say it.
pub trait Ends: Debug + 'static {
    /// A service whose task is not made yet.
    type End<T>: Held<End = T>;
    /// A link.
    type Link<T: Sends + Waits + Closes + Debug>: Held<End = T> + Sends + Waits + Closes + Debug;
    /// The sender to a task.
    type Sender<T: Sends + Waits + Debug>: Held<End = T> + Sends + Waits + Debug;
    /// A task.
    type Task<T: Waits + Debug>: Held<End = T> + Waits + Debug;
    /// The sender to another lane.
    type Ring: Held<End = RingSender> + Sends + Waits + Debug;

    /// A service, taken out of `from` where it `is_home`; `None` if it should be here, and is missing.
    fn end<T>(is_home: bool, from: &mut Option<T>) -> Option<Self::End<T>>;
    /// Opens a link where it `is_home`.
    ///
    /// # Errors
    /// The error of `open`.
    fn link<T: Sends + Waits + Closes + Debug, E>(
        is_home: bool,
        open: impl FnOnce() -> Result<T, E>,
    ) -> Result<Self::Link<T>, E>;
    /// Makes a task from its service, and the sender to it.
    ///
    /// # Errors
    /// The error of `make`.
    fn task<S, A: Sends + Waits + Debug, B: Waits + Debug, E>(
        service: Self::End<S>,
        make: impl FnOnce(S) -> Result<(A, B), E>,
    ) -> Both<Self::Sender<A>, Self::Task<B>, E>;
    /// Opens a ring, if there is one.
    fn ring(open: impl FnOnce() -> Option<RingSender>) -> Self::Ring;
}

/// The ends of the whole router, for its owner, who needs no ring.
#[derive(Debug)]
pub enum Always {}

/// The ends of one lane, which may live on another one.
#[derive(Debug)]
pub enum Sometimes {}

impl Ends for Always {
    type End<T> = Here<T>;
    type Link<T: Sends + Waits + Closes + Debug> = Here<T>;
    type Sender<T: Sends + Waits + Debug> = Here<T>;
    type Task<T: Waits + Debug> = Here<T>;
    type Ring = Elsewhere<RingSender>;

    #[inline]
    fn end<T>(_: bool, from: &mut Option<T>) -> Option<Here<T>> {
        from.take().map(Here)
    }

    #[inline]
    fn link<T: Sends + Waits + Closes + Debug, E>(_: bool, open: impl FnOnce() -> Result<T, E>) -> Result<Here<T>, E> {
        open().map(Here)
    }

    #[inline]
    fn task<S, A: Sends + Waits + Debug, B: Waits + Debug, E>(
        service: Here<S>,
        make: impl FnOnce(S) -> Result<(A, B), E>,
    ) -> Result<(Here<A>, Here<B>), E> {
        make(service.0).map(|(sender, task)| (Here(sender), Here(task)))
    }

    #[inline]
    fn ring(_: impl FnOnce() -> Option<RingSender>) -> Self::Ring {
        Elsewhere::new()
    }
}

impl Ends for Sometimes {
    type End<T> = Option<T>;
    type Link<T: Sends + Waits + Closes + Debug> = Option<T>;
    type Sender<T: Sends + Waits + Debug> = Option<T>;
    type Task<T: Waits + Debug> = Option<T>;
    type Ring = Option<RingSender>;

    #[inline]
    fn end<T>(is_home: bool, from: &mut Option<T>) -> Option<Option<T>> {
        if is_home { from.take().map(Some) } else { Some(None) }
    }

    #[inline]
    fn link<T: Sends + Waits + Closes + Debug, E>(
        is_home: bool,
        open: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        is_home.then(open).transpose()
    }

    #[inline]
    fn task<S, A: Sends + Waits + Debug, B: Waits + Debug, E>(
        service: Option<S>,
        make: impl FnOnce(S) -> Result<(A, B), E>,
    ) -> Result<(Option<A>, Option<B>), E> {
        Ok(service.map(make).transpose()?.unzip())
    }

    #[inline]
    fn ring(open: impl FnOnce() -> Option<RingSender>) -> Option<RingSender> {
        open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made<O: Owned<u32>>() -> (Option<u32>, bool) {
        let mut from = Some(7);
        let mut service = O::take(&mut from).unwrap();
        if let Some(service) = service.get() {
            *service += 1;
        }
        let ends = O::with(|| Ok::<_, ()>(("sender", "receiver"))).unwrap();
        assert_eq!(from.is_none(), ends.0.seen().is_some(), "a service that is elsewhere is left there");
        (service.into_option(), ends.1.seen().is_some())
    }

    #[test]
    fn services_of_a_lane_are_all_here_or_all_elsewhere() {
        assert_eq!(made::<<Present as Spot>::Of<u32>>(), (Some(8), true));
        assert_eq!(made::<<Absent as Spot>::Of<u32>>(), (None, false));
    }

    #[test]
    fn a_service_that_should_be_here_and_is_missing_is_noticed() {
        assert_eq!(<u32 as Owned<u32>>::take(&mut None), None);
        assert!(Sometimes::end::<u32>(true, &mut None).is_none());
        assert!(matches!(Sometimes::end::<u32>(false, &mut Some(7)), Some(None)));
        assert!(Always::end::<u32>(false, &mut None).is_none());
    }
}
