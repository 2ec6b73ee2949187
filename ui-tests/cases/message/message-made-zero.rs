use contracts::game::Respawn;
use mycelium_rt::__private::zerocopy::FromZeros;

fn zero(mut respawn: Respawn) {
    respawn.zero();
}

fn main() {}
