//! Compiles the contracts of this crate.

fn main() {
    mycelium_codegen::compile("contracts.yaml");
    mycelium_codegen::Builder::new().output("game").compile("game.yaml");
}
