use std::time::Duration;

use super::*;
use crate::MessageInfo;

#[test]
fn texts_are_escaped() {
    assert_eq!(Json("a\"b\\c\n\u{7f}é").to_string(), r#""a\"b\\c\u000a\u007fé""#);
}

#[test]
fn each_part_is_a_line() {
    struct Desk;
    const BAR: MessageRef = MessageRef { id: 1, name: "Bar" };
    const FILL: MessageRef = MessageRef { id: 2, name: "Fill" };
    const INFO: MessageInfo =
        MessageInfo { id: 1, name: "Bar", topic: "", version: 1, min_compatible: 1, layouts: &[(1, 8, 0)] };
    impl Routes for Desk {
        const NAME: &'static str = "Desk";
        const SERVICES: &'static [ServiceInfo] = &[ServiceInfo::new(
            "maker",
            "Maker<'\"'>",
            &[Handled { message: BAR, info: INFO, batch: false, emits: &[FILL, BAR] }],
            &[Source { method: "poll", weight: 1, emits: &[BAR] }],
            &[Timer { method: "tick", period: Duration::from_millis(2), emits: &[] }],
        )];
        const INPUTS: &'static [InputInfo] = &[
            InputInfo::new("feed", "unix", "/run/feed", &[BAR]),
            InputInfo::new("other", "tcp", "[::1]:8", &[]).on("hot"),
        ];
        const ROUTES: &'static [RouteInfo] = &[
            RouteInfo::new(BAR, "maker", RoutePath::Direct),
            RouteInfo::new(BAR, "maker", RoutePath::Local(4)),
            RouteInfo::new(FILL, "desk", RoutePath::Link { transport: "tcp", address: "[::1]:7" }),
        ];
    }
    let expected = r#"{"router":"Desk"}
{"service":"maker","type":"Maker<'\"'>","handles":[{"message":"Bar","id":1,"emits":[{"message":"Fill","id":2},{"message":"Bar","id":1}]}],"sources":[{"method":"poll","emits":[{"message":"Bar","id":1}]}],"timers":[{"method":"tick","every_ns":2000000,"emits":[]}]}
{"input":"feed","transport":"unix","address":"/run/feed","messages":[{"message":"Bar","id":1}]}
{"input":"other","transport":"tcp","address":"[::1]:8","messages":[],"lane":"hot"}
{"route":"Bar","id":1,"to":"maker","path":"direct"}
{"route":"Bar","id":1,"to":"maker","path":"local","room":4}
{"route":"Fill","id":2,"to":"desk","path":"tcp","address":"[::1]:7"}
"#;
    assert_eq!(routes_text::<Desk>(), expected);
}
