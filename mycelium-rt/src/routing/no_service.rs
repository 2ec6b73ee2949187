//! What stands in for a type that is no service, so that the compiler says just that, and not also what such a type lacks.
//!
//! A router knows its services by type alone, and calls them in many places; each would be an error of its own. So a constant
//! finds out whether the type is a service, and only what is told about is asked of the type itself;
//! all else is asked of what [`Choose`] names.

use core::marker::PhantomData;

use super::{Driven, Handle, HandleAsync, Handled, Handles, Service};

/// Finds out whether a type is a service: `Probe::<S>::IS_SERVICE` is the constant below if it is, and that of [`NoService`], which is
/// found after it, if not.
#[derive(Debug)]
pub struct Probe<S>(PhantomData<S>);

impl<S: Service> Probe<S> {
    /// It is.
    pub const IS_SERVICE: bool = true;
}

/// What is true of every type.
pub trait NoService {
    /// It is none, as far as is known here.
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
    /// What is called.
    type Service: Service;

    /// The service, by that type.
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

/// A service that takes everything, and of which there is none.
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
