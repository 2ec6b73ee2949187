//! Compiles the contracts of this crate.

fn main() {
    mycelium_codegen::compile("contracts.yaml");
}
