//! The kinds of links, one row each, with what the macro has to know of them. The rest is the runtime's `Transport` of that name.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::features::Feature;

/// A kind of link between two processes.
#[derive(Clone, Copy)]
pub(super) struct Transport(&'static Kind);

struct Kind {
    /// The word before the address.
    name: &'static str,
    /// An example, which errors show.
    example: &'static str,
    /// What is wrong with an address, if anything.
    fault: fn(&str) -> Option<String>,
    /// The types of its ends: paths in the runtime, or absolute paths.
    link: &'static str,
    input: &'static str,
    /// The type of the further options of its ends, if there are any.
    options: Option<&'static str>,
    /// Whether unsent messages lie in a ring, whose unread slots belong to the receiver.
    ring: bool,
    /// Whether errors suggest it.
    listed: bool,
    /// The feature of the runtime that it needs.
    feature: Feature,
    /// The systems that have it, as the runtime's `only_on!` calls them, if not all do.
    systems: Option<&'static str>,
    /// Whether it leaves the host: then it can be encrypted, and the kernel can choose the port of an input.
    network: bool,
}

static TABLE: &[Kind] = &[
    Kind {
        name: "shm",
        example: "shm(\"/run/mycelium/desk.sock\")",
        fault: fault_of_path,
        link: "shm::ShmLink",
        input: "shm::ShmInput",
        options: Some("shm::ShmOptions"),
        ring: true,
        listed: true,
        feature: Feature::Shm,
        systems: Some("linux"),
        network: false,
    },
    Kind {
        name: "unix",
        example: "unix(\"/run/mycelium/desk.sock\")",
        fault: fault_of_path,
        link: "link::StreamLink",
        input: "link::StreamInput",
        options: None,
        ring: false,
        listed: true,
        feature: Feature::Net,
        systems: Some("unix"),
        network: false,
    },
    Kind {
        name: "tcp",
        example: "tcp(\"127.0.0.1:7402\")",
        fault: fault_of_port,
        link: "link::StreamLink",
        input: "link::StreamInput",
        options: None,
        ring: false,
        listed: true,
        feature: Feature::Net,
        systems: None,
        network: true,
    },
    #[cfg(feature = "test-transport")]
    Kind {
        name: "toy",
        example: "toy(\"a place\")",
        fault: |_| None,
        link: "crate::toy::ToyLink",
        input: "crate::toy::ToyInput",
        options: None,
        ring: true,
        listed: false,
        feature: Feature::Lanes,
        systems: None,
        network: false,
    },
];

impl PartialEq for Transport {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Transport {
    pub(super) fn of(path: &Ident) -> Option<Self> {
        TABLE.iter().find(|kind| path == kind.name).map(Self)
    }

    /// The names that errors suggest.
    pub(super) fn names() -> Vec<&'static str> {
        TABLE.iter().filter(|kind| kind.listed).map(|kind| kind.name).collect()
    }

    /// The same as part of a sentence.
    pub(super) fn names_text() -> String {
        let names: Vec<_> = Self::names().iter().map(|name| format!("`{name}`")).collect();
        match names.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }

    pub(super) fn name(self) -> &'static str {
        self.0.name
    }

    pub(super) fn feature(self) -> Feature {
        self.0.feature
    }

    /// The systems that have it with this address, if not all do, and what it is that others lack.
    pub(super) fn systems(self, address: &str) -> Option<(&'static str, String)> {
        let systems = self.0.systems?;
        if systems == "unix" && address.len() > LONGEST_ELSEWHERE {
            return Some(("linux", format!("a socket's path of more than {LONGEST_ELSEWHERE} bytes")));
        }
        Some((systems, format!("the path `{}`", self.name())))
    }

    pub(super) fn example(self) -> &'static str {
        self.0.example
    }

    pub(super) fn fault(self, address: &str) -> Option<String> {
        (self.0.fault)(address)
    }

    /// Whether its number of slots can be chosen.
    pub(super) fn has_slots(self) -> bool {
        self.0.options.is_some()
    }

    pub(super) fn has_ring(self) -> bool {
        self.0.ring
    }

    pub(super) fn is_network(self) -> bool {
        self.0.network
    }

    pub(super) fn link_type(self, runtime: &TokenStream) -> TokenStream {
        in_runtime(runtime, self.0.link)
    }

    pub(super) fn input_type(self, runtime: &TokenStream) -> TokenStream {
        in_runtime(runtime, self.0.input)
    }

    /// The type of its options, if it has any.
    pub(super) fn options_type(self, runtime: &TokenStream) -> Option<TokenStream> {
        self.0.options.map(|path| in_runtime(runtime, path))
    }
}

/// A path in the runtime, or a path that begins at the user's crate.
fn in_runtime(runtime: &TokenStream, path: &str) -> TokenStream {
    let tokens: TokenStream = path.parse().unwrap_or_default();
    if path.starts_with("crate::") { tokens } else { quote!(#runtime::#tokens) }
}

/// The longest path of a socket on Linux in bytes: a limit of the kernel.
const LONGEST: usize = 107;

/// The longest path of a socket on macOS, and wherever else there are sockets with paths. Only the runtime knows for which system the
/// program is compiled.
const LONGEST_ELSEWHERE: usize = 103;

/// What is wrong with the path of a socket on every system, if anything.
fn fault_of_path(text: &str) -> Option<String> {
    let fault = match text {
        "" => "the path of a socket can't be empty".to_owned(),
        _ if text.contains('\0') => "the path of a socket can't have a zero byte".to_owned(),
        _ if text.len() > LONGEST => {
            format!("the path of a socket has at most {LONGEST} bytes on Linux, and {LONGEST_ELSEWHERE} elsewhere")
        }
        _ => return None,
    };
    Some(fault)
}

fn fault_of_port(text: &str) -> Option<String> {
    let is_address = text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    (!is_address).then(|| "a TCP address is `host:port`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_only_linux_takes_is_asked_for_there() {
        let transport = |name: &str| Transport::of(&Ident::new(name, proc_macro2::Span::call_site())).unwrap();
        let (short, long) = ("x".repeat(LONGEST_ELSEWHERE), "x".repeat(LONGEST_ELSEWHERE + 1));
        let asked = |name, path: &str| transport(name).systems(path).map(|(systems, _)| systems);
        assert_eq!((asked("unix", &short), asked("unix", &long)), (Some("unix"), Some("linux")));
        assert_eq!((asked("shm", &long), asked("tcp", &long)), (Some("linux"), None));
        assert_eq!(transport("unix").systems(&long).unwrap().1, "a socket's path of more than 103 bytes");
        assert_eq!((fault_of_path(&long), fault_of_path(&"x".repeat(LONGEST))), (None, None));
        assert!(fault_of_path(&"x".repeat(LONGEST + 1)).is_some());
    }

    #[test]
    fn each_kind_has_a_unique_name_a_valid_example_and_types_that_are_paths() {
        let names: Vec<_> = TABLE.iter().map(|kind| kind.name).collect();
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
        assert_eq!(Transport::names_text(), "`shm`, `unix` or `tcp`");
        for kind in TABLE {
            let inside = |text: &'static str| text.split('"').nth(1);
            let address = inside(kind.example).unwrap();
            assert_eq!((kind.fault)(address), None, "{}", kind.name);
            assert!(kind.example.starts_with(kind.name));
            for path in [Some(kind.link), Some(kind.input), kind.options].into_iter().flatten() {
                assert!(syn::parse_str::<syn::Path>(path).is_ok(), "{path}");
            }
        }
    }
}
