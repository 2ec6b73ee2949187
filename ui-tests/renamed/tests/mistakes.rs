//! What a user reads who calls the runtime by another name: errors speak of that name, and point at the same words.
//! `TRYBUILD=overwrite cargo test -p mycelium-renamed` writes the outputs again.
#![forbid(unsafe_code)]

#[test]
fn mistakes_of_a_crate_that_renames_the_runtime() {
    trybuild::TestCases::new().compile_fail("tests/cases/*.rs");
}
