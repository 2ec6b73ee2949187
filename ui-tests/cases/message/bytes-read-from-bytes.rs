use mycelium_rt::FixedBytes;
use mycelium_rt::__private::zerocopy::FromBytes;

fn main() {
    let _ = FixedBytes::<2>::read_from_bytes(&[3, 0, 0xff, 0xff]);
}
