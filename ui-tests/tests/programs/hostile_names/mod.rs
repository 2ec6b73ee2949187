//! Names that are legal, but hostile to generated code: names of the prelude, of primitive types, of crates, keywords, look-alikes,
//! and whatever generated code itself has names for.
//!
//! What `check` and the macros accept builds without a warning of rustc, clippy or rustdoc, where no prelude is in scope, but for
//! routers, where it is hidden. What they refuse is listed.
//!
//! Services and routers are built with a part of the names, another one in each run, which prints it; with all of them, and the same
//! again, by `HOSTILE_NAMES=all` and `HOSTILE_NAMES=N`. (A variable that begins with `MYCELIUM_` would be the address of a link to programs
//! of other tests.)

mod contracts;
mod macros;
mod names;
mod program;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use contracts::{KINDS, Names};
use program::Program;

#[test]
fn contracts_with_hostile_names_build_without_a_warning() {
    let (few, listed) = (names::few(), names::listed());
    let all = &listed | &names::of_contracts();
    let mut program = Program::new("hostile-contracts");
    let mut refused = String::new();
    for kind in KINDS {
        let (names, built) = match kind.names {
            Names::Few => (&few, &few),
            // Much is generated for each, so that fewer are built than are asked about.
            Names::Listed => (&listed, &few),
            Names::All => (&all, &all),
        };
        let (contracts, others) = kind.contracts(names, built, program.folder());
        for (at, contract) in contracts.iter().enumerate() {
            program.contract(&format!("{}_{at}", kind.name), contract);
        }
        let _ = writeln!(refused, "{}: {}", kind.name, others.join(" "));
    }
    program.build();
    insta::assert_snapshot!(refused);
}

#[test]
fn services_and_routers_with_hostile_names_build_without_a_warning() {
    let mut program = Program::new("hostile-macros");
    let all = &names::few() | &names::of_macros();
    macros::add_to(&mut program, &part(all));
    program.build();
}

/// The number of parts that the names are divided into.
const PARTS: usize = 4;

/// The part of these names that is built.
fn part(names: BTreeSet<String>) -> BTreeSet<String> {
    let wanted = std::env::var("HOSTILE_NAMES").ok();
    if wanted.as_deref() == Some("all") {
        return names;
    }
    let number = |text: String| text.parse().unwrap_or_else(|_| panic!("`HOSTILE_NAMES` is `all` or a number"));
    let part = wanted.map_or_else(|| fastrand::usize(..), number) % PARTS;
    println!("HOSTILE_NAMES={part}");
    names.into_iter().enumerate().filter(|(at, _)| at % PARTS == part).map(|(_, name)| name).collect()
}
