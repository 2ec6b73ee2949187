//! Checks the description of a router, and resolves its names.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Type, parse_quote};

use super::inputs::{Routed, inputs};
use super::links::Links;
use super::model::{AllowUnhandled, Path, Queue, Route, Router, Service, Task};
use super::placement;
use super::resolve::{Names, Scope, receivers, single_name};
use super::tree::{IgnoreEntry, Lost, Policy, RouteEntry, ServiceEntry, Tree};
use crate::errors::Errors;
use crate::features::{Feature, Features};
use crate::names::{plain, snake_case};

/// The router, as far as it is known; none if it has no name.
pub(super) fn check(tree: Tree, features: Features, errors: &Errors) -> Option<Router> {
    let Some(name) = tree.name else {
        if tree.lost.name {
            return None;
        }
        errors.at_span(Span::call_site(), "a router needs a name", "add `name: Trading`, or `name: pub Trading`");
        return None;
    };
    if tree.routes.is_none() && !tree.lost.routes {
        errors.at(&name.ident, "this router has no routes", "add `routes: { Message => [service] }`");
    }
    let entries = tree.routes.unwrap_or_default();
    let services = Services::new(&tree.runtime, tree.services, &tree.lost, &entries, errors);
    let mut scope = Scope { services, links: Links::announced_in(&entries), features };
    let routes = routes(entries, &mut scope, errors);
    let Scope { services, links, .. } = scope;
    let tasks = tasks(&services, &routes, errors);
    let lanes =
        tree.lanes.map(|lanes| placement::lanes(lanes, &services, &tasks, features, errors)).unwrap_or_default();
    let routed = Routed { list: &routes, lost: tree.lost.routes };
    let inputs = inputs(tree.inputs, &services, &links, &routed, &lanes, features, errors);
    let (ignored, allowed) = ignored(tree.ignore, &routes, &services.names, errors);
    check_contracts(&tree.contracts, errors);
    let (policy, hook) = tree.on_error.map_or((Policy::Continue, None), |on_error| (on_error.policy, on_error.hook));
    Some(Router {
        runtime: tree.runtime,
        startable: features.has(Feature::Lanes),
        attributes: name.attributes,
        visibility: name.visibility,
        name: name.ident,
        contracts: tree.contracts,
        queues: queues(&services, &routes),
        tasks,
        services: services.list,
        links: links.list,
        inputs,
        routes,
        lanes,
        ignored,
        allowed,
        policy,
        hook,
    })
}

/// The services. The short form of a router, without `services`, collects them from its routes.
pub(super) struct Services {
    pub(super) list: Vec<Service>,
    pub(super) names: Names,
    pub(super) collected: bool,
}

impl Services {
    fn new(
        runtime: &TokenStream,
        declared: Option<Vec<ServiceEntry>>,
        lost: &Lost,
        routes: &[RouteEntry],
        errors: &Errors,
    ) -> Self {
        let collected = declared.is_none() && !lost.services;
        let mut services = Self { list: Vec::new(), names: Names::with_lost(lost.services), collected };
        for mut entry in declared.unwrap_or_default() {
            // A service without a type is new if no route names it yet. Otherwise its type is being edited.
            match entry.ty.take() {
                Some(ty) => services.declare(entry, ty, false, errors),
                None if is_mentioned(&entry, routes) => {
                    let ty = parse_quote!(#runtime::__private::routing::Unfinished);
                    services.declare(entry, ty, true, errors);
                }
                None => {}
            }
        }
        services
    }

    fn declare(&mut self, entry: ServiceEntry, ty: Type, unfinished: bool, errors: &Errors) {
        let name = plain(&entry.name);
        if name.starts_with("__") {
            errors.at(&entry.name, "names that begin with `__` are reserved for the macro", "choose another name");
        }
        if self.names.index(&name).is_some() {
            errors.at(
                &entry.name,
                format!("there are two services called `{name}`"),
                "give each instance of a service a name of its own",
            );
            return;
        }
        let span = entry.name.span();
        self.names.add(name);
        self.list.push(Service { docs: docs(entry.attributes, errors), field: entry.name, ty, unfinished, span });
    }
}

fn is_mentioned(entry: &ServiceEntry, routes: &[RouteEntry]) -> bool {
    let mut receivers = routes.iter().flat_map(|route| &route.receivers);
    receivers.any(|receiver| single_name(&receiver.target).is_some_and(|name| plain(name) == plain(&entry.name)))
}

fn docs(attributes: Vec<Attribute>, errors: &Errors) -> Vec<Attribute> {
    let (docs, others): (Vec<_>, Vec<_>) =
        attributes.into_iter().partition(|attribute| attribute.path().is_ident("doc"));
    for other in others {
        errors.at(
            other,
            "a service takes no attributes but documentation",
            "move attributes of the router above its `name`",
        );
    }
    docs
}

/// The queue of each service that has one.
fn queues(services: &Services, routes: &[Route]) -> Vec<Queue> {
    let receivers = || routes.iter().flat_map(|route| &route.receivers);
    let room = |service| {
        receivers().filter(|receiver| receiver.by(Path::Queue) == Some(service)).map(|receiver| receiver.via.room).sum()
    };
    let queues = (0..services.list.len()).map(|service| Queue { service, room: room(service) });
    queues.filter(|queue| queue.room > 0).collect()
}

/// The task of each service that runs behind one.
fn tasks(services: &Services, routes: &[Route], errors: &Errors) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    let receivers = || routes.iter().flat_map(|route| &route.receivers);
    for receiver in receivers() {
        let (Some(service), via) = (receiver.by(Path::Task), receiver.via) else { continue };
        match tasks.iter_mut().find(|task| task.service == service) {
            None => tasks.push(Task { service, via, attrs: receiver.attrs }),
            Some(task) => match task.attrs.and(receiver.attrs).filter(|_| task.via.on_full == via.on_full) {
                Some(attrs) => (task.via.room, task.attrs) = (task.via.room + via.room, attrs),
                None => errors.at_span(
                    receiver.span,
                    "the routes to one task contradict each other",
                    "a task has one queue: use the same `on_full` and `batch` on each route, and set `on_panic` once",
                ),
            },
        }
    }
    for receiver in receivers().filter(|receiver| receiver.via.path != Path::Task) {
        let Some(task) = tasks.iter().find(|task| receiver.service() == Some(task.service)) else { continue };
        let name = plain(&services.list[task.service].field);
        errors.at_span(
            receiver.span,
            format!("`{name}` runs behind a task, and can't be reached otherwise"),
            "write `via task(N)` in each of its routes",
        );
    }
    tasks.sort_by_key(|task| task.service);
    tasks
}

fn routes(entries: Vec<RouteEntry>, scope: &mut Scope, errors: &Errors) -> Vec<Route> {
    let mut routes = Vec::new();
    let mut taken: HashMap<String, String> = HashMap::new();
    for entry in entries {
        let message = text(&entry.message);
        let name = route_name(&entry);
        let span = entry.message.span();
        let receivers = receivers(&entry, scope, errors);
        match taken.get(&name) {
            None => {
                taken.insert(name.clone(), message);
                routes.push(Route { message: entry.message, name, receivers, span });
            }
            Some(other) => refuse_repeat(&entry, other, &name, errors),
        }
    }
    routes
}

/// The alias, or the last name of the message in snake case.
fn route_name(entry: &RouteEntry) -> String {
    let last = entry.message.segments.last().map(|last| plain(&last.ident)).unwrap_or_default();
    entry.alias.as_ref().map_or_else(|| snake_case(&last), plain)
}

fn refuse_repeat(entry: &RouteEntry, other: &str, name: &str, errors: &Errors) {
    let message = text(&entry.message);
    if *other == message {
        errors.at(&entry.message, format!("`{message}` has two routes"), "list all its receivers in one route");
    } else {
        errors.at(
            &entry.message,
            format!("`{other}` and `{message}` would both get the method `route_{name}`"),
            format!("give one of them another name: `{message} as other_{name} => […]`"),
        );
    }
}

fn ignored(
    entries: Vec<IgnoreEntry>,
    routes: &[Route],
    names: &Names,
    errors: &Errors,
) -> (Vec<syn::Path>, Vec<AllowUnhandled>) {
    let (mut messages, mut allowed): (Vec<syn::Path>, Vec<AllowUnhandled>) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            IgnoreEntry::Message(message) => {
                let repeated = messages.iter().any(|other| text(other) == text(&message));
                if check_ignored(&message, repeated, routes, errors) {
                    messages.push(message);
                }
            }
            IgnoreEntry::Handlers(name, handled) => {
                let Some(service) = names.find(&name, errors) else { continue };
                let handled = handled.into_iter().filter(|message| check_allowed(message, service, routes, errors));
                allowed.extend(handled.map(|message| AllowUnhandled { service, span: message.span(), message }));
            }
        }
    }
    (messages, allowed)
}

fn check_ignored(message: &syn::Path, repeated: bool, routes: &[Route], errors: &Errors) -> bool {
    let name = text(message);
    if repeated {
        errors.at(message, format!("`{name}` is ignored twice"), "list it once");
        return false;
    }
    if routes.iter().any(|route| text(&route.message) == name) {
        errors.at(
            message,
            format!("`{name}` is ignored, but has a route"),
            "remove it from `ignore`, or remove its route",
        );
        return false;
    }
    true
}

fn check_allowed(message: &syn::Path, service: usize, routes: &[Route], errors: &Errors) -> bool {
    let name = text(message);
    let reached = |route: &Route| text(&route.message) == name && route.leads_to(service);
    if routes.iter().any(reached) {
        errors.at(
            message,
            format!("the handler of `{name}` is ignored, but a route leads to it"),
            "remove it from `ignore`, or from the route",
        );
        return false;
    }
    true
}

fn check_contracts(contracts: &[syn::Path], errors: &Errors) {
    for (index, path) in contracts.iter().enumerate() {
        if contracts.iter().take(index).any(|earlier| text(earlier) == text(path)) {
            errors.at(path, format!("`{}` is listed twice", text(path)), "list each crate of contracts once");
        }
    }
}

/// A path or type as its user wrote it, without the spaces of a token stream.
pub(super) fn text(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.replace(" :: ", "::")
        .replace(":: ", "::")
        .replace(" <", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
}
