//! A small trading desk on daily bars of two indices.
//!
//! [`files`] and [`input`] turn two CSV files into one stream of bars, [`router::Market`] carries each bar through the
//! [`services`], and [`summary`] says what came of it:
//!
//! ```text
//! Bar ──▶ spread ──Signal──▶ risk ──Order──▶ execution ──Fill──▶ ledger
//!           ▲                 │ ▲                          │
//!           └─────Breach──────┘ └───────────Fill───────────┘      (the two back edges are queued, then drained)
//! ```
//!
//! `report` counts every message on its way. [`split`] is the same desk in three processes, [`lanes`] the same on two threads, [`bus`] the same on a bus.

pub mod bus;
pub mod files;
pub mod hold;
pub mod input;
pub mod lanes;
pub mod per_index;
pub mod router;
pub mod services;
pub mod split;
pub mod summary;
