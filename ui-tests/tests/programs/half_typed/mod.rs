//! Code that is being typed: one mistake is the compiler's own error for it and few others, and all the rest of the program is
//! still understood, so that editors keep completing.
//!
//! Each case changes one place of a sound program and says how many errors there are then. The dependencies are built once,
//! and the compiler runs once for each case.

mod routers;
mod services;

use std::path::Path;
use std::sync::LazyLock;

use crate::compiler::{Compiler, FEATURES};

/// Replaces the only occurrence of `here` by `now`. The program then has this number of errors.
struct Case {
    here: &'static str,
    now: &'static str,
    errors: usize,
}

/// The compiler for all tests.
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| {
    let contract = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/market.yaml"));
    Compiler::new("half-typed", contract, FEATURES)
});

/// Tells all cases that are not as expected, with what the compiler says.
fn check(program: &str, cases: &[Case]) {
    let compiler = &*COMPILER;
    assert_eq!(compiler.errors("sound", program), Vec::<String>::new(), "the program is sound");
    let mut wrong = String::new();
    for (index, case) in cases.iter().enumerate() {
        let (before, after) = program.split_once(case.here).unwrap_or_else(|| panic!("no `{}`", case.here));
        assert!(!after.contains(case.here), "`{}` occurs more than once", case.here);
        let errors = compiler.errors(&format!("case_{index}"), &format!("{before}{}{after}", case.now));
        if errors.len() != case.errors {
            wrong.push_str(&format!(
                "{} → {}\n  expected: {}, found: {}\n",
                case.here,
                case.now,
                case.errors,
                errors.len()
            ));
            errors.iter().for_each(|error| wrong.push_str(&format!("    {error}\n")));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
