//! Peers that send anything: the fuzz targets on their seeds, and on small changes to them.

#[expect(unreachable_pub, reason = "there it is a library")]
#[path = "../../../mycelium-rt/fuzz/src/lib.rs"]
mod targets;

/// A target, its seeds, and how many places of each seed are changed.
type Target = (fn(&[u8]) -> usize, Vec<(&'static str, Vec<u8>)>, usize);

pub(crate) fn run() -> String {
    let targets: [Target; 4] = [
        (targets::frames::run, targets::frames::seeds(), 200),
        (targets::handshake::run, targets::handshake::seeds(), 200),
        (targets::stream::run, targets::stream::seeds(), 20),
        (targets::shm::run, targets::shm::seeds(), 20),
    ];
    let mut peers = 0;
    for (run, seeds, places) in targets {
        for (name, seed) in seeds {
            assert!(run(&seed) > 0, "`{name}` does not get far");
            for at in (0..seed.len()).step_by((seed.len() / places).max(1)) {
                run(&seed[..at]);
                let mut mutant = seed.clone();
                mutant[at] ^= 0x81;
                run(&mutant);
                peers += 2;
            }
        }
    }
    format!("{peers} hostile peers")
}
