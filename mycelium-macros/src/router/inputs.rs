//! Checks the section `inputs`.

use syn::Expr;

use super::check::{Services, text};
use super::links::{Links, check_name};
use super::model::{Input, Lane, Route};
use super::options::{self, Channel};
use super::placement;
use super::transport::Transport;
use super::tree::{InputEntry, InputMessage};
use crate::errors::{Errors, unknown};
use crate::features::Features;
use crate::names::plain;

/// The routes that the messages of inputs can have.
pub(super) struct Routed<'a> {
    pub(super) list: &'a [Route],
    /// Others could not be read.
    pub(super) lost: bool,
}

/// The inputs, each with the routes of its messages.
pub(super) fn inputs(
    entries: Vec<InputEntry>,
    services: &Services,
    links: &Links,
    routes: &Routed<'_>,
    lanes: &[Lane],
    features: Features,
    errors: &Errors,
) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for entry in entries {
        let name = plain(&entry.name);
        check_name(&entry.name, "input", errors);
        let taken = match () {
            () if services.names.index(&name).is_some() => Some("a service"),
            () if links.index(&name).is_some() => Some("a link"),
            () if inputs.iter().any(|other| plain(&other.name) == name) => Some("another input"),
            () => None,
        };
        if let Some(other) = taken {
            errors.at(
                &entry.name,
                format!("`{name}` is already the name of {other}"),
                "choose another name: services, links and inputs share one namespace",
            );
            continue;
        }
        inputs.extend(input(entry, routes, lanes, features, errors));
    }
    inputs
}

fn input(entry: InputEntry, all: &Routed<'_>, lanes: &[Lane], features: Features, errors: &Errors) -> Option<Input> {
    let path = &entry.via.path;
    let Some(transport) = Transport::of(path) else {
        refuse_path(path, errors);
        return None;
    };
    if entry.messages.is_empty() {
        errors.at(
            &entry.name,
            "this input lists no messages",
            "list the messages that it takes: `feed: shm(\"…\") [Bar, Fill]`",
        );
    }
    let (routes, conditions): (Vec<_>, Vec<_>) = messages(&entry.messages, all, errors).into_iter().unzip();
    let (address, options) = options::addressed(&entry.via, transport, Channel::Input(transport), features, errors)?;
    let security = options.security.checked(errors);
    let lane = placement::input(&entry.name, entry.on.as_ref(), &routes, all.list, lanes, errors);
    Some(Input { name: entry.name, transport, address, unknown: options.unknown, security, routes, conditions, lane })
}

fn refuse_path(path: &proc_macro2::Ident, errors: &Errors) {
    let name = path.to_string();
    match name.as_str() {
        "engine" => errors.at(path, "`engine` is not supported yet", format!("use {}", Transport::names_text())),
        "local" | "queue" | "task" => errors.at(
            path,
            format!("`{name}` stays within the process: it can't be an input"),
            format!("use {}", Transport::names_text()),
        ),
        _ => errors.push(unknown("path", &name, path.span(), &Transport::names())),
    }
}

/// The indices of the routes of these messages, and which of them are taken.
fn messages(messages: &[InputMessage], routes: &Routed<'_>, errors: &Errors) -> Vec<(usize, Option<Expr>)> {
    let mut found: Vec<(usize, Option<Expr>)> = Vec::new();
    for InputMessage { message, condition } in messages {
        let name = text(message);
        match routes.list.iter().position(|route| text(&route.message) == name) {
            None if routes.lost => {}
            None => errors.at(
                message,
                format!("`{name}` is listed by this input, but has no route"),
                format!("add `{name} => [service]` to `routes`, or remove it from this input"),
            ),
            Some(route) if found.iter().any(|(other, _)| *other == route) => {
                errors.at(message, format!("`{name}` is listed twice"), "list each message of an input once");
            }
            Some(route) => found.push((route, condition.clone())),
        }
    }
    found
}
