//! Why a service may not emit or request a message that has a route: what the compiler tells where one does.
//!
//! Which services do is known to the compiler alone, so each reason is written down for all that would be refused.

use super::check::text;
use super::model::{Receiver, Route, Router, Target};
use crate::names::plain;

/// What is told.
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) notes: Vec<String>,
    /// Whether it is the same for whichever service does it.
    pub(super) is_common: bool,
}

/// Why the service at `emitter` may not emit this message; none if it may.
pub(super) fn of_emission(router: &Router, emitter: usize, route: &Route) -> Option<Refusal> {
    let (message, service) = (text(&route.message), name(router, emitter));
    let blocked = |to: &usize| *to <= emitter && !router.is_elsewhere(*to, emitter);
    let blocked: Vec<usize> = route.direct().filter(blocked).collect();
    let before: Vec<String> = blocked.iter().filter(|to| **to != emitter).map(|to| name(router, *to)).collect();
    let is_itself = blocked.contains(&emitter);
    let why = match (before.as_slice(), is_itself) {
        ([], false) => return None,
        ([], true) => "and receives it itself".to_owned(),
        (before, true) => format!("and receives it itself; also {} before it in `services`", receivers(before)),
        (before, false) => format!("but {} before it in `services`", receivers(before)),
    };
    let mut notes = vec!["direct calls go forward only, in the order of `services`".to_owned()];
    let queued: Vec<_> = blocked.iter().map(|to| format!("{} via local(16)", plain_name(router, *to))).collect();
    let queue = format!("queue the way back: `{}` in the route of `{message}`", queued.join(", "));
    notes.push(match before.as_slice() {
        [] => queue,
        before => format!("{queue}; or list {} after {service} in `services`", listed(before)),
    });
    Some(Refusal {
        message: format!("{service} emits `{message}`, {why}"),
        label: format!("what is called here emits `{message}`"),
        notes,
        is_common: false,
    })
}

/// Why the service at `emitter` may not request this message.
pub(super) fn of_request(router: &Router, emitter: usize, route: &Route) -> Refusal {
    let message = text(&route.message);
    let (what, help, is_common) = match route.receivers.as_slice() {
        [receiver] => match receiver.target {
            Target::Direct(to) => {
                let (why, help) = by_place(router, emitter, to);
                (format!("{} requests `{message}`, {why}", name(router, emitter)), help, false)
            }
            _ => {
                let (why, help) = by_path(router, receiver, &message);
                (format!("`{message}` is requested, {why}"), help, true)
            }
        },
        several => {
            let names: Vec<_> = several.iter().map(|receiver| end(router, receiver)).collect();
            let help = format!("leave one in the route of `{message}`, and give the others a message of their own");
            let what = format!("`{message}` is requested, but has {} receivers: {}", names.len(), listed(&names));
            (what, help, true)
        }
    };
    Refusal {
        message: what,
        label: format!("what is called here requests `{message}`"),
        notes: vec![
            "a request is a call whose value is the answer: it has exactly one receiver, called directly, on the same lane, \
             and later in `services` than who asks"
                .to_owned(),
            help,
        ],
        is_common,
    }
}

/// The only receiver is called directly, but not from there.
fn by_place(router: &Router, emitter: usize, to: usize) -> (String, String) {
    let (asking, answering) = (name(router, emitter), name(router, to));
    if let (Some(here), Some(there)) = (router.lane_of(emitter), router.lane_of(to))
        && here != there
    {
        let lane = |lane: usize| plain(&router.lanes[lane].name);
        let order = match to < emitter {
            true => format!(", and list it after {asking} in `services`"),
            false => String::new(),
        };
        return (
            format!(
                "but {answering}, which receives it, is on lane `{}`, and {asking} on lane `{}`",
                lane(there),
                lane(here)
            ),
            format!(
                "put {answering} on lane `{}`{order}; or emit a message, and have the answer emitted as another",
                lane(here)
            ),
        );
    }
    if to == emitter {
        return ("which it receives itself".to_owned(), "call a method of your own instead".to_owned());
    }
    (
        format!("but {answering}, which receives it, stands before it in `services`"),
        format!("list {answering} after {asking} in `services`"),
    )
}

/// The only receiver is not called directly.
fn by_path(router: &Router, receiver: &Receiver, message: &str) -> (String, String) {
    let name = end(router, receiver);
    let path = match receiver.target {
        Target::Local(..) => "via local",
        Target::Queue(..) => "via queue",
        Target::Task(..) => "via task",
        _ => {
            let why = format!("but leaves the process by the link {name}");
            return (why, format!("name a service in the route of `{message}`"));
        }
    };
    let why = format!("but {name} receives it `{path}`, so that nobody waits for its answer");
    (why, format!("say {name} without `via` in the route of `{message}`, or name another service there"))
}

fn plain_name(router: &Router, service: usize) -> String {
    plain(&router.services[service].field)
}

fn name(router: &Router, service: usize) -> String {
    format!("`{}`", plain_name(router, service))
}

fn end(router: &Router, receiver: &Receiver) -> String {
    match receiver.target {
        Target::Link(link) => format!("`{}`", plain(&router.links[link].name)),
        _ => receiver.service().map(|service| name(router, service)).unwrap_or_default(),
    }
}

/// "`a`, `b` and `c`"
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn receivers(names: &[String]) -> String {
    match names {
        [one] => format!("{one}, which receives it, stands"),
        several => format!("{}, which receive it, stand", listed(several)),
    }
}
