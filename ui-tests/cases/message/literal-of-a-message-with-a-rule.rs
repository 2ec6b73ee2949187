use contracts::game::{EntityId, Position, Respawn};

fn main() {
    let _ = Respawn { entity: EntityId(1), at: Position::new(0.0, 0.0), health: 0 };
}
