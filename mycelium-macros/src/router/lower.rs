//! From a router that has been checked to what it does: every decision about its code falls here.

use super::check::text;
use super::inlining;
use super::ir::{
    Action, Arm, Before, Driver, Emission, ErrorPolicy, Intake, Names, Origin, Program, Share, Slot, Step, Then,
};
use super::model::{Path, Receiver, Route, Router, To};
use super::options::values::OnFull;
use super::placement::home;
use crate::names::plain;

/// What `router` does.
pub(super) fn lower(router: &Router) -> Program {
    let forced = inlining::forced(router);
    let lowering = Lowering { router, backs: router.backs(), numbers: numbers_copies(router), slots: slots(router) };
    let emissions = router.routes.iter().zip(forced);
    let shares: Vec<Share> = router.routes.iter().map(|route| lowering.share(route)).collect();
    Program {
        name: plain(&router.name),
        startable: router.startable,
        names: names(router),
        errors: ErrorPolicy { propagates: router.propagates(), listens: router.listens() },
        emissions: emissions.map(|(route, inlined)| lowering.emission(route, inlined)).collect(),
        intakes: if router.startable { lowering.intakes(&shares) } else { Vec::new() },
        shares,
        drivers: lowering.drivers(),
        backs: lowering.backs,
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

/// Whether copies of one message may have to be taken back out of the queue.
fn numbers_copies(router: &Router) -> bool {
    router.stops() && router.routes.iter().any(|route| route.locals() > 1)
}

/// Who may drive a router.
#[derive(Clone, Copy)]
enum Who {
    /// Its owner, or its only lane.
    All,
    /// One of the lanes that it names.
    Lane(usize),
}

/// The receivers of a route that may be here. A link or a task may turn out to be on any lane.
fn here<'a>(router: &'a Router, route: &'a Route, who: Who) -> impl Iterator<Item = &'a Receiver> {
    route.receivers.iter().filter(move |receiver| match who {
        Who::All => true,
        Who::Lane(lane) => home(&router.lanes, receiver).is_none_or(|home| home == lane),
    })
}

/// The service that alone gets a message here, if there is one and it gets it directly or by its queue.
fn alone(router: &Router, route: &Route, who: Who) -> Option<usize> {
    let mut here = here(router, route, who);
    let only = here.next().filter(|_| here.next().is_none())?;
    only.direct().or_else(|| only.by(Path::Queue))
}

/// The services for which messages of a route may be gathered: what arrives from outside for a service that is its only receiver, and what
/// leaves a queue.
///
/// A message with other receivers beside is handed to each of them before the next one, so that nobody's order of calls
/// depends on how it arrived.
fn gathering(router: &Router, index: usize, who: Who) -> Vec<usize> {
    let route = &router.routes[index];
    // On a lane, everything arrives: by a ring, at least from outside.
    let is_on_lane = (router.startable && router.lanes.is_empty()) || matches!(who, Who::Lane(_));
    let arrives =
        is_on_lane || !router.tasks.is_empty() || router.inputs.iter().any(|input| input.routes.contains(&index));
    let alone = alone(router, route, who).filter(|service| arrives && route.queued_to(*service).is_none());
    let is_here = |service: &usize| match who {
        Who::All => true,
        Who::Lane(lane) => router.lane_of(*service) == Some(lane),
    };
    let queued = router.queues.iter().map(|queue| queue.service);
    let queued = queued.filter(|to| is_here(to) && route.queued_to(*to).is_some());
    alone.into_iter().chain(queued).collect()
}

fn who(router: &Router) -> impl Iterator<Item = Who> {
    std::iter::once(Who::All).chain((0..router.lanes.len()).map(Who::Lane))
}

/// All slots: those of whoever may drive the router.
fn slots(router: &Router) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (index, route) in router.routes.iter().enumerate() {
        for service in who(router).flat_map(|who| gathering(router, index, who)) {
            let receiver = route.receivers.iter().position(|receiver| receiver.service() == Some(service));
            let slot = receiver.map(|receiver| Slot { route: index, service, receiver });
            slots.extend(slot.filter(|slot| !slots.contains(slot)));
        }
    }
    slots
}

struct Lowering<'a> {
    router: &'a Router,
    backs: Vec<usize>,
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
            goes_back: route.direct().any(|service| self.backs.contains(&service)),
            answered_by: route.only_direct().map(|(_, service)| service),
        }
    }

    fn is_numbered(&self, route: &Route) -> bool {
        self.numbers && route.locals() > 0
    }

    /// A step for each receiver, and one for each lane, before the first receiver that lives there. A link or a task may turn out to be
    /// on any lane: behind it follow all that have had none.
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
            let home = home(&self.router.lanes, receiver);
            let action = (index, self.action(route, receiver));
            match home.filter(|_| receiver.by(Path::Queue).is_none()) {
                Some(home) => {
                    pass_on(home, &mut actions);
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

    /// These steps, of which an error may end those after it.
    fn steps(&self, route: &Route, actions: Vec<(usize, Action)>) -> Vec<Step> {
        let step = |(receiver, action): (usize, Action)| Step {
            action,
            attrs: route.receivers[receiver].attrs,
            stops: self.router.stops(),
            receiver,
        };
        let mut steps: Vec<Step> = actions.into_iter().map(step).collect();
        if let Some(last) = steps.last_mut() {
            last.stops = false;
        }
        // A message that finds no room in the router is lost for its receiver alone.
        for step in steps.iter_mut().filter(|step| matches!(step.action, Action::Wait { .. })) {
            step.stops = false;
        }
        steps
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

    /// The index of the `local` route that leads a message to a receiver.
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
        let backs = self.backs.iter().map(|service| Intake {
            from: Origin::Back(*service),
            arms: self.calling(|receiver| receiver.direct() == Some(*service), false),
        });
        let rings = Intake { from: Origin::Rings, arms: self.arriving(shares) };
        inputs.chain(queues).chain(tasks).chain(backs).chain([rings]).collect()
    }

    fn emitting(&self, route: usize) -> Arm {
        let alone = self.router.routes[route].only_direct().map(|(_, service)| service);
        Arm { route, before: self.gather(route, alone), then: Then::Emit }
    }

    fn calling(&self, is_receiver: impl Fn(&Receiver) -> bool, gathers: bool) -> Vec<Arm> {
        let arm = |(index, route): (usize, &Route)| {
            let receiver = route.receivers.iter().position(&is_receiver)?;
            let service = route.receivers[receiver].service()?;
            let before = if gathers { self.gather(index, [service]) } else { Before::Nothing };
            Some(Arm { route: index, before, then: Then::Call { service, receiver } })
        };
        self.router.routes.iter().enumerate().filter_map(arm).collect()
    }

    fn arriving(&self, shares: &[Share]) -> Vec<Arm> {
        let routes = self.router.routes.iter().zip(shares).enumerate();
        let arm = |(index, (route, share)): (usize, (&Route, &Share))| {
            // The owner of a router with lanes has no rings.
            let lanes = who(self.router).filter(|who| self.router.lanes.is_empty() || matches!(who, Who::Lane(_)));
            let before = self.gather(index, lanes.filter_map(|lane| alone(self.router, route, lane)));
            let then = match share {
                Share::Emission => Then::Emit,
                Share::Steps { .. } => Then::Share,
            };
            Arm { route: index, before, then }
        };
        routes.map(arm).collect()
    }

    /// Gathers messages for one of these services.
    fn gather(&self, route: usize, services: impl IntoIterator<Item = usize>) -> Before {
        let slot = |service| self.slots.iter().position(|slot| slot.route == route && slot.service == service);
        Before::Gather(services.into_iter().filter_map(slot).collect())
    }

    fn drivers(&self) -> Vec<Driver> {
        let who = who(self.router).filter(|_| !self.router.lanes.is_empty());
        who.map(|who| self.driver(who)).collect()
    }

    fn driver(&self, who: Who) -> Driver {
        let router = self.router;
        let lane = match who {
            Who::All => None,
            Who::Lane(lane) => Some(lane),
        };
        let is_here = |service: usize| lane.is_none_or(|lane| router.lane_of(service) == Some(lane));
        let gathers = |slot: &Slot| gathering(router, slot.route, who).contains(&slot.service);
        let shares = |route: &Route| here(router, route, who).next().is_some();
        Driver {
            lane,
            held: (0..router.services.len()).map(|service| is_here(service) && !router.is_task(service)).collect(),
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
    fn a_default_that_one_route_says_does_not_contradict_the_other() {
        let program = lowered(&quote!(
            [rt] name: X, services: { j: J }, routes: { A => [j via task(8, low_latency)], B => [j via task(8)] }
        ));
        assert!(program.contains("send to the task of j"), "{program}");
    }

    #[test]
    fn a_message_without_room_in_the_router_is_lost_for_its_receiver_alone() {
        let program = lowered(&quote!(
            [rt] name: X, services: { a: A, b: B }, routes: { M => [a via local(1), b] }, on_error: stop
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
            lowered(&quote!([rt] name: X, services: { #fields }, routes: { #routes })).lines().count()
        };
        assert_eq!(lines(40) - lines(20), lines(60) - lines(40));
    }
}
