//! From a router that has been checked to what it does: every decision about its code falls here.

use super::check::text;
use super::ir::{Arm, Before, Deed, Emission, Errors, From, Intake, Names, Program, Share, Slot, Step, Then};
use super::link::OnFull;
use super::model::{Path, Receiver, Route, Router, To};
use super::paths;
use crate::names::plain;

/// What `router` does, which is all of `whole` or one of its lanes.
pub(super) fn lower(whole: &Router, router: &Router) -> Program {
    let forced = paths::forced(router);
    let lowering = Lowering { router, backs: router.backs(), numbers: numbers_copies(router), slots: slots(router) };
    let emissions = router.routes.iter().zip(forced);
    Program {
        name: plain(&router.name),
        names: names(whole, router),
        errors: Errors { propagates: router.propagates(), listens: router.listens() },
        emissions: emissions.map(|(route, inlined)| lowering.emission(route, inlined)).collect(),
        shares: router.routes.iter().map(|route| lowering.share(route)).collect(),
        intakes: lowering.intakes(),
        slots: lowering.slots,
    }
}

fn names(whole: &Router, router: &Router) -> Names {
    let services = |router: &Router| router.services.iter().map(|service| plain(&service.field)).collect();
    Names {
        services: services(router),
        links: router.links.iter().map(|link| plain(&link.name)).collect(),
        lanes: whole.lanes.iter().map(|lane| plain(&lane.name)).collect(),
        messages: router.routes.iter().map(|route| text(&route.message)).collect(),
        remotes: services(whole),
    }
}

/// Whether copies of one message may have to be taken back out of the queue.
fn numbers_copies(router: &Router) -> bool {
    router.stops() && router.routes.iter().any(|route| route.locals() > 1)
}

/// All slots: what arrives from outside for a service that is its only receiver, and what leaves a queue.
///
/// A message with other receivers beside is handed to each of them before the next one, so that nobody's order of calls
/// depends on how it arrived.
fn slots(router: &Router) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (index, route) in router.routes.iter().enumerate() {
        // On a lane, everything arrives: by a ring, at least from outside.
        let arrives = router.is_on_lane()
            || !router.tasks.is_empty()
            || router.inputs.iter().any(|input| input.routes.contains(&index));
        let alone = route.alone_here().filter(|service| arrives && route.queued_to(*service).is_none());
        let queued = router.queues.iter().map(|queue| queue.service).filter(|to| route.queued_to(*to).is_some());
        for service in alone.into_iter().chain(queued) {
            let receiver = route.receivers.iter().position(|receiver| receiver.service() == Some(service));
            slots.extend(receiver.map(|receiver| Slot { route: index, service, receiver }));
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
            steps: self.steps(route, |_| true, Self::emitted),
            goes_back: route.direct().any(|service| self.backs.contains(&service)),
            answered_by: route.only_direct().map(|(_, service)| service),
        }
    }

    fn is_numbered(&self, route: &Route) -> bool {
        self.numbers && route.locals() > 0
    }

    /// A step for each of these receivers, of which an error may end those after it.
    fn steps(
        &self,
        route: &Route,
        takes_part: impl Fn(&Receiver) -> bool,
        deed: impl Fn(&Self, &Route, &Receiver) -> Deed,
    ) -> Vec<Step> {
        let receivers = route.receivers.iter().enumerate().filter(|(_, receiver)| takes_part(receiver));
        let step = |(index, receiver)| Step {
            deed: deed(self, route, receiver),
            attrs: receiver.attrs,
            stops: self.router.stops(),
            receiver: index,
        };
        let mut steps: Vec<Step> = receivers.map(step).collect();
        if let Some(last) = steps.last_mut() {
            last.stops = false;
        }
        // A message that finds no room in the router is lost for its receiver alone.
        for step in steps.iter_mut().filter(|step| matches!(step.deed, Deed::Wait { .. })) {
            step.stops = false;
        }
        steps
    }

    fn emitted(&self, route: &Route, receiver: &Receiver) -> Deed {
        let on_full = receiver.via.on_full;
        match (receiver.to, receiver.via.path) {
            (To::Service(_), Path::Local) => Deed::Wait {
                edge: self.edge(route, receiver),
                replaces: on_full == OnFull::DropOldest,
                fails: on_full == OnFull::Error,
            },
            (To::Service(service), Path::Queue) => Deed::Enqueue(service, on_full),
            (To::Service(service), Path::Task) => Deed::SendToTask(service),
            (To::Service(service), Path::Direct | Path::Link) => Deed::Call(service),
            (To::Link(link), _) => Deed::SendToLink(link),
            (To::Lane(lane), _) => Deed::PassOn(lane),
            (To::Remote(service), _) => Deed::EnqueueElsewhere(service, on_full),
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
        if route.here().next().is_none() {
            return Share::None;
        }
        let is_queue = |receiver: &Receiver| receiver.by(Path::Queue).is_some();
        if self.router.part.is_none() && !route.receivers.iter().any(is_queue) {
            return Share::Emission;
        }
        let arrived = |lowering: &Self, route: &Route, receiver: &Receiver| match receiver.by(Path::Queue) {
            Some(service) => Deed::CallFromOutside(service),
            None => lowering.emitted(route, receiver),
        };
        let steps = self.steps(route, |receiver| !receiver.is_elsewhere(), arrived);
        Share::Steps { numbered: self.is_numbered(route), steps }
    }

    fn intakes(&self) -> Vec<Intake> {
        let router = self.router;
        let inputs = router.inputs.iter().enumerate().map(|(index, input)| Intake {
            from: From::Input(index),
            arms: input.routes.iter().map(|route| self.emitting(*route)).collect(),
        });
        let queues = router.queues.iter().enumerate().map(|(index, queue)| Intake {
            from: From::Queue(index),
            arms: self.calling(|receiver| receiver.by(Path::Queue) == Some(queue.service), true),
        });
        let tasks = (0..router.tasks.len()).map(|index| Intake {
            from: From::Task(index),
            arms: (0..router.routes.len()).map(|route| self.emitting(route)).collect(),
        });
        let backs = self.backs.iter().map(|service| Intake {
            from: From::Back(*service),
            arms: self.calling(|receiver| receiver.direct() == Some(*service), false),
        });
        let rings = router.is_on_lane().then(|| Intake { from: From::Rings, arms: self.arriving() });
        inputs.chain(queues).chain(tasks).chain(backs).chain(rings).collect()
    }

    fn emitting(&self, route: usize) -> Arm {
        let alone = self.router.routes[route].only_direct().map(|(_, service)| service);
        Arm { route, before: self.before(route, alone), then: Then::Emit }
    }

    fn calling(&self, is_receiver: impl Fn(&Receiver) -> bool, gathers: bool) -> Vec<Arm> {
        let arm = |(index, route): (usize, &Route)| {
            let receiver = route.receivers.iter().position(&is_receiver)?;
            let service = route.receivers[receiver].service()?;
            let before = if gathers { self.before(index, Some(service)) } else { Before::Nothing };
            Some(Arm { route: index, before, then: Then::Call { service, receiver } })
        };
        self.router.routes.iter().enumerate().filter_map(arm).collect()
    }

    fn arriving(&self) -> Vec<Arm> {
        let routes = self.router.routes.iter().enumerate();
        let arm = |(index, route): (usize, &Route)| {
            let before = self.before(index, route.alone_here());
            match self.share(route) {
                Share::None => None,
                Share::Emission => Some(Arm { route: index, before, then: Then::Emit }),
                Share::Steps { .. } => Some(Arm { route: index, before, then: Then::Share }),
            }
        };
        routes.filter_map(arm).collect()
    }

    fn before(&self, route: usize, service: Option<usize>) -> Before {
        let is_it = |slot: &Slot| slot.route == route && Some(slot.service) == service;
        self.slots.iter().position(is_it).map_or(Before::HandOver, Before::Gather)
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
