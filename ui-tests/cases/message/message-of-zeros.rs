use contracts::game::Respawn;
use mycelium_rt::__private::zerocopy::FromZeros;

fn main() {
    let _ = Respawn::new_zeroed();
}
