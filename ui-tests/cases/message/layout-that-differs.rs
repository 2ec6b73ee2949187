#[repr(C)]
struct Leg {
    size: u64,
    price: u64,
}

const _: () = mycelium_rt::__private::assert_layouts(&[(
    "the layout of `Leg` differs from its contract",
    &[(size_of::<Leg>(), 16), (std::mem::offset_of!(Leg, price), 0), (std::mem::offset_of!(Leg, size), 8)],
)]);

fn main() {}
