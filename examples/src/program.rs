//! What all programs share: help, wrong arguments, failures.

use std::fmt::Display;
use std::process::ExitCode;

/// Runs `work` with the options, or prints `help` if there are none because the user asked for help.
///
/// Wrong arguments are reported on standard error, with the help, and the exit code is 2. A failure of `work` exits with 1.
///
/// ```
/// use std::process::ExitCode;
/// use mycelium_examples::program;
///
/// let code = program::run("count", "Usage: count", Ok(Some(3)), |&to| if to < 10 { Ok(()) } else { Err("too far") });
/// assert_eq!(code, ExitCode::SUCCESS);
/// ```
pub fn run<O, E: Display>(
    name: &str,
    help: &str,
    options: Result<Option<O>, lexopt::Error>,
    work: impl FnOnce(&O) -> Result<(), E>,
) -> ExitCode {
    let options = match options {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{help}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{name}: {error}\n\n{help}");
            return ExitCode::from(2);
        }
    };
    match work(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}
