//! A program that needs a feature of the runtime that is off gets one error, which names the feature.

use std::path::Path;
use std::sync::LazyLock;

use crate::compiler::Compiler;

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
         `mycelium-rt = {{ …, features = [\\\"{feature}\\\"] }}`"
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
    let sections = "routes: { Bar => [strategy, risk via local(4)], Signal => [risk] }";
    assert_eq!(errors_with(&BARE, "direct", sections), Vec::<String>::new());
}

#[test]
fn queues_lanes_and_links_need_their_features() {
    for (name, sections, what, feature) in [
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
fn a_service_with_run_needs_the_feature_bus() {
    let program = "
        use mycelium_rt::bus::ServiceContext;
        pub struct Runs;
        #[mycelium_rt::service]
        impl Runs { pub async fn run(&mut self, cx: &ServiceContext) { let _ = cx; } }
    ";
    let found = COMPILER.errors("run", program);
    assert!(found.len() == 1 && found[0].contains("mycelium_rt::bus"), "{found:?}");
}
