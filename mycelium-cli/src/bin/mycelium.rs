//! The command `mycelium`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    mycelium_cli::main()
}
