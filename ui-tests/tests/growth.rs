//! What a router of many services and messages costs the compiler.

#[path = "half_typed/compiler.rs"]
mod compiler;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use compiler::Compiler;

const SERVICES: usize = 10;
const MESSAGES: usize = 200;

#[test]
#[ignore = "fault 25"]
fn two_hundred_messages_may_each_go_to_all_of_ten_services() {
    let contract = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth.yaml");
    fs::write(&contract, messages()).unwrap();
    let compiler = Compiler::new("growth", &contract, &[]);
    assert_eq!(compiler.errors("all_to_all", &program()), Vec::<String>::new());
}

fn messages() -> String {
    (1..=MESSAGES).fold("messages:\n".to_owned(), |mut yaml, message| {
        writeln!(
            yaml,
            "  M{message}: {{ id: {message}, doc: One., fields: {{ value: {{ type: u64, doc: A value. }} }} }}"
        )
        .unwrap();
        yaml
    })
}

/// Each message goes to all services.
fn program() -> String {
    let joined = |text: &dyn Fn(usize) -> String| (1..=MESSAGES).map(text).collect::<String>();
    let handlers = joined(&|message| format!("#[handle] fn on_{message}(&mut self, _: &M{message}) {{}}"));
    let services = (1..=SERVICES).fold(String::new(), |mut services, service| {
        writeln!(services, "pub struct S{service}; #[service] impl S{service} {{ {handlers} }}").unwrap();
        services
    });
    let fields = (1..=SERVICES).map(|service| format!("s{service}: S{service},")).collect::<String>();
    let receivers = (1..=SERVICES).map(|service| format!("s{service},")).collect::<String>();
    let routes = joined(&|message| format!("M{message} => [{receivers}],"));
    format!(
        "use messages::*; use mycelium_rt::{{routing_config, service}}; {services}
         routing_config! {{ name: pub Desk, services: {{ {fields} }}, routes: {{ {routes} }} }}"
    )
}
