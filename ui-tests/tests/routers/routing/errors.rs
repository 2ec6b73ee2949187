//! What follows the error of a handler, under each policy.

use std::sync::Mutex;

use mycelium_rt::routing::ErrorText;
use mycelium_rt::{Emit, HandlerError, HandlerFailure, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

/// Emits a signal, then a fill; the order of calls is written to the log in each service.
#[derive(Default)]
struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Signal> + Emit<Fill>)) {
        cx.emit(&Signal::of(bar.value));
        cx.emit(&Fill::of(bar.value));
    }
}

/// Fails on every message that has one of these values.
#[derive(Default)]
struct Picky {
    refuses: Vec<u64>,
    taken: Vec<u64>,
}

impl Picky {
    fn refusing(refuses: &[u64]) -> Self {
        Self { refuses: refuses.to_vec(), taken: Vec::new() }
    }

    fn take(&mut self, value: u64) -> Result<(), String> {
        if self.refuses.contains(&value) {
            return Err(format!("{value} is refused"));
        }
        self.taken.push(value);
        Ok(())
    }
}

#[service]
impl Picky {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) -> Result<(), String> {
        self.take(signal.value)
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) -> Result<(), String> {
        self.take(fill.value + 100)
    }
}

macro_rules! router {
    ($name:ident, $($on_error:tt)*) => {
        routing_config! {
            name: $name,
            services: { strategy: Strategy, first: Picky, second: Picky },
            routes: { Bar => [strategy], Signal => [first, second], Fill => [first, second] },
            $($on_error)*
        }
    };
}

router!(Default_,);
router!(Continue, on_error: continue,);
router!(Stop, on_error: stop);
router!(Propagate, on_error: propagate);

#[test]
fn continue_is_the_default_and_goes_on_with_the_next_receiver() {
    let mut router = Default_::new(Strategy, Picky::refusing(&[1]), Picky::default());
    router.route_bar(&Bar::of(1));
    assert_eq!(router.first.taken, [101]);
    assert_eq!(router.second.taken, [1, 101]);

    let mut router = Continue::new(Strategy, Picky::refusing(&[1]), Picky::default());
    router.route_bar(&Bar::of(1));
    assert_eq!(router.second.taken, [1, 101]);
}

#[test]
fn errors_are_counted_by_service() {
    let mut router = Continue::new(Strategy, Picky::refusing(&[1, 101, 2]), Picky::refusing(&[102]));
    for value in 1..=3 {
        router.route_bar(&Bar::of(value));
    }
    let stats = router.stats();
    assert_eq!(stats.handler_errors, 4);
    let counted: Vec<_> = stats.services.iter().map(|stats| (stats.service, stats.handler_errors)).collect();
    assert_eq!(counted, [("strategy", 0), ("first", 3), ("second", 1)]);
    assert_eq!(stats.service("second").map(|stats| stats.handler_errors), Some(1));
    assert_eq!(stats.service("third"), None);
}

#[test]
fn stop_skips_the_remaining_receivers_of_that_message_only() {
    let mut router = Stop::new(Strategy, Picky::refusing(&[1]), Picky::default());
    router.route_bar(&Bar::of(1));
    assert_eq!(router.first.taken, [101], "the emitter goes on");
    assert_eq!(router.second.taken, [101], "the signal was kept from the second receiver, the fill was not");
    assert_eq!(router.stats().handler_errors, 1);
}

#[test]
fn propagate_returns_the_first_error_of_the_cascade() {
    let mut router = Propagate::new(Strategy, Picky::refusing(&[1, 101]), Picky::default());
    let error: HandlerError = router.route_bar(&Bar::of(1)).unwrap_err();
    assert_eq!((error.service, error.message), ("first", "Signal"));
    assert_eq!(error.text, "1 is refused");
    assert_eq!(error.to_string(), "`first` failed on `Signal`: 1 is refused");
    assert_eq!(router.second.taken, [0; 0], "propagate stops both messages, too");
    assert_eq!(router.stats().handler_errors, 2, "every error is counted, not just the first");
}

#[test]
fn an_error_is_returned_once() {
    let mut router = Propagate::new(Strategy, Picky::refusing(&[1]), Picky::default());
    assert!(router.route_bar(&Bar::of(1)).is_err());
    assert_eq!(router.route_bar(&Bar::of(2)), Ok(()));
    assert_eq!(router.route_signal(&Signal::of(3)), Ok(()));
    assert!(router.route_signal(&Signal::of(1)).is_err());
}

struct Wordy;

#[service]
impl Wordy {
    #[handle]
    fn on_bar(&mut self, _: &Bar) -> Result<(), String> {
        Err("ä".repeat(100))
    }
}

routing_config! { name: Words, routes: { Bar => [Wordy] }, on_error: propagate }

#[test]
fn a_long_error_is_cut_at_a_character() {
    let error = Words::new(Wordy).route_bar(&Bar::of(1)).unwrap_err();
    assert_eq!(error.text.len(), ErrorText::CAPACITY);
    assert_eq!(error.text.as_str(), "ä".repeat(60));
}

/// What the hooks below have seen, by router.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(router: &str, failure: &HandlerFailure<'_>) {
    let line = format!("{router}: {} {} {}", failure.service, failure.message, failure.error);
    SEEN.lock().unwrap().push(line);
}

fn seen(router: &str) -> Vec<String> {
    SEEN.lock().unwrap().iter().filter_map(|line| line.strip_prefix(router)).map(str::to_owned).collect()
}

mod hooks {
    use super::{HandlerFailure, note};

    pub(super) fn of_continue(failure: &HandlerFailure<'_>) {
        note("continue", failure);
    }

    pub(super) fn of_stop(failure: &HandlerFailure<'_>) {
        note("stop", failure);
    }

    pub(super) fn of_propagate(failure: &HandlerFailure<'_>) {
        note("propagate", failure);
    }
}

router!(HookedContinue, on_error: continue(hook = hooks::of_continue));
router!(HookedStop, on_error: stop(hook = hooks::of_stop,));
router!(HookedPropagate, on_error: propagate(hook = hooks::of_propagate));

#[test]
fn hooks_see_every_error_under_every_policy() {
    let bar = Bar::of(1);
    HookedContinue::new(Strategy, Picky::refusing(&[1, 101]), Picky::refusing(&[1])).route_bar(&bar);
    assert_eq!(
        seen("continue"),
        [": first Signal 1 is refused", ": second Signal 1 is refused", ": first Fill 101 is refused"]
    );
    HookedStop::new(Strategy, Picky::refusing(&[1, 101]), Picky::refusing(&[1])).route_bar(&bar);
    assert_eq!(seen("stop"), [": first Signal 1 is refused", ": first Fill 101 is refused"]);
    let result = HookedPropagate::new(Strategy, Picky::refusing(&[101]), Picky::refusing(&[1])).route_bar(&bar);
    assert_eq!(seen("propagate"), [": second Signal 1 is refused", ": first Fill 101 is refused"]);
    assert_eq!(result.unwrap_err().service, "second");
}

/// Sends what it sees back through the queue.
struct Echo;

#[service]
impl Echo {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Breach>) {
        for value in 0..bar.value {
            cx.emit(&Breach::of(value));
        }
    }
}

#[derive(Default)]
struct Refuses(Vec<u64>);

#[service]
impl Refuses {
    #[handle]
    fn on_breach(&mut self, breach: &Breach) -> Result<(), &'static str> {
        if breach.value.is_multiple_of(2) {
            return Err("even");
        }
        self.0.push(breach.value);
        Ok(())
    }
}

#[derive(Default)]
struct Notes(Vec<u64>);

#[service]
impl Notes {
    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.0.push(breach.value);
    }
}

macro_rules! queued {
    ($name:ident, $on_error:ident) => {
        routing_config! {
            name: $name,
            services: { refuses: Refuses, notes: Notes, echo: Echo },
            routes: { Bar => [echo], Breach => [refuses via local(8), notes via local(8)] },
            on_error: $on_error
        }
    };
}

queued!(QueuedContinue, continue);
queued!(QueuedStop, stop);
queued!(QueuedPropagate, propagate);

#[test]
fn stop_takes_a_failed_message_back_out_of_the_queue() {
    let mut router = QueuedContinue::new(Refuses::default(), Notes::default(), Echo);
    router.route_bar(&Bar::of(4));
    assert_eq!(router.notes.0, [0, 1, 2, 3]);

    let mut router = QueuedStop::new(Refuses::default(), Notes::default(), Echo);
    router.route_bar(&Bar::of(4));
    assert_eq!((router.refuses.0, router.notes.0), (vec![1, 3], vec![1, 3]));
}

#[test]
fn propagate_returns_an_error_from_the_drain() {
    let mut router = QueuedPropagate::new(Refuses::default(), Notes::default(), Echo);
    let error = router.route_bar(&Bar::of(4)).unwrap_err();
    assert_eq!((error.service, error.message, error.text.as_str()), ("refuses", "Breach", "even"));
    assert_eq!(router.notes.0, [1, 3], "the drain goes on with the other messages");
    assert_eq!(router.stats().handler_errors, 2);
}

#[test]
fn a_full_queue_is_an_error_that_propagates() {
    let mut router = QueuedPropagate::new(Refuses::default(), Notes::default(), Echo);
    let error = router.route_bar(&Bar::of(9)).unwrap_err();
    assert_eq!((error.service, error.message), ("refuses", "Breach"));
    assert_eq!(error.text, "`local(8)` is full, message lost");
    let stats = router.stats();
    assert_eq!((stats.local_lost, stats.handler_errors), (2, 4));
    assert_eq!(stats.local("Breach", "notes").map(|local| (local.capacity, local.lost)), Some((8, 1)));
}
