use contracts::game::{Respawn, RespawnFields};

fn main() {
    let _ = Respawn::__assemble(RespawnFields::default());
}
