use contracts::game::Respawn;
use mycelium_rt::__private::zerocopy;

fn main() {
    let _: Respawn = zerocopy::transmute!([0_u64; 2]);
}
