//! Nothing of its own: what is measured is the crate that it depends on.
