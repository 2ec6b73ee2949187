use contracts::game::{Respawn, RespawnFields};

fn main() {
    let _ = Respawn::from(RespawnFields::default());
}
