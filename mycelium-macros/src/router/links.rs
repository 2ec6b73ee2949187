//! Finds the links that routes name: with an address at the first mention, by the bare name at later ones.

use proc_macro2::Ident;
use syn::Type;

use super::check::Services;
use super::model::Link;
use super::options::{self, Channel, Options};
use super::resolve::single_name;
use super::transport::Transport;
use super::tree::{RouteEntry, Via};
use crate::errors::Errors;
use crate::features::Features;
use crate::names::{nearest, plain};

/// The links found so far, and the names of later ones.
#[derive(Default)]
pub(super) struct Links {
    pub(super) list: Vec<Link>,
    /// Every name with the path of a link somewhere, and that path.
    announced: Vec<(String, String)>,
    /// The names whose paths could not be read.
    lost: Vec<String>,
}

/// What a receiver without a path is.
pub(super) enum Mention {
    Link(usize),
    /// A link whose address comes later, or a misspelt link; this has been reported.
    Refused,
    NoLink,
}

impl Links {
    /// Looks ahead for the names of links, to tell a link that is mentioned too early from one that does not exist.
    pub(super) fn announced_in(routes: &[RouteEntry]) -> Self {
        let receivers = routes.iter().flat_map(|route| &route.receivers);
        let announced = receivers.filter_map(|receiver| {
            let path = &receiver.via.as_ref()?.path;
            Transport::of(path)?;
            Some((plain(single_name(&receiver.target)?), path.to_string()))
        });
        Self { list: Vec::new(), announced: announced.collect(), lost: Vec::new() }
    }

    /// Records the name before a path that could not be read, which may be that of a link.
    pub(super) fn lose(&mut self, target: &Type) {
        self.lost.extend(single_name(target).map(plain));
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|link| plain(&link.name) == name)
    }

    /// Whether a receiver without a path is a link.
    pub(super) fn mentioned(&self, target: &Type, services: &Services, errors: &Errors) -> Mention {
        let Some(name) = single_name(target) else { return Mention::NoLink };
        let text = plain(name);
        if services.names.index(&text).is_some() {
            return Mention::NoLink;
        }
        if let Some(link) = self.index(&text) {
            return Mention::Link(link);
        }
        if self.lost.contains(&text) {
            return Mention::Refused;
        }
        let Some((_, path)) = self.announced.iter().find(|(announced, _)| *announced == text) else {
            return self.misspelt(name, &text, services, errors);
        };
        errors.at(
            name,
            format!("the link `{text}` is named here before it has an address"),
            format!("the first mention gives the address: move `via {path}(…)` here"),
        );
        Mention::Refused
    }

    /// An unknown name may be a misspelt link.
    fn misspelt(&self, name: &Ident, text: &str, services: &Services, errors: &Errors) -> Mention {
        let links = self.announced.iter().map(|(link, _)| link.as_str());
        let links = links.filter(|link| services.names.index(link).is_none());
        let Some(link) = nearest(text, links.clone()) else { return Mention::NoLink };
        if services.collected || nearest(text, links.chain(services.names.all())) != Some(link) {
            return Mention::NoLink;
        }
        errors.at(name, format!("unknown service or link `{text}`"), format!("did you mean `{link}`?"));
        Mention::Refused
    }

    /// The link that a receiver with a path is.
    pub(super) fn link(
        &mut self,
        target: &Type,
        via: &Via,
        services: &Services,
        features: Features,
        errors: &Errors,
    ) -> Option<usize> {
        let Some(name) = single_name(target) else {
            errors.at(target, "expected the name of a link", "put a name of your choice before this path");
            return None;
        };
        let (text, transport) = (plain(name), Transport::of(&via.path)?);
        if services.names.index(&text).is_some() {
            errors.at(
                name,
                format!("`{text}` is a service, but `via {}` needs a link", transport.name()),
                "choose another name for the link; a service is called directly, or `via local`, `queue` or `task`",
            );
            return None;
        }
        match self.index(&text) {
            Some(known) => self.again(known, via, errors),
            None => self.add(name, transport, via, features, errors),
        }
    }

    /// A later mention, which repeats the path at most.
    fn again(&self, known: usize, via: &Via, errors: &Errors) -> Option<usize> {
        let link = &self.list[known];
        let name = plain(&link.name);
        if !options::is_empty(via.arguments.as_ref()) || Transport::of(&via.path) != Some(link.transport) {
            errors.at(
                &via.path,
                format!("the link `{name}` already has an address"),
                format!(
                    "a link is one connection: write just `{name}` here, or choose another name for another address"
                ),
            );
            return None;
        }
        Some(known)
    }

    fn add(
        &mut self,
        name: &Ident,
        transport: Transport,
        via: &Via,
        features: Features,
        errors: &Errors,
    ) -> Option<usize> {
        check_name(name, "link", errors);
        // An address that can't be read is reported once, not at each later mention.
        let read = options::addressed(via, transport, Channel::Link(transport), features, errors);
        let (address, options) = read.unwrap_or_else(|| (syn::LitStr::new("", via.path.span()), Options::default()));
        self.list.push(Link {
            name: name.clone(),
            transport,
            address,
            on_full: options.on_full.unwrap_or_default(),
            key: options.key,
            batch: options.attrs.batch(),
            slots: options.slots,
            security: options.security.checked(errors),
        });
        Some(self.list.len() - 1)
    }
}

/// Refuses names that generated code or a deployment could confuse with others.
pub(super) fn check_name(name: &Ident, what: &str, errors: &Errors) {
    let text = plain(name);
    if text.starts_with("__") {
        errors.at(name, "names that begin with `__` are reserved for the macro", "choose another name");
    }
    if ["tls_ca", "tls_cert", "tls_key"].contains(&text.as_str()) {
        errors.at(
            name,
            format!("`{text}` names a file of certificates or keys in a deployment"),
            format!("give this {what} another name"),
        );
    }
    if text.chars().any(char::is_uppercase) {
        errors.at(
            name,
            format!("the name of this {what} has uppercase letters"),
            format!("write `{}`: deployments ignore the case of names", text.to_lowercase()),
        );
    }
}
