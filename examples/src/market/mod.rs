//! A small trading desk on daily bars of two indices.
//!
//! [`files`] and [`input`] turn two CSV files into one stream of bars, [`router::Market`] routes each bar through the
//! [`services`], and [`summary`] holds the result:
//!
//! ```text
//! Bar ──▶ spread ──Signal──▶ risk ──Order──▶ execution ──Fill──▶ ledger
//!           ▲                 │ ▲                          │
//!           └─────Breach──────┘ └───────────Fill───────────┘      (the two back edges are queued, then drained)
//! ```
//!
//! `report` counts every message. [`split`] is the same desk in three processes, [`lanes`] on two threads, and [`bus`] on a bus.

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
