use contracts::game::Respawn;
use mycelium_rt::__private::zerocopy::FromBytes;

fn main() {
    let _ = Respawn::read_from_bytes(&[0; 16]);
}
