//! How systems start, and what happens if they can't.

use std::sync::{Arc, Mutex};

use mycelium_rt::lane::StartError;
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

use crate::support::DEADLINE;

type Notes = Arc<Mutex<Vec<String>>>;

/// Records when it starts and ends, and may fail to start.
struct Hooked {
    name: &'static str,
    notes: Notes,
    refuses: bool,
}

#[service]
impl Hooked {
    fn startup(&mut self) -> Result<(), String> {
        self.note("up");
        if self.refuses { Err("no licence".to_owned()) } else { Ok(()) }
    }

    #[handle]
    fn on_bar(&mut self, _: &Bar) {}

    fn shutdown(&mut self) {
        self.note("down");
    }
}

impl Hooked {
    fn new(name: &'static str, notes: &Notes) -> Self {
        Self { name, notes: Arc::clone(notes), refuses: false }
    }

    fn note(&self, what: &str) {
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        self.notes.lock().unwrap().push(format!("{} {what} on {}", self.name, thread.contains("two")));
    }
}

routing_config! {
    name: Hooks,
    services: { a: Hooked, b: Hooked, c: Hooked },
    routes: { Bar => [a, b, c] },
    lanes: { two: thread [b], one: thread [a, c] },
}

fn hooks(notes: &Notes) -> HooksServices {
    HooksServices { a: Hooked::new("a", notes), b: Hooked::new("b", notes), c: Hooked::new("c", notes) }
}

#[test]
fn hooks_run_on_their_lanes_in_declared_order_and_back() {
    let notes = Notes::default();
    let running = Hooks::start(hooks(&notes), &Config::new()).unwrap();
    assert!(running.is_running());
    running.shutdown(DEADLINE);
    let expected =
        ["a up on false", "b up on true", "c up on false", "c down on false", "b down on true", "a down on false"];
    assert_eq!(*notes.lock().unwrap(), expected);
}

#[test]
fn a_service_that_fails_to_start_undoes_the_start() {
    let notes = Notes::default();
    let mut services = hooks(&notes);
    services.c.refuses = true;
    let error = Hooks::start(services, &Config::new()).unwrap_err();
    assert!(matches!(&error, StartError::Startup { service: "c", .. }), "{error}");
    assert_eq!(error.to_string(), "service `c` did not start: no licence");
    let expected = ["a up on false", "b up on true", "c up on false", "b down on true", "a down on false"];
    assert_eq!(*notes.lock().unwrap(), expected);
}

routing_config! {
    name: HooksOfTasks,
    services: { a: Hooked, b: Hooked, c: Hooked },
    routes: { Bar => [a, b via task(8), c] },
    lanes: { two: thread [c], one: thread [a] },
}

fn hooks_of_tasks(notes: &Notes) -> HooksOfTasksServices {
    HooksOfTasksServices { a: Hooked::new("a", notes), b: Hooked::new("b", notes), c: Hooked::new("c", notes) }
}

/// Which hooks ran, wherever that was.
fn called(notes: &Notes) -> Vec<String> {
    let notes = notes.lock().unwrap();
    notes.iter().filter_map(|note| note.split(" on ").next()).map(str::to_owned).collect()
}

#[test]
fn a_service_behind_a_task_starts_and_ends_in_its_place_among_the_others() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let notes = Notes::default();
    let running = HooksOfTasks::start(hooks_of_tasks(&notes), &Config::new().tokio(runtime.handle().clone())).unwrap();
    assert_eq!(called(&notes), ["a up", "b up", "c up"]);
    running.shutdown(DEADLINE);
    assert_eq!(called(&notes), ["a up", "b up", "c up", "c down", "b down", "a down"]);
}

#[test]
fn a_service_behind_a_task_is_shut_down_if_another_one_fails_to_start() {
    // Nobody drives this runtime: a task that was spawned could not end.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let notes = Notes::default();
    let mut services = hooks_of_tasks(&notes);
    services.c.refuses = true;
    let error = HooksOfTasks::start(services, &Config::new().tokio(runtime.handle().clone())).unwrap_err();
    assert!(matches!(&error, StartError::Startup { service: "c", .. }), "{error}");
    assert_eq!(called(&notes), ["a up", "b up", "c up", "b down", "a down"]);
}

#[test]
fn a_service_behind_a_task_that_fails_to_start_undoes_the_start() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let notes = Notes::default();
    let mut services = hooks_of_tasks(&notes);
    services.b.refuses = true;
    let error = HooksOfTasks::start(services, &Config::new().tokio(runtime.handle().clone())).unwrap_err();
    assert!(matches!(&error, StartError::Startup { service: "b", .. }), "{error}");
    assert_eq!(called(&notes), ["a up", "b up", "a down"]);
}

#[test]
fn no_service_starts_if_one_behind_a_task_has_no_runtime() {
    let notes = Notes::default();
    let error = HooksOfTasks::start(hooks_of_tasks(&notes), &Config::new()).unwrap_err();
    assert!(error.to_string().contains("tokio"), "{error}");
    assert!(called(&notes).is_empty(), "{:?}", called(&notes));
}

/// Does nothing.
struct Idle;

#[service]
impl Idle {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::of(signal.value));
    }
}

routing_config! {
    name: FarCore,
    services: { idle: Idle },
    routes: { Signal => [idle] },
    ignore: [Fill],
    lanes: { far: pinned(core = 1023) [idle] },
}

#[test]
fn an_error_about_a_core_names_those_that_are_allowed() {
    let error = FarCore::start(FarCoreServices { idle: Idle }, &Config::new()).unwrap_err();
    assert!(matches!(error, StartError::Core { lane: "far", core: 1023, .. }), "{error}");
}

routing_config! {
    name: Restarting,
    services: { idle: Idle },
    routes: { Signal => [idle] },
    ignore: [Fill],
    lanes: { main: thread(on_panic = restart) [idle] },
}

#[test]
fn a_restart_needs_a_factory() {
    let error = Restarting::start(RestartingServices { idle: Idle }, &Config::new()).unwrap_err();
    assert!(matches!(error, StartError::NoFactory { lane: "main" }), "{error}");
    let running = Restarting::start_with(|| RestartingServices { idle: Idle }, &Config::new()).unwrap();
    assert!(running.shutdown(DEADLINE).left.is_empty());
}

#[test]
fn ignored_messages_can_be_sent_and_go_nowhere() {
    let running = Restarting::start_with(|| RestartingServices { idle: Idle }, &Config::new()).unwrap();
    running.sender::<Fill>().send(&Fill::of(1)).unwrap();
    running.shutdown(DEADLINE);
}

routing_config! {
    name: Linked,
    services: { idle: Idle },
    routes: { Signal => [idle], Fill => [desk via unix("/nowhere/desk.sock")] },
    lanes: { main: thread [idle] },
}

#[test]
fn an_address_for_an_unknown_link_is_an_error_at_start() {
    let config = Config::new().address("disk", "/tmp/disk.sock");
    let error = Linked::start(LinkedServices { idle: Idle }, &config).unwrap_err();
    assert!(error.to_string().contains("unknown link `disk`; links are: desk"), "{error}");
}
