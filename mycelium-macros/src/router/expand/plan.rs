//! What all parts of an expansion share: the router, its program, and names that clash with none of its user's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::drivers::{self, Of};
use super::gather;
use super::lanes::topology;
use super::order;
use crate::names::{Fresh, camel_case, ident, plain};
use crate::router::ir::Program;
use crate::router::lower::lower;
use crate::router::model::{Edge, Route, Router};
use crate::spans::{hygienic, own_span, respan};

/// The router, and the names chosen for what it needs.
pub(super) struct Plan<'a> {
    pub(super) router: &'a Router,
    /// The names of its drivers, if it names lanes.
    pub(super) drivers: Option<drivers::Names>,
    /// The names in the order of services.
    pub(super) order: order::Names,
    /// For each service, the type that says whether it is a service, and the type that is called.
    choices: Vec<(Ident, Ident)>,
    /// The enum of messages on `local` routes, if there are any.
    pub(super) local: Ident,
    /// What the router does.
    pub(super) program: Program,
    /// The variant of each `local` route.
    pub(super) edge_variants: Vec<Ident>,
    pub(super) services: Ident,
    pub(super) edges: Ident,
    /// The messages of all routes, and for each the first one with its id.
    pub(super) messages: Ident,
    pub(super) first_ids: Ident,
    pub(super) fail: Ident,
    pub(super) lose: Ident,
    pub(super) unsent: Ident,
    pub(super) drain: Ident,
    /// The struct of all paces, and the function that hands over what they hold.
    pub(super) paces: Ident,
    pub(super) release: Ident,
    /// The function that calls sources and timers.
    pub(super) drive: Ident,
    /// The function that takes all that has arrived, where the router names lanes.
    pub(super) sweep: Ident,
    /// The function that opens the ends and assembles the router.
    pub(super) assemble: Ident,
    /// The types of the sending and of the receiving ends, if there are any.
    pub(super) links: Ident,
    pub(super) inputs: Ident,
    /// The functions that take the messages of each input.
    pub(super) take_inputs: Vec<Ident>,
    /// The functions that take the messages of each queue.
    pub(super) take_queues: Vec<Ident>,
    /// The functions that take what a task has emitted.
    pub(super) take_tasks: Vec<Ident>,
    /// The types that stand for the routes of each task.
    pub(super) task_routes: Vec<Ident>,
    /// The fields in which messages are gathered, and the names of what gathers them.
    pub(super) slots: Vec<Ident>,
    pub(super) gather: gather::Names,
    pub(super) failed: Ident,
    /// The constants that describe the lanes, if there are any.
    pub(super) topology: topology::Names,
    /// The function that delivers a message from a ring.
    pub(super) arrived: Ident,
    /// For each route, the function that delivers it to the receivers on this lane.
    pub(super) shares: Vec<Ident>,
    pub(super) locals: Locals,
}

impl<'a> Plan<'a> {
    pub(super) fn new(router: &'a Router, input: &TokenStream) -> Self {
        let mut fresh = Fresh::beside(input);
        let topology = topology::Names::new(router, &mut fresh);
        let name = plain(&router.name);
        // Outside of the anonymous constant, the names of several routers must not clash.
        let outside = |what: &str| format!("__{what}Of{name}");
        let program = lower(router);
        let slots = program.slots.iter().map(|slot| {
            let (route, service) = (&router.routes[slot.route], &router.services[slot.service]);
            fresh.name(&format!("__{}_to_{}", route.name, plain(&service.field)))
        });
        Self {
            slots: slots.collect(),
            program,
            router,
            drivers: drivers::Names::new(router, &mut fresh),
            order: order::Names::new(router, &mut fresh),
            choices: router
                .services
                .iter()
                .map(|service| {
                    let name = camel_case(&plain(&service.field));
                    (fresh.name(&format!("__{name}Choice")), fresh.name(&format!("__{name}Service")))
                })
                .collect(),
            local: fresh.name(&outside("Local")),
            edge_variants: router.edges().enumerate().map(|(index, edge)| edge_variant(router, index, edge)).collect(),
            services: fresh.name("__SERVICES"),
            edges: fresh.name("__EDGES"),
            messages: fresh.name(&outside("Messages")),
            first_ids: fresh.name(&outside("FirstIds")),
            fail: fresh.name("__fail"),
            lose: fresh.name("__lose"),
            unsent: fresh.name("__unsent"),
            drain: fresh.name("__drain"),
            paces: fresh.name(&outside("Paces")),
            release: fresh.name("__release"),
            drive: fresh.name("__drive"),
            sweep: fresh.name("__sweep"),
            assemble: fresh.name("__assemble"),
            links: fresh.name(&outside("Links")),
            inputs: fresh.name(&outside("Inputs")),
            take_inputs: router
                .inputs
                .iter()
                .map(|input| fresh.name(&format!("__from_{}", plain(&input.name))))
                .collect(),
            take_tasks: router
                .tasks
                .iter()
                .map(|task| fresh.name(&format!("__emitted_by_{}", plain(&router.services[task.service].field))))
                .collect(),
            task_routes: router
                .tasks
                .iter()
                .map(|task| {
                    fresh.name(&format!("__{}Routes", camel_case(&plain(&router.services[task.service].field))))
                })
                .collect(),
            take_queues: router
                .queues
                .iter()
                .map(|queue| fresh.name(&format!("__to_{}", plain(&router.services[queue.service].field))))
                .collect(),
            gather: gather::Names::new(&outside("Gathered"), &mut fresh),
            arrived: fresh.name("__arrived"),
            shares: router.routes.iter().map(|route| fresh.name(&format!("__share_of_{}", route.name))).collect(),
            topology,
            failed: fresh.name("__failed"),
            locals: Locals::new(&mut fresh),
        }
    }

    pub(super) fn runtime(&self) -> &TokenStream {
        &self.router.runtime
    }

    /// The hidden part of the runtime's interface.
    pub(super) fn private(&self) -> TokenStream {
        let runtime = self.runtime();
        quote!(#runtime::__private::routing)
    }

    /// The type of a service, or a placeholder for a type that is no service, so that the impls that such a type lacks are no further errors.
    pub(super) fn type_of(&self, service: usize) -> Ident {
        self.choices[service].1.clone()
    }

    /// The function that borrows a service as its [type](Self::type_of).
    pub(super) fn lend(&self, service: usize) -> TokenStream {
        let (private, choice) = (self.private(), &self.choices[service].0);
        quote!(<#choice as #private::Choose>::lend)
    }

    /// ```text
    /// use NoService as _;
    /// type __SpreadChoice = Choice<SpreadStrategy, { Probe::<SpreadStrategy>::IS_SERVICE }>;
    /// type __SpreadService = <__SpreadChoice as Choose>::Service;
    /// ```
    ///
    /// The second has a name so that a call of its methods has the user's span as a whole: `$crate` would split the span in errors.
    pub(super) fn choices(&self) -> TokenStream {
        let private = self.private();
        let choices = self.choices.iter().zip(&self.router.services).map(|((choice, chosen), service)| {
            let ty = own_span(&service.ty);
            let choices = quote! {
                type #choice = #private::Choice<#ty, { #private::Probe::<#ty>::IS_SERVICE }>;
                type #chosen = <#choice as #private::Choose>::Service;
            };
            respan(choices, service.span)
        });
        quote! {
            use #private::NoService as _;
            #(#choices)*
        }
    }

    /// `<SpreadStrategy as Service>`. The type keeps its own span, so that a type that is no service is the same error each time, and reported
    /// once.
    pub(super) fn service(&self, service: usize) -> TokenStream {
        let (runtime, service) = (self.runtime(), &self.router.services[service]);
        let ty = own_span(&service.ty);
        respan(quote!(<#ty as #runtime::routing::Service>), service.span)
    }

    /// `<SpreadStrategy as Service>::HANDLED`
    pub(super) fn handled(&self, service: usize) -> TokenStream {
        let known = self.service(service);
        respan(quote!(#known::HANDLED), self.router.services[service].span)
    }

    /// The index of a route.
    pub(super) fn index_of(&self, route: &Route) -> usize {
        self.router.routes.iter().position(|other| std::ptr::eq(other, route)).unwrap_or_default()
    }

    /// The field of a service, with a span that lints ignore.
    pub(super) fn field(&self, service: usize) -> Ident {
        at_call_site(&self.router.services[service].field)
    }

    /// The local variable that holds the borrow of a service.
    pub(super) fn local_of(&self, service: usize) -> Ident {
        local_of(&self.router.services[service].field)
    }

    /// The type of the field `__core`.
    pub(super) fn core(&self, of: Of) -> TokenStream {
        let private = self.private();
        let services = self.router.services.len();
        let queue = match self.router.has_local() {
            false => quote!(#private::NoLocal),
            true => {
                let (local, edges) = (&self.local, self.router.edges().count());
                match &self.drivers {
                    None => quote!(#private::LocalQueueOf<#local, #edges>),
                    Some(drivers::Names { driver, all, .. }) => {
                        let whose = if of == Of::Owner { quote!(#all) } else { quote!(__L) };
                        quote!(#private::LocalQueue<<#whose as #driver>::__Room, #edges>)
                    }
                }
            }
        };
        let links = self.router.holds_ends().then(|| {
            let (links, argument) = (&self.links, self.only_argument(of));
            quote!(, #links #argument)
        });
        let paces = (!self.program.paces.is_empty()).then(|| {
            let (none, paces) = (links.is_none().then(|| quote!(, ())), &self.paces);
            quote!(#none, #paces)
        });
        quote!(#private::Core<#queue, #services #links #paces>)
    }

    /// ```text
    /// let Self { spread: __service_spread, __core, __inputs, __gathered } = self;
    /// let mut lent_1 = Lent { … };
    /// let cx = &mut Context { services: &mut lent_0, __core };
    /// ```
    ///
    /// Borrows everything before a cascade that a lane or `poll` begins. With `on_error: propagate` the first error goes to `__first`, which is in
    /// scope.
    pub(super) fn lent_out(&self, of: Of) -> TokenStream {
        let entered = order::entered(self, of);
        let fields = self.router.without_task().map(|service| self.field(service));
        let locals = self.router.without_task().map(|service| self.local_of(service));
        let inputs = self.router.holds_ends().then(|| quote!(__inputs,));
        let gathered = gather::lent(self);
        quote! {
            let Self { #(#fields: #locals,)* __core, #inputs #gathered } = self;
            #entered
        }
    }

    /// Whether this lane runs the task of the service at this index.
    pub(super) fn runs_task(&self, service: usize) -> TokenStream {
        let (solved, lane) = (&self.topology.solved, self.this_lane());
        quote!(#solved.services[#service] == #lane)
    }

    /// The same for a link.
    pub(super) fn runs_link(&self, link: usize) -> TokenStream {
        let (solved, lane) = (&self.topology.solved, self.this_lane());
        quote!(#solved.links[#link] == #lane)
    }

    /// The argument for the first error, if it is returned.
    pub(super) fn first_error(&self) -> Option<TokenStream> {
        let cx = &self.locals.cx;
        self.program.errors.propagates.then(|| quote!(&mut *#cx.__first,))
    }

    /// The inlining attribute of the deliveries of a message.
    pub(super) fn inline(&self, route: usize) -> TokenStream {
        if self.program.emissions[route].inlined { quote!(#[inline(always)]) } else { quote!(#[inline]) }
    }

    /// Whether waiting copies of a message may have to be removed.
    pub(super) fn skips(&self) -> bool {
        self.program.emissions.iter().any(|emission| emission.numbered)
    }
}

/// `__BreachToSpread_0`: the variant of the `local` route at an index. The index distinguishes names that are equal in camel case.
fn edge_variant(router: &Router, index: usize, edge: Edge<'_>) -> Ident {
    let service = plain(&router.services[edge.service].field);
    format_ident!("__{}To{}_{index}", camel_case(&edge.route.name), camel_case(&service))
}

/// The same name with a span that lints ignore.
pub(super) fn at_call_site(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(Span::call_site());
    name
}

/// The parameter or variable that holds a service. Its own name could be that of a constant or unit struct in the user's module, and would be a
/// pattern then.
pub(super) fn local_of(service: &Ident) -> Ident {
    format_ident!("__service_{}", plain(service))
}

/// The name of the method that routes a message.
pub(super) fn route_method(route: &Route) -> Ident {
    ident(&format!("route_{}", route.name), hygienic(route.span))
}

/// Names of types in documentation, without the spaces of a token stream.
pub(super) fn doc_name(tokens: &impl ToTokens) -> String {
    crate::router::check::text(tokens)
}

/// The names of local variables.
pub(super) struct Locals {
    pub(super) message: Ident,
    pub(super) emission: Ident,
    pub(super) error: Ident,
    pub(super) edge: Ident,
    pub(super) first: Ident,
    pub(super) any: Ident,
    pub(super) budget: Ident,
    /// The context.
    pub(super) cx: Ident,
    pub(super) taken: Ident,
    pub(super) queued: Ident,
    /// Whether an error has ended the turn.
    pub(super) stopped: Ident,
    pub(super) id: Ident,
    pub(super) body: Ident,
}

impl Locals {
    pub(super) fn new(fresh: &mut Fresh) -> Self {
        Self {
            message: fresh.name("__message"),
            emission: fresh.name("__emission"),
            error: fresh.name("__error"),
            edge: fresh.name("__edge"),
            first: fresh.name("__first_error"),
            any: fresh.name("__any_failed"),
            budget: fresh.name("__budget"),
            cx: fresh.name("__cx"),
            taken: fresh.name("__taken"),
            queued: fresh.name("__queued"),
            stopped: fresh.name("__stopped"),
            id: fresh.name("__id"),
            body: fresh.name("__body"),
        }
    }
}
