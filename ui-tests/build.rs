//! Compiles the contracts that the tests of the macros share.

use mycelium_codegen::Builder;

fn main() {
    for name in ["market", "weather", "clash", "dense", "empty", "wide", "old"] {
        Builder::new().output(name).compile(format!("contracts/{name}.yaml"));
    }
}
