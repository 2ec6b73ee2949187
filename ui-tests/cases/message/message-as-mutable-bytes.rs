use contracts::Bar;
use mycelium_rt::__private::zerocopy::IntoBytes;

fn main() {
    Bar::default().as_mut_bytes().fill(0xff);
}
