//! Services that are being typed.

use super::{Case, check};

const PROGRAM: &str = r#"
use messages::{Bar, Breach, Fill, Signal};
use mycelium_rt::{Emit, routing_config, service};

#[derive(Default)]
pub struct Strategy {
    pub last: u64,
    pub count: Option<u64>,
}

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        self.last = bar.value;
        /*body*/
        cx.emit(&Signal::default());
    }

    /*item*/

    #[handle]
    fn on_fill(&mut self, fill: &Fill/*parameter*/) {
        self.last = fill.value;
    }

    /// Is not a handler.
    pub fn average(&self) -> u64/*returns*/ {
        self.last / 2
    }
}

#[derive(Default)]
pub struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) -> Result<(), String> {
        cx.emit(&Fill::default());
        if signal.value > 3 { Err(String::new()) } else { Ok(()) }
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {}
}

routing_config! {
    name: pub Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy], Signal => [risk], Fill => [strategy via local(4)], Breach => [risk] },
}

pub fn run() -> u64 {
    let mut desk = Desk::new(Strategy::default(), Risk);
    desk.route_bar(&Bar::default());
    desk.route_breach(&Breach::default());
    desk.strategy.average() + desk.strategy.last
}
"#;

/// In the body of a handler.
const fn body(now: &'static str, errors: usize) -> Case {
    Case { here: "/*body*/", now, errors }
}

/// Between two handlers.
const fn item(now: &'static str, errors: usize) -> Case {
    Case { here: "/*item*/", now, errors }
}

#[test]
fn a_mistake_in_a_body_is_the_compilers_own_error() {
    let cases = [
        body("bar.", 1),
        body("self.last.", 1),
        body("self.", 1),
        body("let = ;", 1),
        body("let x = ;", 1),
        body("let x = self.last as ;", 1),
        body("let x = 1 let y = 2;", 1),
        body("if self.last > 3", 1),
        body("match self.last {", 1),
        body("match self.last { 1 => }", 1),
        body("match self.last { 1 => {} 2 }", 2),
        body("for x in", 1),
        body("while", 1),
        body("cx.emit(&);", 1),
        body("cx.emit(&", 1),
        body("cx.emit(&Signal { value: });", 2),
        body("cx.emit(&Signal { value: 1, });", 1),
        body("cx.emit(&Signal {", 2),
        body("foo(", 1),
        body("self.last = ;", 1),
        body("self.last += ", 1),
        body("let f = |x| ;", 1),
        body("let x = \"text;", 1),
        body("let x = 'a;", 1),
        body("fn inner(", 1),
        body("fn inner", 2),
        body("bar.value.checked_add(1).map(|x|", 1),
        body("bar.value.checked_add(1).map(|x| );", 1),
        body("#[", 1),
        body("println!(\"{}\", );", 1),
        body("println!(", 1),
        body("}", 1),
        body("@", 1),
        body("bar..", 1),
        body("let Some(x) = self.count else ;", 1),
    ];
    check(PROGRAM, &cases);
}

#[test]
fn a_mistake_in_a_signature_or_between_items_loses_only_that_one() {
    let cases = [
        Case { here: "/*parameter*/", now: ", cx: ", errors: 2 },
        Case { here: "/*parameter*/", now: ", cx", errors: 2 },
        Case { here: "/*parameter*/", now: ", cx: &mut", errors: 2 },
        Case { here: "/*parameter*/", now: ", cx: &mut impl", errors: 2 },
        Case { here: "/*parameter*/", now: ", cx: &mut impl Emit", errors: 1 },
        Case { here: "/*parameter*/", now: ", cx: &mut impl Emit<", errors: 2 },
        Case { here: "/*parameter*/", now: ", cx: &mut impl Emit<>", errors: 1 },
        Case { here: "/*parameter*/", now: ",,", errors: 2 },
        Case { here: "/*parameter*/", now: ", ", errors: 0 },
        Case { here: "&mut self, fill: &Fill/*parameter*/", now: "&mut self, fill: &", errors: 3 },
        Case { here: "&mut self, fill: &Fill/*parameter*/", now: "&mut self, fill: ", errors: 3 },
        Case { here: "&mut self, fill: &Fill/*parameter*/", now: "&mut self, fill", errors: 3 },
        Case { here: "&mut self, fill: &Fill/*parameter*/", now: "&mut self", errors: 2 },
        Case { here: "&mut self, fill: &Fill/*parameter*/", now: "", errors: 3 },
        Case { here: "&mut self, fill: &Fill/*parameter*/", now: "&mut self fill: &Fill", errors: 3 },
        Case { here: "&mut self, fill: &Fill/*parameter*/", now: "&mut , fill: &Fill", errors: 2 },
        Case { here: "(&mut self, fill: &Fill/*parameter*/)", now: "", errors: 3 },
        Case { here: "(&mut self, fill: &Fill/*parameter*/)", now: "<(&mut self, fill: &Fill)", errors: 2 },
        Case { here: "(&mut self, fill: &Fill/*parameter*/)", now: "(&mut self, fill: &Fill) ->", errors: 2 },
        Case { here: "(&mut self, fill: &Fill/*parameter*/)", now: "(&mut self, fill: &Fill) -> Result<", errors: 2 },
        Case { here: "(&mut self, fill: &Fill/*parameter*/)", now: "(&mut self, fill: &Fill);", errors: 2 },
        Case { here: "fn on_fill", now: "fn ", errors: 2 },
        Case { here: "fn on_fill", now: "on_fill", errors: 3 },
        Case { here: "/*returns*/", now: " where", errors: 0 },
        Case { here: " -> u64/*returns*/", now: " -> ", errors: 3 },
        item("#[han]", 1),
        item("#[handle]", 1),
        item("#[]", 1),
        item("#[han", 1),
        item("#[every(\"1s\")]", 1),
        item("#[every(\"1s\")] fn tick(&mut self) { self. }", 2),
        item("#[every(\"1s\")] fn tick(&mut self, ) ", 1),
        item("#[every(\"1s\")] fn tick", 2),
        item("fn", 1),
        item("fn on_", 2),
        item("fn on_(", 1),
        item("fn on_()", 1),
        item("fn on_(&mut self", 1),
        item("fn on_(&mut self)", 1),
        item("fn on_(&mut self) {", 1),
        item("fn on_(&mut self) ->", 3),
        item("#[handle] fn", 1),
        item("#[handle] fn on_", 2),
        item("#[handle] fn on_()", 1),
        item("#[handle] fn on_()  {}", 2),
        item("#[handle] fn on_(&mut self) {}", 1),
        item("#[handle] fn on_(&mut self, breach: &Breach)", 2),
        item("pub", 2),
        item("pub fn", 1),
        item("async", 1),
        item("const", 1),
        item("const X", 2),
        item("const X: u8 = ;", 2),
        item("type X", 1),
        item("let x = 3;", 2),
        item("xyz", 2),
        item("xyz abc", 2),
        item(";", 1),
        item("@", 1),
        item("println!(\"x\");", 1),
        item("struct X;", 1),
        item("self.last = 3;", 2),
        Case { here: "impl Strategy", now: "impl", errors: 1 },
        Case { here: "impl Strategy", now: "impl<T Strategy", errors: 1 },
        Case { here: "impl Strategy", now: "impl Strategy where", errors: 0 },
        Case { here: "impl Strategy", now: "imp Strategy", errors: 1 },
        Case { here: "#[service]\nimpl Strategy", now: "#[service(]\nimpl Strategy", errors: 1 },
        Case { here: "#[service]\nimpl Strategy", now: "#[service(cra)]\nimpl Strategy", errors: 1 },
    ];
    check(PROGRAM, &cases);
}
