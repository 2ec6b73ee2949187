use contracts::game::Tick;
use mycelium_rt::DurationNs;

fn main() {
    let _ = Tick { number: 1, step: DurationNs(1) };
}
