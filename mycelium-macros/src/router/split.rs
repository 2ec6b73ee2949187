//! The lanes that a router names, each as a part of it.

use quote::format_ident;

use super::homes::home;
use super::model::{Other, Part, Path, Queue, Receiver, Remote, Route, Router, To};
use crate::names::{camel_case, plain};
use crate::places::at;

/// What the lane at `index` is made of: its services and inputs, the links and tasks, of which it may turn out to be the home,
/// and its share of each route.
pub(super) fn lane(router: &Router, index: usize) -> Router {
    let lane = &router.lanes[index];
    let is_here = |service: &usize| lane.services.contains(service) || router.is_task(*service);
    let services: Vec<usize> = (0..router.services.len()).filter(is_here).collect();
    let others = router.lanes.iter().enumerate().filter(|(other, _)| *other != index);
    let remotes = router.queues.iter().filter(|queue| !lane.services.contains(&queue.service));
    let part = Part {
        router: router.name.clone(),
        lane: index,
        others: others.map(|(lane, other)| Other { lane, name: other.name.clone() }).collect(),
        queues: remotes
            .map(|queue| Remote { service: queue.service, field: router.services[queue.service].field.clone() })
            .collect(),
        services,
    };
    let local = |service: usize| part.services.iter().position(|other| *other == service);
    let queues = router.queues.iter().filter(|queue| lane.services.contains(&queue.service));
    let tasks = router.tasks.iter().filter_map(|task| {
        let mut task = task.clone();
        task.service = local(task.service)?;
        Some(task)
    });
    // What follows the last underscore is the lane's, so that no two routers have a lane of one name.
    let (whole, own) = (plain(&router.name), camel_case(&plain(&lane.name)));
    let name = format_ident!("__Lane{index}Of{whole}_{own}", span = at(router.name.span()));
    Router {
        runtime: router.runtime.clone(),
        attributes: router.attributes.clone(),
        visibility: syn::Visibility::Inherited,
        name,
        contracts: Vec::new(),
        services: part.services.iter().map(|service| router.services[*service].clone()).collect(),
        links: router.links.clone(),
        inputs: router.inputs.iter().filter(|input| input.lane == index).cloned().collect(),
        queues: queues.filter_map(|queue| Some(Queue { service: local(queue.service)?, room: queue.room })).collect(),
        tasks: tasks.collect(),
        routes: router.routes.iter().map(|whole| route(router, whole, &part, index)).collect(),
        lanes: Vec::new(),
        ignored: router.ignored.clone(),
        excuses: Vec::new(),
        policy: router.policy,
        hook: router.hook.clone(),
        part: Some(part),
    }
}

/// The share of one lane in a route, and where the rest goes: to each other lane once, where its first receiver stands.
fn route(router: &Router, whole: &Route, part: &Part, index: usize) -> Route {
    let mut receivers: Vec<Receiver> = Vec::new();
    for receiver in &whole.receivers {
        for to in on_lane(router, receiver, part, index) {
            let is_known = matches!(to, To::Lane(_)) && receivers.iter().any(|other| other.to == to);
            if !is_known {
                receivers.push(Receiver { to, ..receiver.clone() });
            }
        }
    }
    Route { receivers, ..whole.clone() }
}

/// What becomes of a receiver on a lane. A link or a task lives on one that only the compiler finds, so it may be here, and it
/// may be on any other.
fn on_lane(router: &Router, receiver: &Receiver, part: &Part, index: usize) -> Vec<To> {
    let here = match receiver.to {
        To::Service(service) => {
            To::Service(part.services.iter().position(|other| *other == service).unwrap_or(service))
        }
        other => other,
    };
    match (home(&router.lanes, receiver), receiver.by(Path::Queue)) {
        (Some(lane), _) if lane == index => vec![here],
        (_, Some(service)) => vec![To::Remote(service)],
        (Some(lane), None) => vec![To::Lane(lane)],
        (None, None) => std::iter::once(here).chain(part.others.iter().map(|other| To::Lane(other.lane))).collect(),
    }
}
