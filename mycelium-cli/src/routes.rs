//! The routers that a program prints with `mycelium_rt::routing::print_routes`: JSON, one line for each part.

use std::path::Path;

use serde_json::{Deserializer, Value};

use super::output::{self, Result, failure};

/// One router of a program.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Router {
    pub(super) name: String,
    pub(super) services: Vec<Service>,
    pub(super) inputs: Vec<Input>,
    pub(super) routes: Vec<Route>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) handles: Vec<String>,
    /// By handlers, sources and timers, each once.
    pub(super) emits: Vec<String>,
    /// The lane, if the program names it.
    pub(super) lane: Option<String>,
}

/// An input, from which messages arrive.
#[derive(Debug, PartialEq)]
pub(super) struct Input {
    pub(super) name: String,
    /// Such as `unix("/run/feed.sock")`.
    pub(super) address: String,
    pub(super) messages: Vec<String>,
    pub(super) lane: Option<String>,
}

/// One receiver of one message.
#[derive(Debug, PartialEq)]
pub(super) struct Route {
    pub(super) message: String,
    pub(super) to: String,
    /// Such as `direct`, `local(16)` or `unix("/run/audit.sock")`.
    pub(super) path: String,
    /// Whether it leaves the process.
    pub(super) is_link: bool,
}

impl Router {
    /// The services that emit a message.
    pub(super) fn emitters<'a>(&'a self, message: &'a str) -> impl Iterator<Item = &'a Service> {
        self.services.iter().filter(move |service| service.emits.iter().any(|emitted| emitted == message))
    }

    /// The inputs that receive a message.
    pub(super) fn sources<'a>(&'a self, message: &'a str) -> impl Iterator<Item = &'a Input> {
        self.inputs.iter().filter(move |input| input.messages.iter().any(|known| known == message))
    }
}

/// Reads the routers from a file, or from standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<Router>> {
    let bytes = if path == Path::new("-") { output::stdin()? } else { output::read(path)? };
    let routers = parse(&bytes).map_err(|error| failure(format_args!("`{}`: {error}", path.display())))?;
    match routers.is_empty() {
        true => Err(failure(format_args!(
            "`{}` contains no router; a program prints its routers with `mycelium_rt::routing::print_routes`",
            path.display()
        ))),
        false => Ok(routers),
    }
}

fn parse(bytes: &[u8]) -> std::result::Result<Vec<Router>, String> {
    let mut routers: Vec<Router> = Vec::new();
    for (at, value) in Deserializer::from_slice(bytes).into_iter::<Value>().enumerate() {
        let value = value.map_err(|error| format!("it is not JSON: {error}"))?;
        if let Some(name) = value.get("router").and_then(Value::as_str) {
            routers.push(Router { name: name.to_owned(), ..Router::default() });
            continue;
        }
        let known = routers.last_mut().and_then(|router| part(router, &value));
        known.ok_or_else(|| {
            format!(
                "part {} is not part of a router: {}",
                at + 1,
                mycelium_codegen::internal::text::shorten(&value.to_string())
            )
        })?;
    }
    Ok(routers)
}

/// Adds a service, an input or a route; `None` for anything else.
fn part(router: &mut Router, value: &Value) -> Option<()> {
    if value.get("service").is_some() {
        router.services.push(service(value)?);
    } else if value.get("input").is_some() {
        router.inputs.push(Input {
            name: text(value, "input")?,
            address: format!("{}({})", text(value, "transport")?, value.get("address")?),
            messages: names(value.get("messages")?)?,
            lane: text(value, "lane"),
        });
    } else {
        router.routes.push(route(value)?);
    }
    Some(())
}

fn service(value: &Value) -> Option<Service> {
    let handles = value.get("handles")?;
    let mut emits = Vec::new();
    for key in ["handles", "sources", "timers"] {
        for emitter in value.get(key).and_then(Value::as_array).into_iter().flatten() {
            emits.extend(names(emitter.get("emits")?)?);
        }
    }
    let mut seen = Vec::new();
    emits.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    let (name, ty, lane) = (text(value, "service")?, text(value, "type")?, text(value, "lane"));
    Some(Service { name, ty, handles: names(handles)?, emits, lane })
}

fn route(value: &Value) -> Option<Route> {
    let path = text(value, "path")?;
    let (room, address) = (value.get("room"), value.get("address"));
    let shown = match room.or(address) {
        Some(inside) => format!("{path}({inside})"),
        None => path,
    };
    Some(Route { message: text(value, "route")?, to: text(value, "to")?, path: shown, is_link: address.is_some() })
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// The names in a list of messages.
fn names(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|item| text(item, "message")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_router_is_refused() {
        for (text, why) in [
            ("{", "it is not JSON"),
            (r#"{"service":"a"}"#, "part 1 is not part of a router"),
            (r#"{"router":"A"} {"route":"Bar"}"#, "part 2 is not part of a router"),
            (r#"{"router":"A"} 7"#, "part 2 is not part of a router"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
        assert_eq!(parse(b""), Ok(Vec::new()));
    }
}
