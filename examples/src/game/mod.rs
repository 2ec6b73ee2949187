//! An arena in which bots strike each other.
//!
//! The messages of the market example are numbers. These have other types: a player's action is a oneof, effects are flags, a
//! strike has an optional position, a defeat lists its assists, an announcement is text.
//!
//! ```text
//! PlayerAction ──▶ arena ──Struck──▶ vitals ──Defeated──▶ score, respawn, announcer ──Announcement──▶ chat
//! Tick ──▶ vitals, respawn ──Respawn──▶ (back to arena and vitals)
//! ```

pub mod bots;
pub mod router;
pub mod services;
