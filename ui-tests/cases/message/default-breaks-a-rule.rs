use contracts::game::Respawn;

fn main() {
    let _ = Respawn::default();
}
