use mycelium_rt::__private::{Immutable, IntoBytes, readable_oneof};

#[derive(Clone, Copy, Immutable, IntoBytes)]
#[zerocopy(crate = "mycelium_rt::__private::zerocopy")]
#[repr(u64)]
enum Order {
    Limit { price: u64, size: u64 },
    Stop { price: u64, size: u64 },
}

readable_oneof!(Order, Limit(size __0, price __1), Stop(price __0, size __1));

fn main() {}
