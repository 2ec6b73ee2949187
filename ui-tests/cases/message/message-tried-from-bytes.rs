use contracts::game::Respawn;
use mycelium_rt::__private::zerocopy::TryFromBytes;

fn main() {
    let _ = Respawn::try_read_from_bytes(&[0; 16]);
}
