//! The description of a router that the command `mycelium` reads.

use super::{Handled, MessageRef, Source, Timer};
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

/// What a router is made of, known at compile time; written by [`routing_config!`](crate::routing_config).
///
/// Nothing reads it while messages are routed. [`print_routes`] prints it for the command `mycelium`, whose graphs and documents
/// therefore always agree with the program.
pub trait Routes {
    /// The router's name.
    const NAME: &'static str;
    /// Its services, in declared order.
    const SERVICES: &'static [ServiceInfo];
    /// Where messages come in, in declared order.
    const INPUTS: &'static [InputInfo];
    /// Who gets which message and how, in declared order.
    const ROUTES: &'static [RouteInfo];
}

/// A service of a router.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ServiceInfo {
    /// The name in the router.
    pub name: &'static str,
    /// Its type, as written in the router.
    pub ty: &'static str,
    /// What it handles, and what each handler emits.
    pub handled: &'static [Handled],
    /// Its `#[source]` methods.
    pub sources: &'static [Source],
    /// Its `#[every]` methods.
    pub timers: &'static [Timer],
    /// The lane that it runs on; `None` behind a task, and in a router without `lanes`.
    pub lane: Option<&'static str>,
}

impl ServiceInfo {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        ty: &'static str,
        handled: &'static [Handled],
        sources: &'static [Source],
        timers: &'static [Timer],
    ) -> Self {
        Self { name, ty, handled, sources, timers, lane: None }
    }

    /// The same service on this lane.
    #[doc(hidden)]
    #[must_use]
    pub const fn on(self, lane: &'static str) -> Self {
        Self { lane: Some(lane), ..self }
    }
}

/// Where messages come in from other processes.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InputInfo {
    /// The name in the router.
    pub name: &'static str,
    /// `shm`, `unix` or `tcp`.
    pub transport: &'static str,
    /// The address in the router; a deployment may have another one.
    pub address: &'static str,
    /// The messages that it accepts.
    pub messages: &'static [MessageRef],
    /// The lane that polls it; `None` in a router without `lanes`.
    pub lane: Option<&'static str>,
}

impl InputInfo {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        transport: &'static str,
        address: &'static str,
        messages: &'static [MessageRef],
    ) -> Self {
        Self { name, transport, address, messages, lane: None }
    }

    /// The same input on this lane.
    #[doc(hidden)]
    #[must_use]
    pub const fn on(self, lane: &'static str) -> Self {
        Self { lane: Some(lane), ..self }
    }
}

/// One receiver of one message.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RouteInfo {
    /// The message.
    pub message: MessageRef,
    /// The service or the link that gets it, as the router calls it.
    pub receiver: &'static str,
    /// How it gets there.
    pub path: RoutePath,
}

impl RouteInfo {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new(message: MessageRef, receiver: &'static str, path: RoutePath) -> Self {
        Self { message, receiver, path }
    }
}

/// How a message gets to its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoutePath {
    /// By an inlined call.
    Direct,
    /// Through the queue in the router; this many messages of this route may wait.
    Local(usize),
    /// Through the queue of the service, to whose capacity this route adds this many messages.
    Queue(usize),
    /// Through the queue of the task of the service, likewise.
    Task(usize),
    /// Out of the process.
    Link {
        /// `shm`, `unix` or `tcp`.
        transport: &'static str,
        /// The address in the router; a deployment may have another one.
        address: &'static str,
    },
}

/// Prints what the router `R` is made of to standard output: JSON, one line for each part.
///
/// A program offers this as an option, for `mycelium graph` and `mycelium docs`:
///
/// ```
/// # use contracts::Bar;
/// # use mycelium_rt::{routing_config, service};
/// # #[derive(Default)]
/// # struct Journal;
/// # #[service]
/// # impl Journal {
/// #     #[handle]
/// #     fn on_bar(&mut self, _: &Bar) {}
/// # }
/// routing_config! { name: Desk, services: { journal: Journal }, routes: { Bar => [journal] } }
///
/// # fn main() -> std::io::Result<()> {
/// if std::env::args().any(|argument| argument == "--routes") {
///     return mycelium_rt::routing::print_routes::<Desk>();
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If standard output can't be written.
pub fn print_routes<R: Routes>() -> io::Result<()> {
    io::stdout().lock().write_all(routes_text::<R>().as_bytes())
}

/// The text that [`print_routes`] prints: a line for the router, then one for each service, input and route.
///
/// ```text
/// {"router":"Desk"}
/// {"service":"journal","type":"Journal","handles":[{"message":"Bar","id":1001,"emits":[]}],"sources":[],"timers":[]}
/// {"route":"Bar","id":1001,"to":"journal","path":"direct"}
/// ```
pub fn routes_text<R: Routes>() -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_routes::<R>(&mut text);
    text
}

fn write_routes<R: Routes>(text: &mut String) -> fmt::Result {
    writeln!(text, r#"{{"router":{}}}"#, Json(R::NAME))?;
    for service in R::SERVICES {
        let (name, ty, handles) = (Json(service.name), Json(service.ty), List(service.handled, handled));
        let (sources, timers) = (List(service.sources, source), List(service.timers, timer));
        let lane = OnLane(service.lane);
        writeln!(
            text,
            r#"{{"service":{name},"type":{ty},"handles":{handles},"sources":{sources},"timers":{timers}{lane}}}"#
        )?;
    }
    for input in R::INPUTS {
        let (name, transport, address) = (Json(input.name), Json(input.transport), Json(input.address));
        let (messages, lane) = (List(input.messages, message), OnLane(input.lane));
        writeln!(
            text,
            r#"{{"input":{name},"transport":{transport},"address":{address},"messages":{messages}{lane}}}"#
        )?;
    }
    for route in R::ROUTES {
        let (message, to) = (route.message, Json(route.receiver));
        writeln!(text, r#"{{"route":{},"id":{},"to":{to},{}}}"#, Json(message.name), message.id, route.path)?;
    }
    Ok(())
}

fn handled(handled: &Handled, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (message, emits) = (handled.message, List(handled.emits, self::message));
    write!(f, r#"{{"message":{},"id":{},"emits":{emits}}}"#, Json(message.name), message.id)
}

fn source(source: &Source, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, r#"{{"method":{},"emits":{}}}"#, Json(source.method), List(source.emits, message))
}

fn timer(timer: &Timer, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (method, nanoseconds, emits) = (Json(timer.method), timer.period.as_nanos(), List(timer.emits, message));
    write!(f, r#"{{"method":{method},"every_ns":{nanoseconds},"emits":{emits}}}"#)
}

fn message(message: &MessageRef, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, r#"{{"message":{},"id":{}}}"#, Json(message.name), message.id)
}

/// As members of a JSON object.
impl fmt::Display for RoutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str(r#""path":"direct""#),
            Self::Local(room) => write!(f, r#""path":"local","room":{room}"#),
            Self::Queue(room) => write!(f, r#""path":"queue","room":{room}"#),
            Self::Task(room) => write!(f, r#""path":"task","room":{room}"#),
            Self::Link { transport, address } => {
                write!(f, r#""path":{},"address":{}"#, Json(transport), Json(address))
            }
        }
    }
}

/// The last member of a JSON object, where there is a lane.
struct OnLane(Option<&'static str>);

impl fmt::Display for OnLane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |lane| write!(f, r#","lane":{}"#, Json(lane)))
    }
}

/// A JSON array of these items, each written by the function.
struct List<'a, T>(&'a [T], fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result);

impl<T> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_char(',')?;
            }
            self.1(item, f)?;
        }
        f.write_char(']')
    }
}

/// A JSON string.
struct Json<'a>(&'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests;
