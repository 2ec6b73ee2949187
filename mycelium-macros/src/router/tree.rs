//! The router as its user described it, section by section.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Expr, Path, Type, Visibility};

use super::pace::Pace;

/// All sections; an absent one is empty.
pub(super) struct Tree {
    /// The path of the runtime, as the macro was called.
    pub(super) runtime: TokenStream,
    pub(super) name: Option<Name>,
    pub(super) contracts: Vec<Path>,
    pub(super) services: Option<Vec<ServiceEntry>>,
    pub(super) inputs: Vec<InputEntry>,
    pub(super) routes: Option<Vec<RouteEntry>>,
    pub(super) lanes: Option<Lanes>,
    pub(super) ignore: Vec<IgnoreEntry>,
    pub(super) on_error: Option<OnError>,
    pub(super) lost: Lost,
}

/// What could not be read. This has been reported, so its absence is not reported again.
#[derive(Default)]
pub(super) struct Lost {
    pub(super) name: bool,
    /// Some service, with its name.
    pub(super) services: bool,
    /// Some route.
    pub(super) routes: bool,
}

impl Lost {
    /// Records that nothing in this section could be read.
    pub(super) fn section(&mut self, name: &Ident) {
        match name.to_string().as_str() {
            "name" => self.name = true,
            "services" => self.services = true,
            "routes" => self.routes = true,
            _ => {}
        }
    }
}

/// `#[derive(Debug)] pub Game`
pub(super) struct Name {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) ident: Ident,
}

/// `risk: RiskManager`
pub(super) struct ServiceEntry {
    pub(super) attributes: Vec<Attribute>,
    pub(super) name: Ident,
    /// None if it could not be read.
    pub(super) ty: Option<Type>,
}

/// `feed: shm("/run/feed.sock") [Bar, Fill] on hot`
pub(super) struct InputEntry {
    pub(super) name: Ident,
    pub(super) via: Via,
    pub(super) messages: Vec<InputMessage>,
    pub(super) on: Option<Ident>,
}

/// `Bar if |bar| bar.day > 3`
pub(super) struct InputMessage {
    pub(super) message: Path,
    pub(super) condition: Option<Expr>,
}

/// The section `lanes`.
pub(super) struct Lanes {
    /// That of its name, at which errors about all lanes are reported.
    pub(super) span: Span,
    pub(super) entries: Vec<LaneEntry>,
    /// Something in the list could not be read.
    pub(super) broken: bool,
}

/// `hot: pinned(core = 1, wait = spin) [spread, execution]`
pub(super) struct LaneEntry {
    pub(super) name: Ident,
    pub(super) kind: Via,
    pub(super) services: Vec<Ident>,
    /// Something in it could not be read.
    pub(super) broken: bool,
}

/// `b::Tick as btick => [a, b via local(16)]`
pub(super) struct RouteEntry {
    pub(super) message: Path,
    pub(super) alias: Option<Ident>,
    pub(super) receivers: Vec<ReceiverEntry>,
    /// Something in the list could not be read.
    pub(super) broken: bool,
}

/// `b if |tick| tick.size >= 100 throttle("100ms") via local(16)`
pub(super) struct ReceiverEntry {
    pub(super) target: Type,
    pub(super) condition: Option<Expr>,
    pub(super) pace: Option<Pace>,
    pub(super) via: Option<Via>,
    /// What follows the target could not be read.
    pub(super) broken: bool,
}

/// `local(16)`
pub(super) struct Via {
    pub(super) path: Ident,
    pub(super) arguments: Option<TokenStream>,
}

impl Via {
    /// `path` without arguments, in place of one that could not be read.
    pub(super) fn placeholder(path: &str) -> Self {
        Self { path: Ident::new(path, Span::call_site()), arguments: None }
    }
}

/// `Heartbeat`, or `journal: [Fill]`
pub(super) enum IgnoreEntry {
    Message(Path),
    Handlers(Ident, Vec<Path>),
}

/// `continue(hook = path::to::f)`
pub(super) struct OnError {
    pub(super) policy: Policy,
    pub(super) hook: Option<Expr>,
}

/// What follows the error of a handler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Continue,
    Stop,
    Propagate,
}
