//! The contracts of the worked examples are valid.

use std::path::Path;

#[test]
fn the_contracts_of_the_examples_are_valid_and_documented() {
    for name in ["contracts.yaml", "game.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts").join(name);
        match mycelium_codegen::lints(&path) {
            Ok(lints) => assert_eq!(lints, [], "{name}"),
            Err(report) => panic!("{report}"),
        }
    }
}
