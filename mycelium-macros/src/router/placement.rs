//! Checks the section `lanes`: each service runs on one lane, and one lane polls each input.

use proc_macro2::Ident;

use super::check::Services;
use super::model::{Lane, Path, Receiver, Route, Task};
use super::options::lane::{self, Kind, Wait};
use super::tree::{LaneEntry, Lanes};
use crate::errors::Errors;
use crate::features::{Feature, Features};
use crate::names::{nearest, plain};

/// The lanes, each with its services.
pub(super) fn lanes(
    lanes: Lanes,
    services: &Services,
    tasks: &[Task],
    features: Features,
    errors: &Errors,
) -> Vec<Lane> {
    features.require(Feature::Lanes, "`lanes`", lanes.span, errors);
    if lanes.entries.is_empty() && !lanes.broken {
        errors.at_span(
            lanes.span,
            "the section `lanes` is empty",
            "add a lane, such as `main: thread [service]`, or remove the section",
        );
    }
    // A lane whose options could not be read still has its name, but is not compared with others.
    let (mut found, mut sound): (Vec<Lane>, Vec<Lane>) = (Vec::new(), Vec::new());
    for entry in lanes.entries {
        check_name(&entry.name, &sound, errors);
        let services = services_on(&entry, &sound, services, tasks, errors);
        let options = lane::lane(&entry.kind, features, errors);
        let lane = Lane { name: entry.name, options: options.unwrap_or_default(), services };
        if options.is_some() {
            check_core(&lane, &sound, errors);
            sound.push(lane.clone());
        }
        found.push(lane);
    }
    // Where a lane or a path could not be read, its services only seem to have no lane.
    if errors.is_empty() && !lanes.broken {
        check_all_placed(&found, services, tasks, errors);
    }
    found
}

fn check_name(name: &Ident, others: &[Lane], errors: &Errors) {
    let text = plain(name);
    if text.starts_with("__") {
        errors.at(name, "names that begin with `__` are reserved for the macro", "choose another name");
    }
    if others.iter().any(|other| plain(&other.name) == text) {
        errors.at(name, format!("there are two lanes called `{text}`"), "give each lane a name of its own");
    }
}

/// The services that the list of a lane names, in declared order.
fn services_on(entry: &LaneEntry, others: &[Lane], services: &Services, tasks: &[Task], errors: &Errors) -> Vec<usize> {
    let lane = plain(&entry.name);
    if entry.services.is_empty() && !entry.broken {
        errors.at(&entry.name, format!("the lane `{lane}` has no services"), "list some, or remove the lane");
    }
    let mut found = Vec::new();
    for name in &entry.services {
        let Some(service) = services.names.find(name, errors) else { continue };
        let text = plain(name);
        if tasks.iter().any(|task| task.service == service) {
            let help = "remove it from this list: its tokio runtime drives it";
            errors.at(name, format!("`{text}` runs behind a task, not on a lane"), help);
        } else if found.contains(&service) {
            errors.at(name, format!("`{text}` is listed twice on the lane `{lane}`"), "list it once");
        } else if let Some(other) = others.iter().find(|other| other.services.contains(&service)) {
            let other = plain(&other.name);
            let help = "a service runs on one lane: remove it from the other";
            errors.at(name, format!("`{text}` is listed on two lanes, `{other}` and `{lane}`"), help);
        } else {
            found.push(service);
        }
    }
    found.sort_unstable();
    found
}

/// Two lanes that never sleep would share one core, and each would wait for whole time slices of the scheduler.
fn check_core(lane: &Lane, others: &[Lane], errors: &Errors) {
    let spins_on = |lane: &Lane| match (lane.options.kind, lane.options.wait) {
        (Kind::Pinned, Wait::Spin) => lane.options.core,
        _ => None,
    };
    let Some(core) = spins_on(lane) else { return };
    if let Some(other) = others.iter().find(|other| spins_on(other) == Some(core)) {
        let (name, other) = (plain(&lane.name), plain(&other.name));
        errors.at(
            &lane.name,
            format!("the lanes `{other}` and `{name}` both spin on core {core}"),
            "give each a core of its own, or set `wait = park` on one of them",
        );
    }
}

fn check_all_placed(lanes: &[Lane], services: &Services, tasks: &[Task], errors: &Errors) {
    for (index, service) in services.list.iter().enumerate() {
        let is_placed = lanes.iter().any(|lane| lane.services.contains(&index));
        if is_placed || tasks.iter().any(|task| task.service == index) {
            continue;
        }
        let name = plain(&service.field);
        let lane = lanes.last().map(|lane| plain(&lane.name)).unwrap_or_default();
        errors.at_span(
            service.span,
            format!("the service `{name}` is on no lane"),
            format!("add it to one, such as `{lane}: … […, {name}]`; only a service behind `task` needs no lane"),
        );
    }
}

/// The lane that polls an input: that of the receivers of its messages, unless `on` says otherwise.
pub(super) fn input(
    name: &Ident,
    on: Option<&Ident>,
    taken: &[usize],
    routes: &[Route],
    lanes: &[Lane],
    errors: &Errors,
) -> usize {
    if let Some(on) = on {
        return named(on, lanes, errors);
    }
    let receivers = taken.iter().flat_map(|route| &routes[*route].receivers);
    let mut candidates: Vec<usize> = receivers.filter_map(|receiver| lane_of(lanes, receiver)).collect();
    candidates.sort_unstable();
    candidates.dedup();
    if let [first, second, ..] = candidates.as_slice() {
        let (text, first, second) = (plain(name), plain(&lanes[*first].name), plain(&lanes[*second].name));
        errors.at(
            name,
            format!("`{text}` has messages for services on the lanes `{first}` and `{second}`"),
            format!("say which lane polls it, after its messages: `[…] on {first}`"),
        );
    }
    candidates.first().copied().unwrap_or_default()
}

fn named(on: &Ident, lanes: &[Lane], errors: &Errors) -> usize {
    let text = plain(on);
    let names: Vec<String> = lanes.iter().map(|lane| plain(&lane.name)).collect();
    if let Some(lane) = names.iter().position(|name| *name == text) {
        return lane;
    }
    let help = match nearest(&text, names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names.is_empty() => format!("this router has no lanes: remove `on {text}`"),
        None => format!("the lanes are {}", names.join(", ")),
    };
    errors.at(on, format!("unknown lane `{text}`"), help);
    0
}

/// The lane of a receiver, if it is known. Links and tasks go to the lane that their messages come from.
pub(super) fn lane_of(lanes: &[Lane], receiver: &Receiver) -> Option<usize> {
    let service = receiver.service().filter(|_| receiver.via.path != Path::Task)?;
    lanes.iter().position(|lane| lane.services.contains(&service))
}
