//! What users read when they use macros and messages wrongly: each case is one mistake, named after it, beside the compiler's
//! whole output. `TRYBUILD=overwrite cargo test -p mycelium-ui-tests --test macros` writes the outputs again.
#![forbid(unsafe_code)]

#[test]
fn mistakes_in_services() {
    trybuild::TestCases::new().compile_fail("cases/service/*.rs");
}

#[test]
fn mistakes_in_routers() {
    trybuild::TestCases::new().compile_fail("cases/router/*.rs");
}

#[test]
fn mistakes_in_paths() {
    trybuild::TestCases::new().compile_fail("cases/paths/*.rs");
}

#[test]
fn mistakes_in_lanes() {
    trybuild::TestCases::new().compile_fail("cases/lanes/*.rs");
}

#[test]
fn mistakes_with_messages() {
    trybuild::TestCases::new().compile_fail("cases/message/*.rs");
}

#[test]
fn mistakes_on_a_bus() {
    trybuild::TestCases::new().compile_fail("cases/bus/*.rs");
}
