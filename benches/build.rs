//! Compiles the contracts of this crate.

fn main() {
    mycelium_codegen::compile("contracts.yaml");
    mycelium_codegen::Builder::new().output("handover").compile("handover.yaml");
}
