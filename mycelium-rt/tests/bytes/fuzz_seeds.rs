//! The fuzz targets on their seeds and on small changes to them: a short, reproducible fuzz run.

use std::path::PathBuf;

#[expect(unreachable_pub, reason = "there it is a library")]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// Runs one target on its seeds, which must be accepted; on prefixes of them; and with changed bytes.
fn fuzz(target: &str, run: fn(&[u8]) -> usize, seeds: Vec<(&str, Vec<u8>)>, mutants: usize) {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    for (name, seed) in seeds {
        let file = corpus.join(format!("seed-{name}"));
        if std::env::var_os("MYCELIUM_WRITE_SEEDS").is_some() {
            std::fs::create_dir_all(&corpus).unwrap();
            std::fs::write(&file, &seed).unwrap();
        }
        let stored = std::fs::read(&file).unwrap_or_default();
        assert!(stored == seed, "{} is out of date: run this test with MYCELIUM_WRITE_SEEDS=1", file.display());
        assert!(run(&seed) > 0, "{target}: `{name}` does not get far");
        let step = (seed.len() / mutants).max(1);
        for at in (0..seed.len()).step_by(step) {
            run(&seed[..at]);
            for change in [0x01, 0x80, 0xff] {
                let mut mutant = seed.clone();
                mutant[at] ^= change;
                run(&mutant);
            }
        }
    }
}

#[test]
fn frames() {
    fuzz("frames", targets::frames::run, targets::frames::seeds(), 10_000);
}

#[test]
fn handshakes() {
    fuzz("handshake", targets::handshake::run, targets::handshake::seeds(), 10_000);
}

#[test]
fn streams() {
    fuzz("stream", targets::stream::run, targets::stream::seeds(), 200);
}

#[test]
fn shared_memory() {
    fuzz("shm", targets::shm::run, targets::shm::seeds(), 200);
}
