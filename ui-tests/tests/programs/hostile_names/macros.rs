//! Services and routers in which everything has hostile names, in modules where these names mean something else as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::names::{ident, skeleton};
use super::program::Program;

/// How many services a router has; no two of them have names that are one in another case.
const SERVICES: usize = 12;

/// Each of the `names` that Rust takes, in all places.
pub(crate) fn add_to(program: &mut Program, names: &BTreeSet<String>) {
    // What begins by `__` is refused, which has a case among the mistakes; and clippy wants letters in what its user writes.
    let is_usable = |name: &&String| {
        let has_letters = name.contains(|letter: char| letter.is_ascii_alphabetic());
        !name.starts_with("__") && has_letters && ident(name).is_some()
    };
    let names: Vec<&String> = names.iter().filter(is_usable).collect();
    program.module("surroundings", &surroundings(&names));
    for (at, group) in groups(&names).iter().enumerate() {
        let group: Vec<Name> = group.iter().map(|name| Name::new(name)).collect();
        program.contract(&format!("of_group_{at}"), &contract(&group));
        program.module(&format!("services_{at}"), &services(at, &group));
        program.module(&format!("routers_{at}"), &routers(at, &group));
    }
}

/// A name, as it is and as Rust writes it.
struct Name {
    plain: String,
    ident: String,
}

impl Name {
    fn new(name: &str) -> Self {
        Self { plain: name.to_owned(), ident: ident(name).unwrap() }
    }

    /// A message can't have all names.
    fn message(&self, number: usize) -> String {
        format!("Of{number}_{}", self.plain)
    }
}

fn groups(names: &[&String]) -> Vec<Vec<String>> {
    let mut nth: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        let count = seen.entry(skeleton(name)).or_default();
        nth.entry(*count).or_default().push((*name).clone());
        *count += 1;
    }
    nth.into_values().flat_map(|group| group.chunks(SERVICES).map(<[String]>::to_vec).collect::<Vec<_>>()).collect()
}

/// Every name as a unit struct: a type, and a value that a pattern of this name would match instead of binding it.
fn surroundings(names: &[&String]) -> String {
    let mut code = String::from(
        "//! What these names also mean.\n#![allow(nonstandard_style, clippy::wrong_self_convention, clippy::new_ret_no_self)]\n",
    );
    for name in names {
        let name = ident(name).unwrap();
        let _ = match name.as_str() {
            "core" | "std" | "alloc" | "mycelium_rt" => writeln!(code, "#[doc = \"Hostile.\"] pub mod {name} {{}}"),
            _ => writeln!(code, "#[doc = \"Hostile.\"] pub struct {name};"),
        };
    }
    code
}

fn contract(group: &[Name]) -> String {
    let mut yaml = String::from("messages:\n");
    for (at, name) in group.iter().enumerate() {
        let _ = writeln!(yaml, "  {:?}: {{ id: {at}, fields: {{ a: u32 }} }}", name.message(at));
    }
    yaml
}

/// A service for each name, which is also that of its handler, of what that takes, and of what it emits to.
fn services(at: usize, group: &[Name]) -> String {
    let mut code = format!(
        "//! Services.\n#![no_implicit_prelude]\n#![allow(nonstandard_style, clippy::wrong_self_convention, clippy::new_ret_no_self)]\nuse super::of_group_{at} as messages_of_this;\n"
    );
    for (number, name) in group.iter().enumerate() {
        let (here, message) = (&name.ident, name.message(number));
        let next = group.get(number + 1);
        let (parameter, emits) = next.map_or((String::from("_"), String::from("::mycelium_rt::Clock")), |next| {
            (next.ident.clone(), format!("::mycelium_rt::Emit<super::messages_of_this::{}>", next.message(number + 1)))
        });
        let uses = next.map_or_else(String::new, |next| format!("let _ = &{};", next.ident));
        // A parameter can't have the name of a unit struct in scope. So only the first module imports `surroundings`; in the second, the
        // name is a type that is no value.
        let _ = write!(
            code,
            "#[doc = \"Hostile.\"] pub mod service_{number} {{
                #[allow(unused_imports)] use super::super::surroundings::*;
                #[doc = \"Hostile.\"] #[derive(::core::default::Default)] pub struct ServiceOfThis;
                #[::mycelium_rt::service]
                impl ServiceOfThis {{
                    #[handle]
                    fn {here}(&mut self, _: &super::messages_of_this::{message}, _: &mut impl {emits}) {{}}
                }}
            }}
            #[doc = \"Hostile.\"] pub mod named_{number} {{
                #[doc = \"Hostile.\"] #[derive(::core::default::Default)] pub struct {here} {{}}
                #[::mycelium_rt::service]
                impl {here} {{
                    #[handle]
                    async fn {here}(&mut self, {here}: &super::messages_of_this::{message}, {parameter}: &mut impl {emits}) -> ::core::result::Result<(), &'static ::core::primitive::str> {{
                        let _ = &{here}; {uses} ::core::result::Result::Ok(())
                    }}
                    #[every(\"1s\")]
                    fn timer_of_this(&mut self, {here}: &mut impl ::mycelium_rt::Clock) {{ let _ = &{here}; }}
                    #[source]
                    fn source_of_this(&mut self, {here}: &mut impl ::mycelium_rt::Clock) -> ::mycelium_rt::SourceState {{ let _ = &{here}; ::mycelium_rt::SourceState::Finished }}
                }}
            }}
            "
        );
    }
    code
}

/// With a prelude, which their attribute `#[diagnostic::…]` comes from. The names of `surroundings` hide the rest of the prelude.
///
/// Of every two groups one has routers that call directly and through links, the other has routers that queue.
fn routers(at: usize, group: &[Name]) -> String {
    let mut code = String::from(
        "//! Routers.\n#![allow(nonstandard_style, clippy::wrong_self_convention, clippy::new_ret_no_self)]\n#[allow(unused_imports)] use super::surroundings::*;\n\
         /// A hook.\npub fn hook_of_this(_: &::mycelium_rt::HandlerFailure<'_>) {}\n",
    );
    let list = |part: &dyn Fn(usize, &Name) -> String, names: &[Name]| {
        names.iter().enumerate().map(|(number, name)| part(number, name)).collect::<Vec<_>>().join(", ")
    };
    let service =
        |number: usize, name: &Name| format!("{}: super::services_{at}::service_{number}::ServiceOfThis", name.ident);
    let direct = |number: usize, name: &Name| {
        format!("super::of_group_{at}::{} as {} => [{}]", name.message(number), name.ident, name.ident)
    };
    let waiting = |number: usize, name: &Name| {
        format!("super::of_group_{at}::{} => [{} via local(4)]", name.message(number), name.ident)
    };
    for (router, route, error) in [
        ("RouterOfThis", &direct as &dyn Fn(usize, &Name) -> String, "continue"),
        ("WaitingOfThis", &waiting, "propagate(hook = hook_of_this)"),
        ("StoppingOfThis", &waiting, "stop"),
    ]
    .into_iter()
    .filter(|(router, ..)| (*router == "RouterOfThis") == at.is_multiple_of(2))
    {
        let _ = writeln!(
            code,
            "::mycelium_rt::routing_config! {{ name: pub {router}, services: {{ {} }}, routes: {{ {} }}, on_error: {error} }}",
            list(&service, group),
            list(route, group)
        );
    }
    // With links and inputs, whose names are written in small letters.
    let (held, ends) = group.split_at(group.len() / 2);
    if held.is_empty() || !at.is_multiple_of(2) {
        return code;
    }
    let is_end = |name: &&Name| !name.plain.chars().any(char::is_uppercase);
    let ends: Vec<&Name> = ends.iter().filter(is_end).collect();
    let (links, inputs) = ends.split_at(ends.len() / 2);
    let mut routes = Vec::new();
    for (number, name) in held.iter().enumerate() {
        let link =
            links.get(number).map_or_else(String::new, |link| format!(", {} via tcp(\"127.0.0.1:7000\")", link.ident));
        let path = ["", " via queue(8)", " via task(8)"][number % 3];
        let name = (&name.ident, name.message(number));
        routes.push(format!("super::of_group_{at}::{} => [{}{path}{link}]", name.1, name.0));
    }
    let input =
        |input: &&Name| format!("{}: unix(\"/run/x\") [super::of_group_{at}::{}]", input.ident, held[0].message(0));
    let services = held.iter().enumerate().map(|(number, name)| {
        let module = if number % 3 == 2 {
            format!("named_{number}::{}", name.ident)
        } else {
            format!("service_{number}::ServiceOfThis")
        };
        format!("{}: super::services_{at}::{module}", name.ident)
    });
    let services = services.collect::<Vec<_>>().join(", ");
    let lanes = held.iter().enumerate().filter(|(number, _)| number % 3 != 2);
    let lanes =
        lanes.map(|(_, name)| format!("{}: thread [{}]", name.ident, name.ident)).collect::<Vec<_>>().join(", ");
    // What the last of them emits.
    let next = group[held.len()].message(held.len());
    let (inputs, routes) = (inputs.iter().map(input).collect::<Vec<_>>().join(", "), routes.join(", "));
    let _ = writeln!(
        code,
        "::mycelium_rt::routing_config! {{ name: pub OpenedOfThis, services: {{ {services} }}, inputs: {{ {inputs} }}, routes: {{ {routes} }}, lanes: {{ {lanes} }}, ignore: [super::of_group_{at}::{next}], on_error: propagate }}"
    );
    code
}
