//! What stands in for a type that is not a service, so that the compiler reports just that, once.
//!
//! A router knows its services by type alone, and calls them in many places. Each call would be an error of its own. So a constant
//! finds out whether the type is a service. Only what is to be reported is required of the type itself; everything else is required of
//! the type that [`Choose`] names.

use core::marker::PhantomData;

use super::{Driven, Handle, HandleAsync, Handled, Handles, Service};

/// Finds out whether a type is a service: `Probe::<S>::IS_SERVICE` is the inherent constant below if it is, and else that of the trait
/// [`NoService`], which rustc looks up after it.
#[derive(Debug)]
pub struct Probe<S>(PhantomData<S>);

impl<S: Service> Probe<S> {
    /// It is a service.
    pub const IS_SERVICE: bool = true;
}

/// Implemented for every type.
pub trait NoService {
    /// It is not a service, as far as is known here.
    const IS_SERVICE: bool = false;
}

impl<S> NoService for Probe<S> {}

/// A type, and whether it is a service.
#[derive(Debug)]
pub struct Choice<S, const IS_SERVICE: bool>(PhantomData<S>);

/// The type itself if it is a service, else `Nobody`.
pub trait Choose {
    /// The type.
    type Given;
    /// The type that is called.
    type Service: Service;

    /// The service, as that type.
    fn lend(service: &mut Self::Given) -> &mut Self::Service;
}

impl<S: Service> Choose for Choice<S, true> {
    type Given = S;
    type Service = S;

    #[inline(always)]
    fn lend(service: &mut S) -> &mut S {
        service
    }
}

impl<S> Choose for Choice<S, false> {
    type Given = S;
    type Service = Nobody;

    fn lend(_: &mut S) -> &mut Nobody {
        unreachable!("a router with such a type does not compile")
    }
}

/// A service that takes every message, and has no values.
#[derive(Debug)]
pub enum Nobody {}

#[diagnostic::do_not_recommend]
impl Service for Nobody {
    const HANDLED: &'static [Handled] = &[];
}

#[diagnostic::do_not_recommend]
impl<Cx> Driven<Cx> for Nobody {}

#[diagnostic::do_not_recommend]
impl<M> Handles<M> for Nobody {
    type Output = ();
}

#[diagnostic::do_not_recommend]
impl<M, Cx> Handle<M, Cx> for Nobody {
    fn handle(&mut self, _: &M, _: &mut Cx) {
        match *self {}
    }
}

#[diagnostic::do_not_recommend]
impl<M, Cx> HandleAsync<M, Cx> for Nobody {
    fn handle(&mut self, _: &M, _: &mut Cx) -> impl Future<Output = ()> + Send {
        core::future::ready(())
    }
}
