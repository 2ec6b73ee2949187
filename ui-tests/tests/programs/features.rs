//! A program that needs a feature of the runtime that is off gets one error, which names the feature.

use std::path::Path;
use std::sync::LazyLock;

use crate::compiler::{Compiler, cargo};

/// The compiler with a runtime that has its default features.
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| compiler("default-features", &["default"]));

/// The compiler with a runtime that has no features.
static BARE: LazyLock<Compiler> = LazyLock::new(|| compiler("without-features", &[]));

fn compiler(name: &str, features: &[&str]) -> Compiler {
    let contract = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/market.yaml"));
    Compiler::new(name, contract, features)
}

const SERVICES: &str = "
    use messages::{Bar, Signal};
    use mycelium_rt::{Emit, routing_config, service};
    pub struct Strategy;
    #[service]
    impl Strategy {
        #[handle]
        fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) { cx.emit(&Signal::default()); }
    }
    pub struct Risk;
    #[service]
    impl Risk {
        #[handle]
        fn on_signal(&mut self, _: &Signal) {}
        #[handle]
        fn on_bar(&mut self, _: &Bar) {}
    }
";

/// The first lines of the errors in a router of a strategy and a risk.
fn errors(name: &str, sections: &str) -> Vec<String> {
    errors_with(&COMPILER, name, sections)
}

fn errors_with(compiler: &Compiler, name: &str, sections: &str) -> Vec<String> {
    let services = "services: { strategy: Strategy, risk: Risk }";
    let program = format!("{SERVICES} routing_config! {{ name: pub Desk, {services}, {sections} }}");
    compiler.errors(name, &program)
}

/// The first two lines of the error that `what` needs `feature`.
fn needs(what: &str, feature: &str) -> String {
    format!(
        "error: {what} needs the feature `{feature}` of `mycelium-rt`        help: turn it on in `Cargo.toml`: \
         `mycelium-rt = {{ …, features = [\"{feature}\"] }}`"
    )
}

#[test]
fn a_router_that_needs_no_feature_has_no_errors() {
    let sections =
        "routes: { Bar => [strategy, risk via queue(4)], Signal => [risk] }, lanes: { one: thread [strategy, risk] }";
    assert_eq!(errors("sound", sections), Vec::<String>::new());
}

#[test]
fn direct_and_local_routes_need_no_feature() {
    let sections = "routes: { Bar => [strategy, risk throttle(\"1s\") via local(4)], Signal => [risk] }";
    assert_eq!(errors_with(&BARE, "direct", sections), Vec::<String>::new());
}

#[test]
fn queues_lanes_and_links_need_their_features() {
    for (name, sections, what, feature) in [
        ("sample", "routes: { Bar => [strategy, risk sample(\"1s\")], Signal => [risk] }", "`sample`", "lanes"),
        ("debounce", "routes: { Bar => [strategy, risk debounce(\"1s\")], Signal => [risk] }", "`debounce`", "lanes"),
        ("queue", "routes: { Bar => [strategy, risk via queue(4)], Signal => [risk] }", "`queue`", "lanes"),
        (
            "lanes",
            "routes: { Bar => [strategy, risk], Signal => [risk] }, lanes: { one: thread [strategy, risk] }",
            "`lanes`",
            "lanes",
        ),
        (
            "tcp",
            "routes: { Bar => [strategy, risk], Signal => [risk, desk via tcp(\"127.0.0.1:7402\")] }",
            "`tcp`",
            "net",
        ),
        (
            "shm",
            "routes: { Bar => [strategy, risk], Signal => [risk] }, inputs: { feed: shm(\"/run/feed.sock\") [Bar] }",
            "`shm`",
            "shm",
        ),
    ] {
        assert_eq!(errors_with(&BARE, name, sections), [needs(what, feature)]);
    }
}

#[test]
fn each_feature_turns_on_what_it_implies_and_no_other() {
    for (feature, on) in [
        ("lanes", "lanes"),
        ("net", "lanes,net"),
        ("shm", "lanes,shm"),
        ("signals", "lanes,signals"),
        ("tls", "lanes,net,tls"),
        ("bus", "bus,lanes"),
        ("tokio", "bus,lanes,tokio"),
        ("default", "default,lanes,net,shm,signals"),
    ] {
        let output = cargo(Path::new(env!("CARGO_MANIFEST_DIR")))
            .args([
                "tree",
                "--offline",
                "--package=mycelium-rt",
                "--no-default-features",
                "--depth=0",
                "--edges=normal",
            ])
            .args(["--format={f}", "--features", feature])
            .output()
            .unwrap();
        let found = String::from_utf8_lossy(&output.stdout);
        assert_eq!(found.trim(), on, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_task_needs_tokio() {
    let sections = "routes: { Bar => [strategy, risk via task(4)], Signal => [risk via task(4)] }";
    assert_eq!(errors("task", sections), [needs("`task`", "tokio")]);
}

#[test]
fn a_lane_on_tokio_needs_it() {
    let sections = "routes: { Bar => [strategy, risk], Signal => [risk] }, lanes: { one: tokio [strategy, risk] }";
    assert_eq!(errors("lane", sections), [needs("a lane on `tokio`", "tokio")]);
}

#[test]
fn a_link_and_an_input_with_tls_need_it() {
    let sections = "
        routes: { Bar => [strategy, risk], Signal => [risk, desk via tcp(\"127.0.0.1:7402\", tls = true)] },
        inputs: { feed: tcp(\"127.0.0.1:7403\", tls = true) [Bar] }";
    assert_eq!(errors("tls", sections), [needs("`tls`", "tls")]);
}

#[test]
fn without_tls_a_link_may_say_that_it_has_none() {
    let sections = "
        routes: { Bar => [strategy, risk], Signal => [risk, desk via tcp(\"127.0.0.1:7402\", tls = false)] }";
    assert_eq!(errors("no_tls", sections), Vec::<String>::new());
}

#[test]
fn each_feature_is_named() {
    let sections = "routes: {
        Bar => [strategy, risk via task(4)], Signal => [risk via task(4), desk via tcp(\"127.0.0.1:7402\", tls = true)],
    }";
    assert_eq!(errors("both", sections), [needs("`task`", "tokio"), needs("`tls`", "tls")]);
}

#[test]
fn what_a_feature_adds_names_it_where_it_is_off() {
    let shm = if cfg!(target_os = "linux") { &[("shm::Channel", "shm")][..] } else { &[] };
    let lanes =
        ["Config", "lane::Running", "link::Counters", "ring::Polled", "wire::Hello"].map(|path| (path, "lanes"));
    names_features("without", &BARE, &[&lanes, shm].concat());
    names_features("by_default", &COMPILER, &[("task::TaskContext", "tokio"), ("bus::Bus", "bus")]);
}

/// Each of these paths has one error, which names its feature.
fn names_features(name: &str, compiler: &Compiler, paths: &[(&str, &str)]) {
    let program: String = paths.iter().map(|(path, _)| format!("use mycelium_rt::{path} as _;\n")).collect();
    let found = compiler.whole_errors(name, &program);
    assert_eq!(found.len(), paths.len(), "{found:?}");
    for (path, feature) in paths {
        let error = found.iter().find(|error| error.contains(&format!("use mycelium_rt::{path} as")));
        assert!(error.is_some_and(|error| error.contains(&gated(feature))), "{path}: {found:?}");
    }
}

/// What rustc says of a name that a feature adds.
fn gated(feature: &str) -> String {
    format!("the item is gated behind the `{feature}` feature")
}

#[test]
fn a_service_with_run_needs_the_feature_bus() {
    for (name, import, context) in [
        ("run", "use mycelium_rt::bus::ServiceContext;", "ServiceContext"),
        ("run_by_path", "", "mycelium_rt::bus::ServiceContext"),
    ] {
        let program = format!(
            "{import}
            pub struct Runs;
            #[mycelium_rt::service]
            impl Runs {{ pub async fn run(&mut self, cx: &{context}) {{ cx.subscribe::<u8>().unwrap(); }} }}"
        );
        let found = COMPILER.whole_errors(name, &program);
        assert!(found.len() == 1 && found[0].contains(&gated("bus")), "{found:?}");
    }
}

/// The first line of the error that a router lacks a method.
const LACKING: &str = "this method of `Desk` needs the feature `lanes` of `mycelium-rt`";

#[test]
fn a_router_is_started_only_with_lanes() {
    let router = "routing_config! {
        name: pub Desk, services: { strategy: Strategy, risk: Risk }, routes: { Bar => [strategy, risk], Signal => [risk] },
    }";
    let program = format!(
        "{SERVICES} {router}
        pub fn run(config: &str) -> Result<(), String> {{
            let running = Desk::start(DeskServices {{ strategy: Strategy, risk: Risk }}, config)?;
            running.sender().send(&Bar::default()).unwrap();
            Desk::start_with(|| DeskServices {{ strategy: Strategy, risk: Risk }}, config)?.join().unwrap();
            Ok(())
        }}"
    );
    let found = BARE.whole_errors("start", &program);
    let help = "turn it on in `Cargo.toml`: `mycelium-rt = { …, features = [\"lanes\"] }`";
    let is_it = |error: &String| error.starts_with(&format!("error[E0277]: {LACKING}")) && error.contains(help);
    assert!(found.len() == 2 && found.iter().all(is_it), "{found:?}");
}

#[test]
fn calls_of_a_router_whose_feature_is_off_name_it_as_well() {
    let program = format!(
        "{SERVICES} routing_config! {{
            name: pub Desk, services: {{ strategy: Strategy, risk: Risk }},
            routes: {{ Bar => [strategy, risk via queue(4)], Signal => [risk] }},
        }}
        pub fn run(config: &str) -> Result<(), String> {{
            let mut desk = Desk::open(DeskServices {{ strategy: Strategy, risk: Risk }}, config)?;
            while desk.poll() > 0 && desk.flush() {{}}
            desk.close(std::time::Duration::ZERO);
            Ok(())
        }}"
    );
    let found = BARE.errors("open", &program);
    assert!(found.len() == 2 && found[0] == needs("`queue`", "lanes") && found[1].contains(LACKING), "{found:?}");
}

const DRIVEN: &str = "
    pub struct Ticker;
    #[mycelium_rt::service]
    impl Ticker { #[every(\"1s\")] fn tick(&mut self) {} }
    pub struct Feed;
    #[mycelium_rt::service]
    impl Feed { #[source] fn next(&mut self) -> mycelium_rt::SourceState { mycelium_rt::SourceState::Finished } }
";

#[test]
fn a_crate_of_services_may_have_timers_and_sources_without_lanes() {
    assert_eq!(BARE.errors("driven", DRIVEN), Vec::<String>::new());
}

#[test]
fn a_router_whose_services_have_timers_or_sources_needs_lanes() {
    let routers: String = [("Ticking", "Ticker"), ("Fed", "Feed")]
        .iter()
        .map(|(name, service)| {
            format!(
                "routing_config! {{
                    name: pub {name}, services: {{ strategy: Strategy, risk: Risk, third: {service} }},
                    routes: {{ Bar => [strategy, risk], Signal => [risk] }},
                }}"
            )
        })
        .collect();
    let found = BARE.errors("driving", &format!("{SERVICES} {DRIVEN} {routers}"));
    let needs = |what: &str| {
        let text = format!("{what} of `third` needs the feature `lanes` of `mycelium-rt`: turn it on in `Cargo.toml`");
        found.iter().any(|error| error.contains(&text))
    };
    assert!(found.len() == 2 && needs("the timer `tick`") && needs("the source `next`"), "{found:?}");
}
