fn main() {
    mycelium_codegen::compile("contracts.yaml");
}
