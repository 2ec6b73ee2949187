//! Finds the services that routes name.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Type, TypePath};

use super::check::{Services, text};
use super::model::{Receiver, Service};
use super::options;
use super::tree::{ReceiverEntry, RouteEntry, Via};
use crate::errors::Errors;
use crate::names::{ident, nearest, plain, snake_case};

/// The names of services, in declared order.
#[derive(Default)]
pub(super) struct Names {
    names: Vec<String>,
}

impl Names {
    pub(super) fn add(&mut self, name: String) {
        self.names.push(name);
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// The service called `name`; an error if there is none.
    pub(super) fn find(&self, name: &Ident, errors: &Errors) -> Option<usize> {
        let text = plain(name);
        let index = self.index(&text);
        if index.is_none() {
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
pub(super) fn receivers(route: &RouteEntry, services: &mut Services, errors: &Errors) -> Vec<Receiver> {
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
        let Some(receiver) = receiver(entry, services, errors) else { continue };
        if receivers.iter().any(|other| other.service == receiver.service) {
            let name = plain(&services.list[receiver.service].field);
            errors.at(
                &entry.target,
                format!("`{name}` stands in this route twice"),
                "a service receives a message once: take one of them out",
            );
            continue;
        }
        receivers.push(receiver);
    }
    receivers
}

fn receiver(entry: &ReceiverEntry, services: &mut Services, errors: &Errors) -> Option<Receiver> {
    let local = match &entry.via {
        None => Ok(None),
        Some(via) => room(via).map(Some),
    };
    // What stands before a path to come may be a link and no service, so that only the path is reported.
    let local = errors.ok(local)?;
    let service = service(&entry.target, services, errors)?;
    Some(Receiver { service, local, place: entry.target.span() })
}

fn room(via: &Via) -> syn::Result<usize> {
    const LATER: [&str; 6] = ["queue", "task", "shm", "unix", "tcp", "engine"];
    let path = via.path.to_string();
    if path == "local" {
        return options::room(via);
    }
    if LATER.contains(&path.as_str()) {
        let message = format!(
            "`via {path}` is not built in yet\nhelp: call the service directly, or queue the message by `via local(N)`"
        );
        return Err(syn::Error::new(via.path.span(), message));
    }
    Err(options::unknown("path", &path, via.path.span(), &["local"]))
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

fn single_name(target: &Type) -> Option<&Ident> {
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
    services.list.push(Service { docs: Vec::new(), field, ty: target.clone(), place });
    Some(services.list.len() - 1)
}

fn field_name(target: &Type) -> Option<String> {
    match target {
        Type::Path(path) => path.path.segments.last().map(|last| snake_case(&plain(&last.ident))),
        Type::Group(group) => field_name(&group.elem),
        _ => None,
    }
}
