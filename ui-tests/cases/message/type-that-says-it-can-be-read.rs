use mycelium_rt::__private::Readable;

#[derive(Clone, Copy, mycelium_rt::__private::Immutable)]
#[zerocopy(crate = "mycelium_rt::__private::zerocopy")]
struct Side(bool);

impl Readable for Side {
    fn holds(_: &[u8]) -> bool {
        true
    }
}

fn main() {}
