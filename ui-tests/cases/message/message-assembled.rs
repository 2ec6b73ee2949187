use contracts::game::{Respawn, RespawnFields};

fn main() {
    let _ = <Respawn as mycelium_rt::__private::Build<_>>::assemble(RespawnFields::default());
}
