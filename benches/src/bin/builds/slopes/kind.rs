//! The kinds, and their sizes.

use std::fmt;

use super::contracts;
use super::programs::{Router, all_to_all, row, spread};

/// What grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Services,
    ServicesUnstarted,
    AllToAll,
    Routes,
    Lanes,
    OneofVariants,
    EnumVariants,
}

/// All of them.
pub(super) const KINDS: [Kind; 7] = [
    Kind::Services,
    Kind::ServicesUnstarted,
    Kind::AllToAll,
    Kind::Routes,
    Kind::Lanes,
    Kind::OneofVariants,
    Kind::EnumVariants,
];

/// What is compiled.
pub(super) enum Source {
    /// The text of a program over the crate `messages`.
    Program(String),
    /// The contract whose generated crate is compiled.
    Contract(String),
}

/// A size; for messages that each go to all services, with the number of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) count: usize,
    services: Option<usize>,
}

const LANES: usize = 12;
const SERVICES_OF_ROUTES: usize = 20;

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::ServicesUnstarted => "services-unstarted",
            Self::AllToAll => "all-to-all",
            Self::Routes => "routes",
            Self::Lanes => "lanes",
            Self::OneofVariants => "oneof-variants",
            Self::EnumVariants => "enum-variants",
        }
    }

    /// In ascending order, at least one.
    pub(super) fn sizes(self, short: bool, most: Option<usize>) -> Vec<Size> {
        let all = self.all_sizes(short);
        let Some(most) = most else { return all };
        let kept: Vec<Size> = all.iter().filter(|size| size.count <= most).copied().collect();
        if kept.len() >= 2 {
            return kept;
        }
        let services = all.first().and_then(|size| size.services);
        let mut counts = vec![(most / 2).max(1), most];
        counts.dedup();
        counts.into_iter().map(|count| Size { count, services }).collect()
    }

    fn all_sizes(self, short: bool) -> Vec<Size> {
        let counts: &[usize] = match (self, short) {
            (Self::Services | Self::ServicesUnstarted, false) => &[25, 50, 100, 200, 300],
            (Self::Services | Self::ServicesUnstarted, true) => &[25, 50, 100],
            (Self::AllToAll, false) => return messages_to_services(&[(60, 12), (120, 12), (240, 12), (300, 10)]),
            (Self::AllToAll, true) => return messages_to_services(&[(15, 6), (30, 6), (60, 6)]),
            (Self::Routes, false) => &[75, 150, 300, 600],
            (Self::Routes, true) => &[40, 80, 160],
            (Self::Lanes, false) => &[12, 24, 36, 48],
            (Self::Lanes, true) => &[12, 24],
            (Self::OneofVariants, false) => &[60, 125, 250, 500],
            (Self::OneofVariants, true) => &[25, 50, 100],
            (Self::EnumVariants, false) => &[2_500, 5_000, 10_000, 20_000],
            (Self::EnumVariants, true) => &[500, 1_000, 2_000],
        };
        counts.iter().map(|&count| Size { count, services: None }).collect()
    }

    pub(super) fn source(self, size: Size) -> Source {
        match self {
            Self::OneofVariants => Source::Contract(contracts::oneof(size.count)),
            Self::EnumVariants => Source::Contract(contracts::an_enum(size.count)),
            _ => Source::Program(self.router(size).text()),
        }
    }

    pub(super) fn crate_type(self) -> &'static str {
        match self {
            Self::OneofVariants | Self::EnumVariants => "lib",
            _ => "bin",
        }
    }

    /// Empty for kinds whose generated crate is compiled.
    fn router(self, Size { count, services }: Size) -> Router {
        match self {
            Self::Services => Router { services: row(count), lanes: 0, started: true },
            Self::ServicesUnstarted => Router { services: row(count), lanes: 0, started: false },
            Self::AllToAll => Router { services: all_to_all(count, services.unwrap_or(1)), lanes: 0, started: true },
            Self::Routes => Router { services: spread(count, SERVICES_OF_ROUTES), lanes: 0, started: true },
            Self::Lanes => Router { services: row(count), lanes: LANES, started: true },
            Self::OneofVariants | Self::EnumVariants => Router::default(),
        }
    }

    /// The highest number of a message that a program of this size names.
    pub(super) fn messages(self, size: Size) -> usize {
        match self {
            Self::Services | Self::ServicesUnstarted | Self::Lanes => 2 * size.count,
            Self::AllToAll | Self::Routes => size.count,
            Self::OneofVariants | Self::EnumVariants => 0,
        }
    }
}

fn messages_to_services(sizes: &[(usize, usize)]) -> Vec<Size> {
    sizes.iter().map(|&(count, services)| Size { count, services: Some(services) }).collect()
}

impl Size {
    /// What the time should be proportional to.
    pub(super) fn extent(self) -> f64 {
        (self.count * self.services.unwrap_or(1)) as f64
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.services {
            Some(services) => write!(f, "{}x{services}", self.count),
            None => write!(f, "{}", self.count),
        }
    }
}
