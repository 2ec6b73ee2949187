//! Routers in modules whose names could clash with generated ones.

use mycelium_ui_tests::market::{Bar, Signal};

/// Everything that an expansion might name is something else here.
#[allow(non_camel_case_types, dead_code, clippy::items_after_statements)]
mod shadows {
    use mycelium_rt::{Emit, routing_config, service};

    use super::{Bar, Signal};

    struct Option;
    struct Result;
    struct Vec;
    struct Default;
    struct From;
    struct Clone;
    struct Copy;
    struct Debug;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Self_;
    struct AfterStrategy;
    struct Entry;
    struct Route;
    struct Handle;
    fn fail() {}
    fn drain() {}
    mod core {}
    mod std {}

    pub(super) struct Strategy(pub(super) u64);

    #[service]
    impl Strategy {
        #[handle]
        fn message(&mut self, cx: &Bar, message: &mut impl Emit<Signal>) {
            self.0 += cx.value;
            message.emit(&Signal::of(1));
        }
    }

    pub(super) struct AfterSink(pub(super) u64);

    #[service]
    impl AfterSink {
        #[handle]
        fn handle(&mut self, signal: &Signal) -> ::core::result::Result<(), ::std::string::String> {
            self.0 += signal.value;
            ::core::result::Result::Err("no".into())
        }
    }

    routing_config! {
        name: pub(super) Shadowed,
        services: { strategy: Strategy, message: AfterSink, sink: AfterSink, r#type: AfterSink, core: AfterSink, first: AfterSink },
        routes: { Bar => [strategy], Signal => [message, r#type, core via local(1), first via local(2), sink via local(1)] },
        on_error: propagate,
    }
}

#[test]
fn shadowed_names_do_no_harm() {
    let sink = || shadows::AfterSink(0);
    let mut router = shadows::Shadowed::new(shadows::Strategy(0), sink(), sink(), sink(), sink(), sink());
    let error = router.route_bar(&Bar::of(3)).unwrap_err();
    assert_eq!((error.service, error.text.as_str()), ("message", "no"));
    assert_eq!((router.strategy.0, router.message.0, router.r#type.0), (3, 1, 0));
}

#[test]
fn a_router_may_live_in_a_function_with_types_of_its_own() {
    use mycelium_rt::{routing_config, service};

    struct Local(u64);

    #[service]
    impl Local {
        #[handle]
        fn on_bar(&mut self, bar: &Bar) {
            self.0 += bar.value;
        }
    }

    routing_config! { name: InFunction, routes: { Bar => [Local] } }
    routing_config! { name: Another, services: { one: Local, two: Local }, routes: { Bar => [one, two via local(1)] } }

    let mut router = InFunction::new(Local(0));
    router.route_bar(&Bar::of(2));
    assert_eq!(router.local.0, 2);
    let mut router = Another::new(Local(0), Local(0));
    router.route_bar(&Bar::of(2));
    assert_eq!((router.one.0, router.two.0), (2, 2));
}

mod nested {
    mod inner {
        mycelium_rt::routing_config! {
            name: #[must_use] pub(in super::super) Nested,
            on_error: stop,
            routes: { super::super::Bar => [super::Deep,], },
        }
    }
    pub(super) use inner::Nested;

    pub(super) struct Deep(pub(super) u64);

    #[mycelium_rt::service]
    impl Deep {
        #[handle]
        fn on_bar(&mut self, bar: &super::Bar) {
            self.0 += bar.value;
        }
    }
}

#[test]
fn messages_and_services_are_named_by_path() {
    let mut router = nested::Nested::new(nested::Deep(0));
    router.route_bar(&Bar::of(9));
    assert_eq!(router.deep.0, 9);
}
