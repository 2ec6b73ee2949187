//! The compiled programs: a router `Desk` of services `S0`, `S1` and so on, over messages `M1`, `M2` and so on.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A router, and what a program does with it.
#[derive(Default)]
pub(super) struct Router {
    pub(super) services: Vec<Service>,
    /// How many lanes the services are spread over; with zero, there is no section `lanes`.
    pub(super) lanes: usize,
    /// Whether the program starts it, or only calls it.
    pub(super) started: bool,
}

/// The handlers of a service.
pub(super) type Service = Vec<Handler>;

/// What a handler receives and emits, by the numbers of messages.
pub(super) struct Handler {
    message: usize,
    emitted: Vec<usize>,
}

/// Services of two handlers each, the first of which emits to the next service and to the fifth after it, or to the last.
pub(super) fn row(count: usize) -> Vec<Service> {
    let emitted = |service: usize| {
        let last = count - 1;
        let next = (service < last).then_some(2 * (service + 1) + 1);
        let far = (service < last).then_some(2 * (service + 5).min(last) + 2);
        next.into_iter().chain(far).collect()
    };
    let service = |it| vec![Handler { message: 2 * it + 1, emitted: emitted(it) }, only(2 * it + 2)];
    (0..count).map(service).collect()
}

/// Services that each handle all messages.
pub(super) fn all_to_all(messages: usize, services: usize) -> Vec<Service> {
    (0..services).map(|_| (1..=messages).map(only).collect()).collect()
}

/// Services that each handle a share of the messages.
pub(super) fn spread(messages: usize, services: usize) -> Vec<Service> {
    (1..=services.min(messages)).map(|first| (first..=messages).step_by(services).map(only).collect()).collect()
}

fn only(message: usize) -> Handler {
    Handler { message, emitted: Vec::new() }
}

impl Router {
    pub(super) fn text(&self) -> String {
        let mut text = String::from("use messages::*;\nuse mycelium_rt::{Emit, routing_config, service};\n\n");
        for (number, service) in self.services.iter().enumerate() {
            let handlers: String = service.iter().map(Handler::text).collect();
            let _ = writeln!(text, "#[derive(Default)]\npub struct S{number} {{\n    x: u64,\n}}\n");
            let _ = writeln!(text, "#[service]\nimpl S{number} {{\n{handlers}}}\n");
        }
        text + &self.configuration() + &self.main()
    }

    fn configuration(&self) -> String {
        let services = self.each(|it| format!("s{it}: S{it}, "));
        let routes: String =
            self.routes().iter().map(|(message, to)| format!("        M{message} => [{}],\n", names(to))).collect();
        let lanes = self.spread_over_lanes();
        let lanes: String =
            lanes.iter().enumerate().map(|(it, on)| format!("        l{it}: thread [{}],\n", names(on))).collect();
        let lanes = if lanes.is_empty() { lanes } else { format!("    lanes: {{\n{lanes}    }},\n") };
        format!(
            "routing_config! {{\n    name: pub Desk,\n    services: {{ {services}}},\n    routes: {{\n{routes}    }},\n{lanes}}}\n\n"
        )
    }

    /// The services of each message: all that handle it.
    fn routes(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut routes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, service) in self.services.iter().enumerate() {
            service.iter().for_each(|handler| routes.entry(handler.message).or_default().push(number));
        }
        routes
    }

    /// Neighbours share a lane, and none is empty.
    fn spread_over_lanes(&self) -> Vec<Vec<usize>> {
        let count = self.services.len();
        let begin = |lane: usize| lane * count / self.lanes;
        let lanes = (0..self.lanes).map(|lane| (begin(lane)..begin(lane + 1)).collect());
        lanes.filter(|services: &Vec<usize>| !services.is_empty()).collect()
    }

    fn main(&self) -> String {
        let services = self.each(|it| format!("s{it}: S{it}::default(), "));
        let rest = if self.started { STARTED } else { UNSTARTED };
        format!(
            "fn assert_send<T: Send>(_: &T) {{}}\n\npub fn main() {{\n    let services = DeskServices {{ {services}}};\n    \
             assert_send(&services);\n{rest}}}\n"
        )
    }

    fn each(&self, text: impl Fn(usize) -> String) -> String {
        (0..self.services.len()).map(text).collect()
    }
}

const STARTED: &str = "    let running = Desk::start(services, &mycelium_rt::Config::default()).unwrap();
    assert_send(&running);
    running.sender().send(&M1::from(M1Fields { value: 7 })).unwrap();
    drop(running);
";

const UNSTARTED: &str = "    let mut desk = Desk::from(services);
    desk.route_m1(&M1::from(M1Fields { value: 7 }));
    assert_send(&desk);
    println!(\"{:?}\", desk.s0.x);
";

impl Handler {
    fn text(&self) -> String {
        let Self { message, emitted } = self;
        let traits: Vec<String> = emitted.iter().map(|it| format!("Emit<M{it}>")).collect();
        let context = match &*traits {
            [] => String::new(),
            [one] => format!(", cx: &mut impl {one}"),
            several => format!(", cx: &mut (impl {})", several.join(" + ")),
        };
        let emit = |(bit, it): (usize, &usize)| {
            let value = "m.value.wrapping_mul(3).wrapping_add(self.x)";
            format!(
                "        if m.value & {} != 0 {{\n            cx.emit(&M{it}::from(M{it}Fields {{ value: {value} }}));\n        }}\n",
                1 << bit
            )
        };
        let emits: String = emitted.iter().enumerate().map(emit).collect();
        format!(
            "    #[handle]\n    fn on_{message}(&mut self, m: &M{message}{context}) {{\n        \
             self.x = self.x.wrapping_add(m.value);\n{emits}    }}\n"
        )
    }
}

fn names(services: &[usize]) -> String {
    let names: Vec<String> = services.iter().map(|it| format!("s{it}")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(services: &[Service]) -> Vec<Vec<usize>> {
        services.iter().flatten().map(|handler| handler.emitted.clone()).collect()
    }

    #[test]
    fn a_service_in_a_row_emits_to_the_next_and_to_the_fifth_after_it_or_to_the_last() {
        let services = row(7);
        assert_eq!(emitted(&services[..2]), [vec![3, 12], vec![], vec![5, 14], vec![]]);
        assert_eq!(emitted(&services[5..]), [vec![13, 14], vec![], vec![], vec![]]);
    }

    #[test]
    fn each_message_goes_to_all_who_handle_it() {
        let routes = |services| Router { services, lanes: 0, started: false }.routes();
        assert_eq!(routes(row(2)), BTreeMap::from([(1, vec![0]), (2, vec![0]), (3, vec![1]), (4, vec![1])]));
        assert_eq!(routes(all_to_all(2, 3)), BTreeMap::from([(1, vec![0, 1, 2]), (2, vec![0, 1, 2])]));
        assert_eq!(routes(spread(3, 2)), BTreeMap::from([(1, vec![0]), (2, vec![1]), (3, vec![0])]));
    }

    #[test]
    fn lanes_share_the_services_evenly_and_none_is_empty() {
        let lanes = |services, lanes| Router { services: row(services), lanes, started: true }.spread_over_lanes();
        assert_eq!(lanes(5, 2), [vec![0, 1], vec![2, 3, 4]]);
        assert_eq!(lanes(2, 12), [vec![0], vec![1]]);
        assert!(lanes(5, 0).is_empty());
    }

    #[test]
    fn lanes_are_named_only_where_there_are_some() {
        let text = |lanes| Router { services: row(2), lanes, started: true }.text();
        assert!(text(2).contains("        l0: thread [s0],\n        l1: thread [s1],\n"), "{}", text(2));
        assert!(!text(0).contains("lanes"), "{}", text(0));
    }
}
