//! The drivers of a router that names lanes, as types. The code of the router is written once, over a type parameter that stands for its owner
//! or for one of its lanes.
//!
//! ```text
//! trait LaneOfTrading: Debug + Sized + 'static { const LANE: usize; const HELD: [bool; 2]; type On0: Spot; type On1: Spot; type Ends: Ends; … }
//! enum AllOfTrading {}
//! enum Lane0_Hot {}
//! impl LaneOfTrading for Lane0_Hot { type On0 = Present; type On1 = Absent; … }
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::lanes::lane;
use super::plan::Plan;
use crate::names::{Fresh, camel_case, plain};
use crate::router::ir::Driver;
use crate::router::model::Router;
use crate::spans::own_span;

/// The names of what is written here.
pub(super) struct Names {
    /// The trait of drivers.
    pub(super) driver: Ident,
    /// The type of the owner.
    pub(super) all: Ident,
    /// The types of the lanes.
    pub(super) lanes: Vec<Ident>,
    /// The struct that a lane runs.
    pub(super) run: Ident,
}

/// Whose types are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Those of the owner.
    Owner,
    /// Those of the type parameter.
    Any,
}

impl Names {
    pub(super) fn new(router: &Router, fresh: &mut Fresh) -> Option<Self> {
        if router.lanes.is_empty() {
            return None;
        }
        let name = plain(&router.name);
        let lanes = router.lanes.iter().enumerate();
        Some(Self {
            driver: fresh.name(&format!("__LaneOf{name}")),
            all: fresh.name(&format!("__AllOf{name}")),
            lanes: lanes.map(|(index, lane)| fresh.name(&marker(index, &plain(&lane.name)))).collect(),
            run: fresh.name("__Run"),
        })
    }
}

fn marker(index: usize, lane: &str) -> String {
    format!("__Lane{index}_{}", camel_case(lane))
}

/// The type parameter as it is written in each position; nothing where the router names no lanes.
impl Plan<'_> {
    /// `L: Lane,`, before other parameters.
    pub(super) fn parameter(&self) -> Option<TokenStream> {
        self.drivers.as_ref().map(|Names { driver, .. }| quote!(__L: #driver,))
    }

    /// `, L`, after other arguments.
    pub(super) fn argument(&self, of: Of) -> Option<TokenStream> {
        self.drivers.as_ref().map(|Names { all, .. }| match of {
            Of::Owner => quote!(, #all),
            Of::Any => quote!(, __L),
        })
    }

    /// `<L: Lane>`
    pub(super) fn only_parameter(&self) -> Option<TokenStream> {
        self.parameter().map(|parameter| quote!(<#parameter>))
    }

    /// `<L>`
    pub(super) fn only_argument(&self, of: Of) -> Option<TokenStream> {
        self.drivers.as_ref().map(|Names { all, .. }| match of {
            Of::Owner => quote!(<#all>),
            Of::Any => quote!(<__L>),
        })
    }

    /// `<L as Lane>::…`
    fn known(&self, name: &Ident) -> TokenStream {
        let driver = self.drivers.as_ref().map(|names| &names.driver);
        quote!(<__L as #driver>::#name)
    }

    /// The constant of the driver with this name.
    pub(super) fn constant(&self, name: &str) -> TokenStream {
        self.known(&format_ident!("{name}"))
    }

    /// The index of the driving lane. For the owner it is no lane's index.
    pub(super) fn this_lane(&self) -> TokenStream {
        self.constant("__LANE")
    }

    /// `<<L as Lane>::On0 as Spot>::Of<SpreadStrategy>`: the type of the field that holds a service.
    pub(super) fn owned(&self, service: usize) -> TokenStream {
        let index = self.router.lane_of(service).unwrap_or_default();
        let (lane, on, ty) = (lane(self), self.known(&presence(index)), own_span(&self.router.services[service].ty));
        quote!(<#on as #lane::Spot>::Of<#ty>)
    }

    /// `<… as Owned<SpreadStrategy>>`
    pub(super) fn as_owned(&self, service: usize) -> TokenStream {
        let (lane, owned, ty) = (lane(self), self.owned(service), own_span(&self.router.services[service].ty));
        quote!(<#owned as #lane::Owned<#ty>>)
    }

    /// `<<L as Lane>::Ends as Ends>`
    pub(super) fn as_ends(&self) -> TokenStream {
        let (lane, ends) = (lane(self), self.known(&format_ident!("__Ends")));
        quote!(<#ends as #lane::Ends>)
    }

    /// `code`, compiled only for the drivers for which `condition` holds.
    pub(super) fn only_if(&self, condition: &TokenStream, code: &TokenStream) -> TokenStream {
        match &self.drivers {
            None => code.clone(),
            Some(_) => quote!(if const { #condition } { #code }),
        }
    }
}

/// `__On0`
fn presence(lane: usize) -> Ident {
    format_ident!("__On{lane}")
}

/// The trait, and the type of the owner, which are written beside the router.
pub(super) fn items(plan: &Plan<'_>) -> TokenStream {
    let Some(Names { driver, all, .. }) = &plan.drivers else { return TokenStream::new() };
    let (above, lane, private, program) = (plan.router.above(), lane(plan), plan.private(), &plan.program);
    let presences = (0..plan.router.lanes.len()).map(presence);
    let room = plan.router.has_local().then(|| {
        let local = &plan.local;
        quote!(type __Room: #private::Room<Message = #local>;)
    });
    let flags = program.drivers.first().map(flags).into_iter().flatten().map(|(name, flags)| {
        let count = flags.len();
        quote!(const #name: [::core::primitive::bool; #count];)
    });
    let allowed = quote!(#[allow(dead_code, private_interfaces, private_bounds, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]);
    quote! {
        #above
        #allowed
        trait #driver: ::core::fmt::Debug + ::core::marker::Sized + 'static {
            const __LANE: ::core::primitive::usize;
            const __IS_OWNER: ::core::primitive::bool;
            #(#flags)*
            type __Ends: #lane::Ends;
            #room
            #(type #presences: #lane::Spot;)*
        }

        #[derive(::core::fmt::Debug)]
        #above
        #allowed
        enum #all {}
    }
}

fn flags(driver: &Driver) -> [(Ident, &[bool]); 5] {
    [
        ("__RUNS", &driver.runs),
        ("__INPUTS", &driver.inputs),
        ("__EDGES_HERE", &driver.edges),
        ("__GATHERS", &driver.gathers),
        ("__SHARES", &driver.shares),
    ]
    .map(|(name, flags)| (format_ident!("{name}"), flags.as_slice()))
}

/// The types of the lanes, and the impls for them and for the owner.
pub(super) fn impls(plan: &Plan<'_>) -> TokenStream {
    let Some(Names { all, lanes, .. }) = &plan.drivers else { return TokenStream::new() };
    let drivers = std::iter::once(all).chain(lanes).zip(&plan.program.drivers);
    let impls = drivers.map(|(name, driver)| one(plan, name, driver));
    quote! {
        #(#[derive(::core::fmt::Debug)] enum #lanes {})*
        #(#impls)*
    }
}

fn one(plan: &Plan<'_>, name: &Ident, driver: &Driver) -> TokenStream {
    let (lane, private, trait_name) = (lane(plan), plan.private(), plan.drivers.as_ref().map(|names| &names.driver));
    let presences = (0..plan.router.lanes.len()).map(|other| {
        let (name, is_here) = (presence(other), driver.lane.is_none_or(|lane| lane == other));
        let what = if is_here { quote!(Present) } else { quote!(Absent) };
        quote!(type #name = #lane::#what;)
    });
    let room = plan.router.has_local().then(|| {
        // A ring buffer has room for at least one.
        let (local, room) = (&plan.local, driver.room.max(1));
        quote!(type __Room = #private::RoomFor<#local, #room, { #private::is_inline::<#local>(#room) }>;)
    });
    let flags = flags(driver).into_iter().map(|(name, flags)| {
        let count = flags.len();
        quote!(const #name: [::core::primitive::bool; #count] = [#(#flags),*];)
    });
    let is_owner = driver.lane.is_none();
    let (index, ends) = match driver.lane {
        None => (quote!(::core::primitive::usize::MAX), quote!(Always)),
        Some(index) => (quote!(#index), quote!(Sometimes)),
    };
    quote! {
        impl #trait_name for #name {
            const __LANE: ::core::primitive::usize = #index;
            const __IS_OWNER: ::core::primitive::bool = #is_owner;
            #(#flags)*
            type __Ends = #lane::#ends;
            #room
            #(#presences)*
        }
    }
}
