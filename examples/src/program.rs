//! What the programs do around their work: help, mistakes in arguments, failures.

use std::fmt::Display;
use std::process::ExitCode;

/// Works by the options that were given, or prints `help` where there are none because it was asked for.
///
/// A mistake in the arguments goes to standard error with the help and ends the program `name` by 2, a failure of the work by 1.
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
