//! An arena in which bots strike each other: the other kind of program that is a router.
//!
//! Where the market example is numbers, this one is shapes: a player's action is a oneof, effects are flags, a strike has an
//! optional place, a defeat lists its assists, an announcement is text.
//!
//! ```text
//! PlayerAction ──▶ arena ──Struck──▶ vitals ──Defeated──▶ score, respawn, announcer ──Announcement──▶ chat
//! Tick ──▶ vitals, respawn ──Respawn──▶ (back to arena and vitals)
//! ```

pub mod bots;
pub mod router;
pub mod services;
