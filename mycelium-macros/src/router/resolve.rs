//! Finds the services that routes name.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Type, TypePath};

use super::check::{Services, text};
use super::link::{Batch, OnFull, Place};
use super::links::{Links, Mention};
use super::model::{End, Receiver, Service, Target, TaskOptions};
use super::transport::Transport;
use super::tree::{ReceiverEntry, RouteEntry};
use super::{link, options};
use crate::errors::Errors;
use crate::features::Feature;
use crate::names::{ident, nearest, plain, snake_case};

/// The paths that stay in the process; the others are [kinds](Transport) of links.
const PATHS: [&str; 3] = ["local", "queue", "task"];

/// The names of services, in declared order.
#[derive(Default)]
pub(super) struct Names {
    names: Vec<String>,
    /// There may be others, which could not be read.
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
pub(super) fn receivers(
    route: &RouteEntry,
    services: &mut Services,
    links: &mut Links,
    errors: &Errors,
) -> Vec<Receiver> {
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
        let Some(target) = target(entry, services, links, errors) else { continue };
        let receiver = Receiver { target, place: entry.target.span() };
        if receivers.iter().any(|other| other.end() == receiver.end()) {
            refuse_repeat(entry, &receiver, services, links, errors);
            continue;
        }
        receivers.push(receiver);
    }
    receivers
}

fn refuse_repeat(entry: &ReceiverEntry, receiver: &Receiver, services: &Services, links: &Links, errors: &Errors) {
    let (name, what) = match receiver.end() {
        End::Service(service) => (plain(&services.list[service].field), "a service receives a message once"),
        End::Link(link) => (plain(&links.list[link].name), "a link sends a message once"),
        // Lanes come later.
        End::Elsewhere => return,
    };
    errors.at(&entry.target, format!("`{name}` stands in this route twice"), format!("{what}: take one of them out"));
}

fn target(entry: &ReceiverEntry, services: &mut Services, links: &mut Links, errors: &Errors) -> Option<Target> {
    let Some(via) = &entry.via else {
        if entry.broken {
            links.lose(&entry.target);
            return None;
        }
        return match links.mentioned(&entry.target, services, errors) {
            Mention::Link(link) => Some(Target::Link(link)),
            Mention::Refused => None,
            Mention::NoLink => service(&entry.target, services, errors).map(Target::Direct),
        };
    };
    let path = via.path.to_string();
    // What stands before a path that can't be read may be a link and no service, so that only the path is reported.
    match path.as_str() {
        "local" => {
            let (room, options) = link::roomy(via, Place::Local, errors)?;
            let on_full = options.on_full.unwrap_or(OnFull::Error);
            behind(&entry.target, services, links, errors).map(|service| Target::Local(service, room, on_full))
        }
        "queue" => {
            let (room, options) = link::roomy(via, Place::Queue, errors)?;
            let on_full = options.on_full.unwrap_or_default();
            behind(&entry.target, services, links, errors).map(|service| Target::Queue(service, room, on_full))
        }
        "task" => {
            Feature::Tokio.needed_by("`via task`", via.path.span(), errors);
            let (room, options) = link::roomy(via, Place::Task, errors)?;
            let (on_full, batch) = (options.on_full.unwrap_or_default(), options.batch.unwrap_or(Batch::LowLatency));
            let options = TaskOptions { on_full, batch, on_panic: options.on_panic };
            behind(&entry.target, services, links, errors).map(|service| Target::Task(service, room, options))
        }
        _ if Transport::of(&via.path).is_some() => links.link(&entry.target, via, services, errors).map(Target::Link),
        "engine" => {
            errors.at(
                &via.path,
                format!("`via {path}` is not built in yet"),
                "call the service directly, or queue the message by `via local(N)` or `via queue(N)`",
            );
            None
        }
        _ => {
            errors.push(options::unknown("path", &path, via.path.span(), &[&PATHS[..], &Transport::names()].concat()));
            None
        }
    }
}

/// The service before `via local` or `via queue`.
fn behind(target: &Type, services: &mut Services, links: &Links, errors: &Errors) -> Option<usize> {
    if let Some(link) = single_name(target).map(plain).filter(|name| links.index(name).is_some()) {
        errors.at(
            target,
            format!("`{link}` is a link, which takes messages by itself"),
            format!("name it alone: `{link}`; what waits in the router waits for a service"),
        );
        return None;
    }
    service(target, services, errors)
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
                    format!("routes name services as `services` does: did you mean `{field}`?"),
                );
                return None;
            }
            services.names.find(name, errors)
        }
        None => {
            errors.at(
                target,
                "expected the name of a service",
                "routes name services as `services` does; types stand there",
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

/// In the short form a receiver is a type, and each type is one service.
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
            format!("`{}` and `{}` would both be called `{name}`", text(&services.list[other].ty), text(target)),
            format!(
                "name them yourself: `services: {{ {name}: {}, other: {} }}`",
                text(&services.list[other].ty),
                text(target)
            ),
        );
        return None;
    }
    let (field, place) = (ident(&name, target.span()), target.span());
    services.names.add(name);
    services.list.push(Service { docs: Vec::new(), field, ty: target.clone(), unfinished: false, place });
    Some(services.list.len() - 1)
}

fn field_name(target: &Type) -> Option<String> {
    match target {
        Type::Path(path) => path.path.segments.last().map(|last| snake_case(&plain(&last.ident))),
        Type::Group(group) => field_name(&group.elem),
        _ => None,
    }
}
