use mycelium_rt::__private::{Immutable, IntoBytes, readable_oneof};

#[derive(Clone, Copy, Immutable, IntoBytes)]
#[zerocopy(crate = "mycelium_rt::__private::zerocopy")]
#[repr(u64)]
enum Order {
    Limit { price: u64, size: u64 },
    Stop { price: u64, size: u64 },
}

readable_oneof!(Order, Limit(size, price), Stop(price, size));

fn main() {}
