//! The pages of the reference: their examples, and whether they have all that there is.

mod architecture;
mod examples;
mod items;
mod keys;
mod links;
mod sizes;
