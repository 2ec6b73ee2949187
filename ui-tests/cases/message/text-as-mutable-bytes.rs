use mycelium_rt::FixedStr;
use mycelium_rt::__private::zerocopy::IntoBytes;

fn main() {
    FixedStr::<2>::EMPTY.as_mut_bytes().fill(0xff);
}
