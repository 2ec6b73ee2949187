//! Why a service may not emit or request a message that has a route: what the compiler tells where one does.
//!
//! Which services do is known to the compiler alone, so a reason is worded once for each message and receiver, and the compiler names who does it.

use super::check::text;
use super::model::{Path, Receiver, Route, Router, To};
use crate::names::plain;

/// What is told. Where `{__Service}` stands, the compiler puts the type of who emits or asks.
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) notes: Vec<String>,
}

const FORWARD: &str = "direct calls go forward only, in the order of `services`";
const ANSWERS: &str = "a request is a call whose value is the answer: it has exactly one receiver, called directly, on the same lane, and later in \
     `services` than who asks";

/// A service that receives a message may not emit it too.
pub(super) fn emits_to_itself(router: &Router, route: &Route, service: usize) -> Refusal {
    let message = text(&route.message);
    Refusal {
        message: format!("`{{__Service}}` emits `{message}`, and receives it itself"),
        label: format!("what is called here emits `{message}`"),
        notes: vec![FORWARD.to_owned(), queued(router, route, service)],
    }
}

/// Nor one that stands behind this service, which receives it.
pub(super) fn emits_back(router: &Router, route: &Route, service: usize) -> Refusal {
    let (message, receiver) = (text(&route.message), name(router, service));
    let mut notes = vec![
        FORWARD.to_owned(),
        format!("{}; or list {receiver} after `{{__Service}}` in `services`", queued(router, route, service)),
    ];
    let others: Vec<_> = route.direct().filter(|other| *other != service).map(|other| name(router, other)).collect();
    if !others.is_empty() {
        notes.push(format!(
            "the other receivers of `{message}` must also come after it, or live on other lanes: {}",
            listed(&others)
        ));
    }
    Refusal {
        message: format!(
            "`{{__Service}}` emits `{message}`, but {receiver}, which receives it, stands before it in `services`"
        ),
        label: format!("what is called here emits `{message}`"),
        notes,
    }
}

fn queued(router: &Router, route: &Route, service: usize) -> String {
    let (message, receiver) = (text(&route.message), plain_name(router, service));
    format!("queue the way back: `{receiver} via local(16)` in the route of `{message}`")
}

/// A service may not ask itself.
pub(super) fn requests_from_itself(route: &Route) -> Refusal {
    requests(route, "which it receives itself", "call a method of your own instead".to_owned())
}

/// Nor one that stands before it.
pub(super) fn requests_back(router: &Router, route: &Route, service: usize) -> Refusal {
    let receiver = name(router, service);
    let why = format!("but {receiver}, which receives it, stands before it in `services`");
    requests(route, &why, format!("list {receiver} after `{{__Service}}` in `services`"))
}

/// Nor one on another lane.
pub(super) fn requests_across(router: &Router, route: &Route, service: usize) -> Refusal {
    let receiver = name(router, service);
    let lane = router.lane_of(service).map(|lane| plain(&router.lanes[lane].name)).unwrap_or_default();
    let why = format!("but {receiver}, which receives it, is on lane `{lane}`, and `{{__Service}}` on another");
    let help = format!(
        "put {receiver} on the lane of `{{__Service}}`, after it in `services`; or emit a message, and have the answer emitted as another"
    );
    requests(route, &why, help)
}

fn requests(route: &Route, why: &str, help: String) -> Refusal {
    let message = text(&route.message);
    Refusal {
        message: format!("`{{__Service}}` requests `{message}`, {why}"),
        label: format!("what is called here requests `{message}`"),
        notes: vec![ANSWERS.to_owned(), help],
    }
}

/// Why nobody may request this message, which has several receivers, or one that is not called directly.
pub(super) fn of_request(router: &Router, route: &Route) -> Refusal {
    let message = text(&route.message);
    let (what, help) = match route.receivers.as_slice() {
        [receiver] => {
            let (why, help) = by_path(router, receiver, &message);
            (format!("`{message}` is requested, {why}"), help)
        }
        several => {
            let names: Vec<_> = several.iter().map(|receiver| end(router, receiver)).collect();
            let help = format!("leave one in the route of `{message}`, and give the others a message of their own");
            (format!("`{message}` is requested, but has {} receivers: {}", names.len(), listed(&names)), help)
        }
    };
    let label = format!("what is called here requests `{message}`");
    Refusal { message: what, label, notes: vec![ANSWERS.to_owned(), help] }
}

/// The only receiver is not called directly.
fn by_path(router: &Router, receiver: &Receiver, message: &str) -> (String, String) {
    let name = end(router, receiver);
    let path = match receiver.via.path {
        Path::Local => "via local",
        Path::Queue => "via queue",
        Path::Task => "via task",
        Path::Direct | Path::Link => {
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
    match receiver.to {
        To::Link(link) => format!("`{}`", plain(&router.links[link].name)),
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
