//! Finds the receivers that routes name.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Type, TypePath};

use super::check::{Services, text};
use super::links::{Links, Mention};
use super::model::{Attrs, Path, Receiver, Service, To, Via};
use super::options::values::OnFull;
use super::options::{self, Channel};
use super::transport::Transport;
use super::tree::{ReceiverEntry, RouteEntry};
use crate::errors::{Errors, unknown};
use crate::features::{Feature, Features};
use crate::names::{ident, nearest, plain, snake_case};

/// A path that stays within the process; the other paths are [kinds](Transport) of links.
struct LocalPath {
    name: &'static str,
    path: Path,
    channel: Channel,
    /// The policy of a route that names none.
    on_full: OnFull,
    feature: Option<Feature>,
}

static PATHS: &[LocalPath] = &[
    LocalPath { name: "local", path: Path::Local, channel: Channel::Local, on_full: OnFull::Error, feature: None },
    LocalPath {
        name: "queue",
        path: Path::Queue,
        channel: Channel::Queue,
        on_full: OnFull::Block,
        feature: Some(Feature::Lanes),
    },
    LocalPath {
        name: "task",
        path: Path::Task,
        channel: Channel::Task,
        on_full: OnFull::Block,
        feature: Some(Feature::Tokio),
    },
];

/// What the receivers of routes can name.
pub(super) struct Scope {
    pub(super) services: Services,
    pub(super) links: Links,
    pub(super) features: Features,
}

/// The names of services, in declared order.
#[derive(Default)]
pub(super) struct Names {
    names: Vec<String>,
    /// Others could not be read.
    lost: bool,
}

impl Names {
    pub(super) fn with_lost(lost: bool) -> Self {
        Self { names: Vec::new(), lost }
    }

    pub(super) fn add(&mut self, name: String) {
        self.names.push(name);
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// The service called `name`; an error if there is none.
    pub(super) fn find(&self, name: &Ident, errors: &Errors) -> Option<usize> {
        let text = plain(name);
        let index = self.index(&text);
        if index.is_none() && !self.lost {
            errors.at(name, format!("unknown service `{text}`"), self.suggestion(&text));
        }
        index
    }

    fn suggestion(&self, name: &str) -> String {
        match nearest(name, self.names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if self.names.is_empty() => "declare it in `services`".to_owned(),
            None => format!("the services are {}; declare others in `services`", self.names.join(", ")),
        }
    }
}

/// The receivers of a route.
pub(super) fn receivers(route: &RouteEntry, scope: &mut Scope, errors: &Errors) -> Vec<Receiver> {
    if route.receivers.is_empty() && !route.broken {
        let message = text(&route.message);
        errors.at(
            &route.message,
            format!("the route of `{message}` has no receivers"),
            "name one, or list the message in `ignore` instead",
        );
    }
    let mut receivers: Vec<Receiver> = Vec::new();
    for entry in &route.receivers {
        let Some((to, via, attrs)) = receiver(entry, scope, errors) else { continue };
        if let Some(pace) = entry.pace.as_ref().filter(|pace| pace.kind.holds()) {
            scope.features.require(Feature::Lanes, &format!("`{}`", pace.kind.name()), pace.span, errors);
        }
        let (condition, pace) = (entry.condition.clone(), entry.pace.clone());
        let receiver = Receiver { to, via, attrs, condition, pace, span: entry.target.span() };
        if receivers.iter().any(|other| other.to == receiver.to) {
            refuse_repeat(entry, &receiver, scope, errors);
            continue;
        }
        receivers.push(receiver);
    }
    receivers
}

fn refuse_repeat(entry: &ReceiverEntry, receiver: &Receiver, scope: &Scope, errors: &Errors) {
    let (name, what) = match receiver.to {
        To::Service(service) => (plain(&scope.services.list[service].field), "a service receives a message once"),
        To::Link(link) => (plain(&scope.links.list[link].name), "a link sends a message once"),
    };
    errors.at(&entry.target, format!("`{name}` is listed twice in this route"), format!("{what}: remove one of them"));
}

type Resolved = (To, Via, Attrs);

fn receiver(entry: &ReceiverEntry, scope: &mut Scope, errors: &Errors) -> Option<Resolved> {
    let called = |service| (To::Service(service), Via::straight(Path::Direct), Attrs::default());
    let sent = |link| (To::Link(link), Via::straight(Path::Link), Attrs::default());
    let Some(via) = &entry.via else {
        if entry.broken {
            scope.links.lose(&entry.target);
            return None;
        }
        return match scope.links.mentioned(&entry.target, &scope.services, errors) {
            Mention::Link(link) => Some(sent(link)),
            Mention::Refused => None,
            Mention::NoLink => service(&entry.target, &mut scope.services, errors).map(called),
        };
    };
    // The name before an unknown path may be that of a link, so only the path is reported.
    if let Some(path) = PATHS.iter().find(|path| via.path == path.name) {
        return waiting(path, entry, via, scope, errors);
    }
    if Transport::of(&via.path).is_some() {
        return scope.links.link(&entry.target, via, &scope.services, scope.features, errors).map(sent);
    }
    refuse_path(&via.path, errors);
    None
}

fn refuse_path(path: &Ident, errors: &Errors) {
    let name = path.to_string();
    if name == "engine" {
        errors.at(
            path,
            "`via engine` is not supported yet",
            "call the service directly, or queue the message by `via local(N)` or `via queue(N)`",
        );
        return;
    }
    let known: Vec<_> = PATHS.iter().map(|path| path.name).chain(Transport::names()).collect();
    errors.push(unknown("path", &name, path.span(), &known));
}

/// A service that is reached through a queue of some kind.
fn waiting(
    path: &LocalPath,
    entry: &ReceiverEntry,
    via: &super::tree::Via,
    scope: &mut Scope,
    errors: &Errors,
) -> Option<Resolved> {
    if let Some(feature) = path.feature {
        scope.features.require(feature, &format!("`{}`", path.name), via.path.span(), errors);
    }
    let (room, options) = options::bounded(via, path.channel, scope.features, errors)?;
    let service = behind(&entry.target, scope, errors)?;
    let via = Via { path: path.path, room, on_full: options.on_full.unwrap_or(path.on_full) };
    Some((To::Service(service), via, options.attrs))
}

/// The service before `via local`, `via queue` or `via task`.
fn behind(target: &Type, scope: &mut Scope, errors: &Errors) -> Option<usize> {
    if let Some(link) = single_name(target).map(plain).filter(|name| scope.links.index(name).is_some()) {
        errors.at(
            target,
            format!("`{link}` is a link, which needs no queue"),
            format!("write just `{link}`: only services have queues"),
        );
        return None;
    }
    service(target, &mut scope.services, errors)
}

fn known(target: &Type, services: &Services) -> Option<usize> {
    match services.collected {
        true => services.list.iter().position(|service| text(&service.ty) == text(target)),
        false => services.names.index(&plain(single_name(target)?)),
    }
}

fn service(target: &Type, services: &mut Services, errors: &Errors) -> Option<usize> {
    if services.collected {
        return collect(target, services, errors);
    }
    match single_name(target) {
        Some(name) => {
            let by_type = services
                .list
                .iter()
                .find(|service| text(&service.ty) == text(target))
                .map(|service| plain(&service.field));
            if let (None, Some(field)) = (services.names.index(&plain(name)), by_type) {
                errors.at(
                    target,
                    format!("unknown service `{}`", plain(name)),
                    format!("routes use the names that `services` declares: did you mean `{field}`?"),
                );
                return None;
            }
            services.names.find(name, errors)
        }
        None => {
            errors.at(
                target,
                "expected the name of a service",
                "use a name that `services` declares: types belong there",
            );
            None
        }
    }
}

pub(super) fn single_name(target: &Type) -> Option<&Ident> {
    match target {
        Type::Path(TypePath { qself: None, path, .. }) => path.get_ident(),
        Type::Group(group) => single_name(&group.elem),
        _ => None,
    }
}

/// In the short form, without `services`, a receiver is a type, and each type is one service.
fn collect(target: &Type, services: &mut Services, errors: &Errors) -> Option<usize> {
    if let Some(index) = known(target, services) {
        return Some(index);
    }
    let Some(name) = field_name(target) else {
        errors.at(
            target,
            "expected the type of a service",
            "without `services`, routes list types: `Bar => [SpreadStrategy]`",
        );
        return None;
    };
    if let Some(other) = services.names.index(&name) {
        errors.at(
            target,
            format!("`{}` and `{}` would both get the name `{name}`", text(&services.list[other].ty), text(target)),
            format!(
                "name them yourself: `services: {{ {name}: {}, other: {} }}`",
                text(&services.list[other].ty),
                text(target)
            ),
        );
        return None;
    }
    let (field, span) = (ident(&name, target.span()), target.span());
    services.names.add(name);
    services.list.push(Service { docs: Vec::new(), field, ty: target.clone(), unfinished: false, span });
    Some(services.list.len() - 1)
}

fn field_name(target: &Type) -> Option<String> {
    match target {
        Type::Path(path) => path.path.segments.last().map(|last| snake_case(&plain(&last.ident))),
        Type::Group(group) => field_name(&group.elem),
        _ => None,
    }
}
