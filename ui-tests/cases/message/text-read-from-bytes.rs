use mycelium_rt::FixedStr;
use mycelium_rt::__private::zerocopy::FromBytes;

fn main() {
    let _ = FixedStr::<2>::read_from_bytes(&[2, 0, 0xff, 0xff]);
}
