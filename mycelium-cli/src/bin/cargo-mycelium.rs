//! The same command as `cargo mycelium`: cargo runs `cargo-mycelium mycelium …`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    mycelium_cli::cargo_main()
}
