use contracts::Bar;
use mycelium_rt::__private::zerocopy::TryFromBytes;

fn main() {
    let _ = Bar::try_ref_from_bytes(&[0; 64]);
}
