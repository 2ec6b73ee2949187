//! `#[source]`, `#[every]`, and the hooks of a service, called as a lane calls them.

use std::time::Duration;

use mycelium_rt::routing::{Driven, Service};
use mycelium_rt::testing::Recorder;
use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

/// A service with all that a lane drives; what is left out by a condition doesn't shift what follows.
#[derive(Default)]
struct Feed {
    left: u64,
    ticks: u64,
    open: bool,
}

#[service]
impl Feed {
    fn startup(&mut self) -> Result<(), &'static str> {
        if self.left == 0 {
            return Err("nothing to read");
        }
        self.open = true;
        Ok(())
    }

    #[source]
    #[cfg(any())]
    fn never(&mut self) -> SourceState {
        SourceState::Finished
    }

    #[source]
    // By the name that `SourceState` had, which is still promised.
    fn bars(&mut self, cx: &mut impl Emit<Bar>) -> mycelium_rt::Poll {
        let Some(left) = self.left.checked_sub(1) else { return SourceState::Finished };
        cx.emit(&Bar::of(self.left));
        self.left = left;
        SourceState::Ready
    }

    #[source]
    fn broken(&mut self) -> Result<SourceState, &'static str> {
        Err("out of order")
    }

    #[every("250ms")]
    fn tick(&mut self, cx: &mut impl Emit<Signal>) {
        self.ticks += 1;
        cx.emit(&Signal::of(self.ticks));
    }

    #[every("2s")]
    fn tock(&mut self) -> Result<(), String> {
        Err(format!("{} ticks", self.ticks))
    }

    #[handle]
    fn on_fill(&mut self, _: &Fill) {}

    fn shutdown(&mut self) {
        self.open = false;
    }
}

/// Has a guard, whose name says nothing to the macro.
#[derive(Default)]
struct Guarded {
    open: bool,
    calls: u64,
}

#[service]
impl Guarded {
    #[source(when = open_now, weight = 2)]
    fn next(&mut self) -> SourceState {
        self.calls += 1;
        SourceState::Ready
    }

    fn open_now(&self) -> bool {
        self.open
    }
}

#[test]
fn a_source_is_idle_while_its_guard_says_so() {
    assert_eq!(<Guarded as Service>::SOURCES[0].weight, 2);
    let (mut guarded, mut cx) = (Guarded::default(), Recorder::new());
    assert_eq!(guarded.poll_source(0, &mut cx), SourceState::Idle);
    guarded.open = true;
    assert_eq!(guarded.poll_source(0, &mut cx), SourceState::Ready);
    assert_eq!(guarded.calls, 1, "a source whose guard says no is not called");
}

#[test]
fn a_source_says_what_comes_next() {
    let (mut feed, mut recorder) = (Feed { left: 2, ..Feed::default() }, Recorder::new());
    let polls = [0; 3].map(|index| feed.poll_source(index, &mut recorder));
    assert_eq!(polls, [SourceState::Ready, SourceState::Ready, SourceState::Finished]);
    assert_eq!(recorder.of::<Bar>().len(), 2);
}

#[test]
fn a_source_that_fails_is_reported_by_its_name_and_has_nothing_now() {
    let (mut feed, mut recorder) = (Feed::default(), Recorder::new());
    assert_eq!(feed.poll_source(1, &mut recorder), SourceState::Idle);
    assert_eq!(recorder.failures(), [("broken", "out of order".to_owned())]);
}

#[test]
fn timers_are_known_by_their_order() {
    let (mut feed, mut recorder) = (Feed::default(), Recorder::new());
    feed.fire(0, &mut recorder);
    feed.fire(0, &mut recorder);
    feed.fire(1, &mut recorder);
    assert_eq!(recorder.of::<Signal>().len(), 2);
    assert_eq!(recorder.failures(), [("tock", "2 ticks".to_owned())]);
    let periods: Vec<_> = Feed::TIMERS.iter().map(|timer| (timer.method, timer.period)).collect();
    assert_eq!(periods, [("tick", Duration::from_millis(250)), ("tock", Duration::from_secs(2))]);
}

#[test]
fn what_sources_and_timers_emit_is_known_at_compile_time() {
    const SOURCES: &[&str] = &[Feed::SOURCES[0].emits[0].name, Feed::SOURCES[1].method];
    assert_eq!(SOURCES, ["Bar", "broken"]);
    assert_eq!(Feed::SOURCES.len(), 2, "a source that `cfg` removes is not listed");
    assert_eq!(Feed::TIMERS[0].emits[0].name, "Signal");
}

#[test]
fn an_index_of_no_source_is_one_that_has_finished() {
    let (mut feed, mut recorder) = (Feed::default(), Recorder::new());
    assert_eq!(feed.poll_source(9, &mut recorder), SourceState::Finished);
    feed.fire(9, &mut recorder);
    assert_eq!(feed.ticks, 0);
}

#[test]
fn hooks_are_found_by_their_names() {
    let mut feed = Feed::default();
    assert_eq!(Service::startup(&mut feed).unwrap_err().to_string(), "nothing to read");
    feed.left = 1;
    assert_eq!(Service::startup(&mut feed), Ok(()));
    assert!(feed.open);
    assert_eq!(Service::shutdown(&mut feed), Ok(()));
    assert!(!feed.open);
}
