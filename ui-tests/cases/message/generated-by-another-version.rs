// As the code of another generator begins, which calls what this runtime does not have.
mod contracts {
    use mycelium_rt::__private as __rt;
    __rt::generated_by!("mycelium-codegen", "0.0.1");

    pub struct Bar(pub __rt::Renamed);
    __rt::renamed!(Bar);
}

fn main() {}
