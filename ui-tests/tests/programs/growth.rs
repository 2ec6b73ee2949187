//! What a router of many services and messages, and types of many variants, cost the compiler: with its limits as they are.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use crate::compiler::Compiler;

const SERVICES: usize = 10;
const MESSAGES: usize = 200;

/// The messages and types of all tests here, built once.
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| {
    let contract = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth.yaml");
    fs::write(&contract, types() + &messages()).unwrap();
    Compiler::new("growth", &contract, &["default"])
});

#[test]
fn two_hundred_messages_may_each_go_to_all_of_ten_services() {
    assert_eq!(COMPILER.errors("all_to_all", &program()), Vec::<String>::new());
}

/// More than rustc's limit of recursion.
#[test]
fn a_router_on_lanes_may_have_two_hundred_services() {
    assert_eq!(COMPILER.errors("row_on_lanes", &row(MESSAGES)), Vec::<String>::new());
}

/// A oneof, and enums whose values are consecutive, close together and far apart. Not all of them are declared in order.
#[test]
fn types_may_have_thousands_of_variants() {
    let program = "
        use messages::*;
        const _: () = assert!(matches!(Run::V8.name().as_bytes(), b\"V8\") && Run::ALL.len() == 5_000);
        const _: () = assert!(matches!(Open(24).name(), Some(name) if matches!(name.as_bytes(), b\"V8\")));
        const _: () = assert!(Open(25).name().is_none() && matches!(Far::V8.name().as_bytes(), b\"V8\"));
        pub fn parse(run: u16, close: u16, far: i64) -> Option<(Run, Close, Far)> {
            Some((run.try_into().ok()?, close.try_into().ok()?, far.try_into().ok()?))
        }";
    assert_eq!(COMPILER.errors("variants", program), Vec::<String>::new());
}

fn types() -> String {
    let variants = |count: usize, value: &dyn Fn(usize) -> String| {
        (0..count).map(|index| format!("      V{index}: {}\n", value(index))).collect::<String>()
    };
    let run = variants(5_000, &|index| index.to_string());
    let close = variants(2_000, &|index| (3 * (1_999 - index)).to_string());
    let far = variants(2_000, &|index| (i64::MIN + (index as i64) * 1_000_000).to_string());
    let open = variants(5_000, &|index| (3 * index).to_string());
    let oneof = variants(500, &|_| "{ at: u64, size: u32, is_open: bool }".to_owned());
    format!(
        "types:
  Run:
    enum: u16
    variants:
{run}
  Close:
    enum: u16
    variants:
{close}
  Far:
    enum: i64
    variants:
{far}
  Open:
    enum: u16
    open: true
    variants:
{open}
  Shape:
    oneof:
{oneof}
messages:
  M: {{ id: 1000, doc: One., fields: {{ shape: Shape, run: Run, close: Close, far: Far, open: Open }} }}
"
    )
}

fn messages() -> String {
    (1..=MESSAGES).fold(String::new(), |mut yaml, message| {
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

/// A started router of this number of services on two lanes, each of which emits to the next.
fn row(services: usize) -> String {
    let joined = |text: &dyn Fn(usize) -> String| (1..=services).map(text).collect::<String>();
    let handlers = joined(&|service| {
        match service == services {
        true => format!("pub struct S{service}; #[service] impl S{service} {{ #[handle] fn on(&mut self, _: &M{service}) {{}} }}"),
        false => format!(
            "pub struct S{service}; #[service] impl S{service} {{ #[handle] fn on(&mut self, _: &M{service}, cx: &mut impl Emit<M{next}>) {{
                cx.emit(&M{next}::default());
            }} }}",
            next = service + 1
        ),
    }
    });
    let fields = joined(&|service| format!("s{service}: S{service},"));
    let routes = joined(&|service| format!("M{service} => [s{service}],"));
    let half = |from: usize, to: usize| (from..=to).map(|service| format!("s{service},")).collect::<String>();
    let (one, other) = (half(1, services / 2), half(services / 2 + 1, services));
    let made = joined(&|service| format!("s{service}: S{service},"));
    format!(
        "use messages::*; use mycelium_rt::{{Emit, routing_config, service}}; {handlers}
         routing_config! {{
             name: pub Row, services: {{ {fields} }}, routes: {{ {routes} }},
             lanes: {{ one: thread [{one}], other: thread [{other}] }},
         }}
         fn is_send<T: Send>(_: &T) {{}}
         pub fn start() {{
             let running = Row::start(RowServices {{ {made} }}, &Default::default()).unwrap();
             is_send(&running);
         }}"
    )
}
