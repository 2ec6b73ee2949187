//! How the paths of Mycelium are measured.
//!
//! The cores of a virtual machine are near each other at one moment and far apart at the next, and other guests come and go. So no
//! figure is reported alone: [`pairs`] runs ours and a peer in turn, A B A B, in one process. Beside each pair it measures how long a
//! cache line takes from core to core ([`mod@line`]), and it reports the ratio of each pair. Both ends are pinned, memory is warm, inputs
//! are random and outputs are used.
#![forbid(unsafe_code)]

pub mod bare;
pub mod cores;
pub mod curves;
#[cfg(feature = "heavy-peers")]
pub mod formats;
pub mod gaps;
pub mod html;
pub mod line;
pub mod mean;
pub mod options;
pub mod ours;
pub mod pairs;
pub mod peers;
pub mod port;
pub mod processes;
pub mod program;
pub mod report;
pub mod samples;
pub mod tree;

/// The messages that are measured.
pub mod messages {
    mycelium_rt::include_contracts!();
}

/// The messages between lanes.
pub mod handover {
    mycelium_rt::include_contracts!("handover");
}
