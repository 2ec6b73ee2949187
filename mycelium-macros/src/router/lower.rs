//! Lowers a checked router to its [program](Program). Every decision about its code is made here.

use super::check::text;
use super::inlining;
use super::ir::{
    Action, Arm, Before, Driver, Emission, ErrorPolicy, Intake, Names, Origin, Paced, Program, Share, Slot, Step, Then,
};
use super::model::{Path, Receiver, Route, Router, To};
use super::options::values::OnFull;
use super::placement::lane_of;
use crate::names::plain;

/// The program of `router`.
pub(super) fn lower(router: &Router) -> Program {
    let forced = inlining::forced(router);
    let lowering =
        Lowering { router, back_edges: router.back_edges(), numbers: numbers_copies(router), slots: slots(router) };
    let emissions = router.routes.iter().zip(forced);
    let shares: Vec<Share> = router.routes.iter().map(|route| lowering.share(route)).collect();
    Program {
        name: plain(&router.name),
        startable: router.startable,
        names: names(router),
        errors: ErrorPolicy { propagates: router.propagates(), reported: router.reports() },
        emissions: emissions.map(|(route, inlined)| lowering.emission(route, inlined)).collect(),
        intakes: if router.startable { lowering.intakes(&shares) } else { Vec::new() },
        shares,
        paces: lowering.paces(),
        drivers: lowering.drivers(),
        back_edges: lowering.back_edges,
        slots: lowering.slots,
    }
}

fn names(router: &Router) -> Names {
    Names {
        services: router.services.iter().map(|service| plain(&service.field)).collect(),
        links: router.links.iter().map(|link| plain(&link.name)).collect(),
        lanes: router.lanes.iter().map(|lane| plain(&lane.name)).collect(),
        messages: router.routes.iter().map(|route| text(&route.message)).collect(),
        placement: (0..router.services.len()).map(|service| router.lane_of(service)).collect(),
    }
}

/// Whether waiting copies of a message may have to be removed after an error.
fn numbers_copies(router: &Router) -> bool {
    router.stops() && router.routes.iter().any(|route| route.locals() > 1)
}

/// A driver of a router.
#[derive(Clone, Copy)]
enum By {
    /// Its owner, or its only lane.
    All,
    /// One of the lanes that it names.
    Lane(usize),
}

/// The receivers of a route that this driver may run. A link or a task may be on any lane.
fn here<'a>(router: &'a Router, route: &'a Route, by: By) -> impl Iterator<Item = &'a Receiver> {
    route.receivers.iter().filter(move |receiver| match by {
        By::All => true,
        By::Lane(lane) => lane_of(&router.lanes, receiver).is_none_or(|other| other == lane),
    })
}

/// The only service that gets a message here, directly or by its queue; none if there are several receivers.
fn alone(router: &Router, route: &Route, by: By) -> Option<usize> {
    let mut here = here(router, route, by);
    let only = here.next().filter(|_| here.next().is_none())?;
    only.direct().or_else(|| only.by(Path::Queue))
}

/// The services for which messages of a route may be gathered: messages that arrive from outside for a service that is their only receiver,
/// and messages from a queue.
///
/// A message with several receivers is delivered to each of them before the next message, so that the order of calls does not depend on how
/// it arrived.
fn gathering(router: &Router, index: usize, by: By) -> Vec<usize> {
    let route = &router.routes[index];
    // On a lane every message arrives by a ring, at least from outside.
    let is_on_lane = (router.startable && router.lanes.is_empty()) || matches!(by, By::Lane(_));
    let arrives =
        is_on_lane || !router.tasks.is_empty() || router.inputs.iter().any(|input| input.routes.contains(&index));
    let alone = alone(router, route, by).filter(|service| arrives && route.queued_to(*service).is_none());
    let is_here = |service: &usize| match by {
        By::All => true,
        By::Lane(lane) => router.lane_of(*service) == Some(lane),
    };
    let queued = router.queues.iter().map(|queue| queue.service);
    let queued = queued.filter(|to| is_here(to) && route.queued_to(*to).is_some());
    alone.into_iter().chain(queued).collect()
}

fn drivers_of(router: &Router) -> impl Iterator<Item = By> {
    std::iter::once(By::All).chain((0..router.lanes.len()).map(By::Lane))
}

/// The slots of all drivers.
fn slots(router: &Router) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (index, route) in router.routes.iter().enumerate() {
        for service in drivers_of(router).flat_map(|by| gathering(router, index, by)) {
            let receiver = route.receivers.iter().position(|receiver| receiver.service() == Some(service));
            let slot = receiver.map(|receiver| Slot { route: index, service, receiver });
            slots.extend(slot.filter(|slot| !slots.contains(slot)));
        }
    }
    slots
}

struct Lowering<'a> {
    router: &'a Router,
    back_edges: Vec<usize>,
    numbers: bool,
    slots: Vec<Slot>,
}

impl Lowering<'_> {
    fn emission(&self, route: &Route, inlined: bool) -> Emission {
        let first = self.router.first_receiver(route);
        Emission {
            place: (first < self.router.services.len()).then_some(first),
            inlined,
            numbered: self.is_numbered(route),
            steps: self.emitted(route),
            has_back_edge: route.direct().any(|service| self.back_edges.contains(&service)),
            answered_by: route.answerer().map(|(_, service)| service),
        }
    }

    fn is_numbered(&self, route: &Route) -> bool {
        self.numbers && route.locals() > 0
    }

    /// A step for each receiver, and one for each lane, before the first receiver on that lane. A link or a task may be on any lane: after
    /// it come the steps of all lanes that had none.
    fn emitted(&self, route: &Route) -> Vec<Step> {
        let lanes = self.router.lanes.len();
        let mut passed: Vec<usize> = Vec::new();
        let mut actions = Vec::new();
        for (index, receiver) in route.receivers.iter().enumerate() {
            let mut pass_on = |lane: usize, actions: &mut Vec<(usize, Action)>| {
                if lanes > 1 && !passed.contains(&lane) {
                    passed.push(lane);
                    actions.push((index, Action::PassOn(lane)));
                }
            };
            let lane = lane_of(&self.router.lanes, receiver);
            let action = (index, self.action(route, receiver));
            match lane.filter(|_| receiver.by(Path::Queue).is_none()) {
                Some(lane) => {
                    pass_on(lane, &mut actions);
                    actions.push(action);
                }
                None => {
                    actions.push(action);
                    let is_found = receiver.by(Path::Queue).is_none();
                    (0..lanes).filter(|_| is_found).for_each(|lane| pass_on(lane, &mut actions));
                }
            }
        }
        self.steps(route, actions)
    }

    /// Makes steps of these actions. An error may end the steps after it.
    fn steps(&self, route: &Route, actions: Vec<(usize, Action)>) -> Vec<Step> {
        let step = |(receiver, action): (usize, Action)| Step {
            when: self.conditions(route, receiver, action),
            paced: self.paced(&route.receivers[receiver], action),
            action,
            attrs: route.receivers[receiver].attrs,
            stops: self.router.stops(),
            receiver,
        };
        let mut steps: Vec<Step> = actions.into_iter().map(step).collect();
        if let Some(last) = steps.last_mut() {
            last.stops = false;
        }
        // A message that finds no room on a `local` route is lost only for that receiver.
        for step in steps.iter_mut().filter(|step| matches!(step.action, Action::Wait { .. })) {
            step.stops = false;
        }
        steps
    }

    /// The receivers whose conditions decide about a step. A lane gets a message that one of its receivers may want; where a link or a task is, is
    /// not known yet.
    fn conditions(&self, route: &Route, receiver: usize, action: Action) -> Vec<usize> {
        let receivers = route.receivers.iter().enumerate();
        let decide: Vec<usize> = match action {
            Action::PassOn(lane) => {
                let lanes = &self.router.lanes;
                let may_want = |receiver: &Receiver| {
                    receiver.by(Path::Queue).is_none() && lane_of(lanes, receiver).is_none_or(|other| other == lane)
                };
                receivers.filter(|(_, receiver)| may_want(receiver)).map(|(index, _)| index).collect()
            }
            _ => vec![receiver],
        };
        let all_have = decide.iter().all(|index| route.receivers[*index].condition.is_some());
        if all_have { decide } else { Vec::new() }
    }

    /// The pace that a step asks. It is where messages for its receiver come together, so that it sees all of them: for a service on the lane of
    /// the service, for a link or a task on its lane, and for a queue before it, or behind it where several lanes fill it.
    fn paced(&self, receiver: &Receiver, action: Action) -> Option<usize> {
        let is_asked = match action {
            Action::PassOn(_) => false,
            Action::Enqueue(..) => !self.router.paces_behind_queues(),
            _ => true,
        };
        self.pace_of(receiver).filter(|_| is_asked)
    }

    /// The index of the pace of a receiver.
    fn pace_of(&self, receiver: &Receiver) -> Option<usize> {
        self.router.paced().position(|paced| std::ptr::eq(paced.receiver, receiver))
    }

    /// The paces, each with what is done with a message that it has held.
    fn paces(&self) -> Vec<Paced> {
        let paced = self.router.paced().map(|super::model::Paced { route, receiver, pace }| {
            let action = match self.action(route, receiver) {
                Action::Enqueue(service, _) if self.router.paces_behind_queues() => Action::Call(service),
                action => action,
            };
            let index = |other: &Receiver| std::ptr::eq(other, receiver);
            let step = Step {
                action,
                when: Vec::new(),
                paced: None,
                stops: false,
                attrs: receiver.attrs,
                receiver: route.receivers.iter().position(index).unwrap_or_default(),
            };
            let route = self.router.routes.iter().position(|other| std::ptr::eq(other, route)).unwrap_or_default();
            Paced { route, holds: pace.kind.holds(), step }
        });
        paced.collect()
    }

    fn action(&self, route: &Route, receiver: &Receiver) -> Action {
        let on_full = receiver.via.on_full;
        match (receiver.to, receiver.via.path) {
            (To::Service(_), Path::Local) => Action::Wait {
                edge: self.edge(route, receiver),
                replaces: on_full == OnFull::DropOldest,
                fails: on_full == OnFull::Error,
            },
            (To::Service(service), Path::Queue) => Action::Enqueue(service, on_full),
            (To::Service(service), Path::Task) => Action::SendToTask(service),
            (To::Service(service), Path::Direct | Path::Link) => Action::Call(service),
            (To::Link(link), _) => Action::SendToLink(link),
        }
    }

    /// The index of the `local` route to this receiver.
    fn edge(&self, route: &Route, receiver: &Receiver) -> usize {
        let is_it = |receiver_of: &Receiver| std::ptr::eq(receiver_of, receiver);
        let of_route = |route: &Route| route.locals();
        let before: usize =
            self.router.routes.iter().take_while(|other| !std::ptr::eq(*other, route)).map(of_route).sum();
        let locals = route.receivers.iter().filter(|receiver| receiver.by(Path::Local).is_some());
        before + locals.take_while(|receiver| !is_it(receiver)).count()
    }

    fn share(&self, route: &Route) -> Share {
        let is_queue = |receiver: &Receiver| receiver.by(Path::Queue).is_some();
        if self.router.lanes.is_empty() && !route.receivers.iter().any(is_queue) {
            return Share::Emission;
        }
        let actions = route.receivers.iter().map(|receiver| match receiver.by(Path::Queue) {
            Some(service) => Action::CallFromOutside(service),
            None => self.action(route, receiver),
        });
        Share::Steps { numbered: self.is_numbered(route), steps: self.steps(route, actions.enumerate().collect()) }
    }

    fn intakes(&self, shares: &[Share]) -> Vec<Intake> {
        let router = self.router;
        let inputs = router.inputs.iter().enumerate().map(|(index, input)| Intake {
            from: Origin::Input(index),
            arms: input.routes.iter().map(|route| self.emitting(*route)).collect(),
        });
        let queues = router.queues.iter().enumerate().map(|(index, queue)| Intake {
            from: Origin::Queue(index),
            arms: self.calling(|receiver| receiver.by(Path::Queue) == Some(queue.service), true),
        });
        let tasks = (0..router.tasks.len()).map(|index| Intake {
            from: Origin::Task(index),
            arms: (0..router.routes.len()).map(|route| self.emitting(route)).collect(),
        });
        let back_edges = self.back_edges.iter().map(|service| Intake {
            from: Origin::BackEdge(*service),
            arms: self.calling(|receiver| receiver.direct() == Some(*service), false),
        });
        let rings = Intake { from: Origin::Rings, arms: self.arriving(shares) };
        inputs.chain(queues).chain(tasks).chain(back_edges).chain([rings]).collect()
    }

    fn emitting(&self, route: usize) -> Arm {
        let alone = self.router.routes[route].only_direct();
        Arm { route, before: self.gather(route, alone), then: Then::Emit, paced: None }
    }

    fn calling(&self, is_receiver: impl Fn(&Receiver) -> bool, gathers: bool) -> Vec<Arm> {
        let arm = |(index, route): (usize, &Route)| {
            let receiver = route.receivers.iter().position(&is_receiver)?;
            let service = route.receivers[receiver].service()?;
            let before = if gathers { self.gather(index, [service]) } else { Before::Nothing };
            let by_queue =
                |receiver: &&Receiver| receiver.by(Path::Queue).is_some() && self.router.paces_behind_queues();
            let paced = Some(&route.receivers[receiver]).filter(by_queue).and_then(|receiver| self.pace_of(receiver));
            Some(Arm { route: index, before, then: Then::Call { service, receiver }, paced })
        };
        self.router.routes.iter().enumerate().filter_map(arm).collect()
    }

    fn arriving(&self, shares: &[Share]) -> Vec<Arm> {
        let routes = self.router.routes.iter().zip(shares).enumerate();
        let arm = |(index, (route, share)): (usize, (&Route, &Share))| {
            // The owner of a router that names lanes has no rings.
            let lanes = drivers_of(self.router).filter(|by| self.router.lanes.is_empty() || matches!(by, By::Lane(_)));
            let before = self.gather(index, lanes.filter_map(|lane| alone(self.router, route, lane)));
            let then = match share {
                Share::Emission => Then::Emit,
                Share::Steps { .. } => Then::Share,
            };
            Arm { route: index, before, then, paced: None }
        };
        routes.map(arm).collect()
    }

    /// Gathers messages for one of these services.
    fn gather(&self, route: usize, services: impl IntoIterator<Item = usize>) -> Before {
        let slot = |service| self.slots.iter().position(|slot| slot.route == route && slot.service == service);
        Before::Gather(services.into_iter().filter_map(slot).collect())
    }

    fn drivers(&self) -> Vec<Driver> {
        let by = drivers_of(self.router).filter(|_| !self.router.lanes.is_empty());
        by.map(|by| self.driver(by)).collect()
    }

    fn driver(&self, by: By) -> Driver {
        let router = self.router;
        let lane = match by {
            By::All => None,
            By::Lane(lane) => Some(lane),
        };
        let is_here = |service: usize| lane.is_none_or(|lane| router.lane_of(service) == Some(lane));
        let gathers = |slot: &Slot| gathering(router, slot.route, by).contains(&slot.service);
        let shares = |route: &Route| here(router, route, by).next().is_some();
        Driver {
            lane,
            runs: (0..router.services.len()).map(|service| is_here(service) && !router.is_task(service)).collect(),
            inputs: router.inputs.iter().map(|input| lane.is_none_or(|lane| input.lane == lane)).collect(),
            edges: router.edges().map(|edge| is_here(edge.service)).collect(),
            room: router.edges().filter(|edge| is_here(edge.service)).map(|edge| edge.room).sum(),
            gathers: self.slots.iter().map(gathers).collect(),
            shares: router.routes.iter().map(shares).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use crate::router::lowered;

    #[test]
    fn a_default_given_on_one_route_does_not_contradict_the_other() {
        let program = lowered(quote!(
            name: X, services: { j: J }, routes: { A => [j via task(8, low_latency)], B => [j via task(8)] }
        ));
        assert!(program.contains("send to the task of j"), "{program}");
    }

    #[test]
    fn a_message_without_room_is_lost_only_for_its_receiver() {
        let program = lowered(quote!(
            name: X, services: { a: A, b: B }, routes: { M => [a via local(1), b] }, on_error: stop
        ));
        assert!(program.contains("that is an error\n    call b\n"), "{program}");
    }

    #[test]
    fn the_program_grows_by_a_line_for_each_receiver() {
        let lines = |services: usize| {
            let fields = (0..services).map(|index| quote::format_ident!("s{index}"));
            let messages = (0..services).map(|index| quote::format_ident!("M{index}"));
            let receivers = fields.clone();
            let fields = quote!(#(#fields: S),*);
            let routes = quote!(#(#messages => [#receivers]),*);
            lowered(quote!(name: X, services: { #fields }, routes: { #routes })).lines().count()
        };
        assert_eq!(lines(40) - lines(20), lines(60) - lines(40));
    }
}
