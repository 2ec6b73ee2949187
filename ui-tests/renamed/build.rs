//! Compiles contracts for a runtime that is called `rt` here.

fn main() {
    mycelium_codegen::Builder::new().runtime("rt").compile("../contracts/market.yaml");
}
