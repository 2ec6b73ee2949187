#[derive(Clone, Copy, mycelium_rt::__private::Immutable)]
#[zerocopy(crate = "mycelium_rt::__private::zerocopy")]
struct Leg {
    price: i64,
    is_open: bool,
}

mycelium_rt::__private::readable!(Leg, any(price));

fn main() {}
