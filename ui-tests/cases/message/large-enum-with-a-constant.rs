use mycelium_rt::__private::{Immutable, IntoBytes, readable_large_enum};

#[derive(Clone, Copy, Immutable, IntoBytes)]
#[zerocopy(crate = "mycelium_rt::__private::zerocopy")]
#[repr(u8)]
enum Side {
    Three = 3,
    Five = 5,
}

impl Side {
    const SEVEN: u8 = 7;
}

readable_large_enum!(Side, "Side", u8, Three "Three", Five "Five", SEVEN "SEVEN");

fn main() {}
