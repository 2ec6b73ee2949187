//! The forms that a service can have.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::marker::PhantomData;

use mycelium_rt::routing::Clock;
use mycelium_rt::testing::Recorder;
use mycelium_rt::{Emit, Message, TimestampNs, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Heartbeat, Signal};

trait Venue {
    const FEE: u64;
}

#[derive(Default)]
struct Paper;

impl Venue for Paper {
    const FEE: u64 = 3;
}

#[derive(Default)]
struct Execution<V> {
    venue: PhantomData<V>,
    seen: Vec<u64>,
}

#[service]
impl<V: Venue + Default> Execution<V>
where
    V: Default,
{
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        self.seen.push(signal.value);
        cx.emit(&Fill::of(signal.value + V::FEE));
    }
}

struct Window<T, const N: usize> {
    values: [T; N],
    next: usize,
}

#[service]
impl<T: Copy + From<u8> + Debug, const N: usize> Window<T, N> {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        self.values[self.next % N] = T::from(u8::try_from(bar.value).unwrap_or(u8::MAX));
        self.next += 1;
        if self.next.is_multiple_of(N) {
            cx.emit(&Signal::of(N as u64));
        }
    }
}

/// Borrows, and has a message for a parameter.
struct Counts<'a, M> {
    names: BTreeMap<&'a str, u64>,
    last: Option<M>,
}

#[service]
impl<M: Message> Counts<'_, M> {
    #[handle]
    fn on_message<'m>(&'m mut self, message: &'m M) {
        *self.names.entry(M::NAME).or_default() += 1;
        self.last = Some(*message);
    }
}

routing_config! {
    /// Documented by its user.
    name: #[derive(Debug)] Generic,
    services: {
        /// The window.
        window: Window<u32, 2>,
        execution: Execution<Paper>,
        counts: Counts<'static, Fill>,
    },
    routes: { Bar => [window], Signal => [execution], Fill => [counts] },
}

impl Debug for Window<u32, 2> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.values)
    }
}

impl Debug for Execution<Paper> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.seen, self.venue)
    }
}

impl Debug for Counts<'static, Fill> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.names, self.last)
    }
}

#[test]
fn generic_services_are_routed_like_others() {
    let window = Window { values: [0; 2], next: 0 };
    let counts = Counts { names: BTreeMap::new(), last: None };
    let mut router = Generic::new(window, Execution::default(), counts);
    router.route_bar(&Bar::of(5));
    router.route_bar(&Bar::of(6));
    assert_eq!(router.window.values, [5, 6]);
    assert_eq!(router.counts.last, Some(Fill::of(5)));
    assert!(format!("{router:?}").contains("[5, 6]"));
}

/// Every form of return and of context in one service.
#[derive(Default)]
struct Forms {
    calls: Vec<&'static str>,
    started: TimestampNs,
}

type Shorthand = Result<(), fmt_error::Failure>;

mod fmt_error {
    #[derive(Debug)]
    pub(crate) struct Failure;

    impl std::fmt::Display for Failure {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("failed")
        }
    }
}

#[service]
impl Forms {
    fn note(&mut self, call: &'static str) {
        self.calls.push(call);
    }

    #[handle]
    fn on_bar(&mut self, _bar: &Bar) {
        self.note("bar");
    }

    #[handle]
    fn on_signals(&mut self, signals: &[Signal], cx: &mut (impl Emit<Fill> + Clock)) -> io::Result<()> {
        self.note("signals");
        self.started = cx.now();
        for signal in signals {
            cx.emit(&Fill::of(signal.value));
        }
        Err(io::Error::other("closed"))
    }

    #[handle]
    #[inline(never)]
    fn on_fill(&self, _fill: &Fill) -> Shorthand {
        if self.calls.is_empty() { Err(fmt_error::Failure) } else { Ok(()) }
    }

    #[handle]
    #[cfg(any())]
    fn on_something_else(&mut self, _: &Unknown) {}

    #[handle]
    #[allow(clippy::unused_unit)]
    fn on_breach(&mut self, _: &Breach, cx: &mut impl Clock) -> () {
        self.started = cx.now();
        self.note("breach");
    }
}

routing_config! {
    name: AllForms,
    services: { forms: Forms, sink: Forms },
    routes: { Bar => [forms, sink], Signal => [forms], Fill => [sink], Breach => [forms, sink] },
    ignore: [Heartbeat, forms: [Fill], sink: [Signal]],
}

#[test]
fn every_form_of_handler_is_called() {
    let mut router = AllForms::new(Forms::default(), Forms::default());
    router.route_bar(&Bar::of(1));
    router.route_signal(&Signal::of(2));
    router.route_breach(&Breach::of(3));
    assert_eq!(router.forms.calls, ["bar", "signals", "breach"]);
    assert_eq!(router.sink.calls, ["bar", "breach"]);
    assert!(router.forms.started.0 > 1_500_000_000_000_000_000, "the system's clock is past the year 2017");
    let errors: Vec<_> = router.stats().services.iter().map(|stats| stats.handler_errors).collect();
    assert_eq!(errors, [1, 0]);
}

#[test]
fn an_ignored_message_goes_nowhere() {
    fn beat(router: &mut impl mycelium_rt::Route<Heartbeat, Output = ()>) {
        router.route(&Heartbeat::of(1));
    }
    let mut router = AllForms::new(Forms::default(), Forms::default());
    beat(&mut router);
    assert_eq!((router.forms.calls.len(), router.sink.calls.len()), (0, 0));
}

#[test]
fn several_instances_of_one_type_are_separate() {
    let services = AllFormsServices { forms: Forms::default(), sink: Forms::default() };
    let mut router = AllForms::from(services);
    router.route_signal(&Signal::of(2));
    let AllFormsServices { forms, sink } = router.into();
    assert_eq!((forms.calls.len(), sink.calls.len()), (1, 0));
}

#[test]
fn a_service_is_tested_alone_with_a_recorder() {
    let mut forms = Forms::default();
    let mut cx = Recorder::new();
    cx.set_now(TimestampNs(42));
    assert!(forms.on_signals(&[Signal::of(1), Signal::of(2)], &mut cx).is_err());
    assert_eq!(cx.of::<Fill>(), [Fill::of(1), Fill::of(2)]);
    assert_eq!(forms.started, TimestampNs(42));
}
