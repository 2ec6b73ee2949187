//! The command `mycelium`, which checks, documents, decodes and evolves contracts. It also runs as `cargo mycelium`.
//!
//! The product of this crate is the command. The library exists for its two programs and for tests, and may change in any release:
//!
//! - [`main`] and [`cargo_main`] are the programs.
//! - [`codec`] converts messages between bytes and JSON by their contract, without generated code.
//!
//! ```
//! use mycelium_cli::codec::Codec;
//! use serde_json::json;
//!
//! let path = std::env::temp_dir().join("mycelium-codec-example.yaml");
//! std::fs::write(&path, "messages: { Bar: { id: 7, fields: { close: u32 } } }")?;
//! let codec = Codec::read(&path).unwrap();
//! let (id, body) = codec.encode("Bar", json!({ "close": 3 }).as_object().unwrap()).unwrap();
//! assert_eq!((id, body.as_slice()), (7, &[3, 0, 0, 0, 0, 0, 0, 0][..]));
//! assert_eq!(codec.decode(id, &body, false), Ok(json!({ "close": 3 })));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Each command is a module, thin over the schema compiler. It prints through `Out` and ends with a `Verdict`. Nothing panics,
//! whatever the arguments and files contain.
#![forbid(unsafe_code)]

mod check;
pub mod codec;
mod completions;
mod contract;
mod decode;
mod diff;
mod docs;
mod encode;
mod explain;
mod generate;
mod graph;
mod init;
mod lock;
mod output;
mod routes;
mod schema;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::output::{Out, Result, Stop, Verdict};

/// Checks, documents, decodes and evolves the messages that programs send each other.
#[derive(Debug, Parser)]
#[command(name = "mycelium", bin_name = "mycelium", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes: 0 for success, 1 if there are findings, 2 if the command failed.
The output has no colours if it is not a terminal, or if NO_COLOR is set.";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Check(check::Check),
    Lock(lock::Lock),
    Diff(diff::Diff),
    Generate(generate::Generate),
    Decode(decode::Decode),
    Encode(encode::Encode),
    Docs(docs::Docs),
    Graph(graph::Graph),
    Schema(schema::Schema),
    Explain(explain::Explain),
    Completions(completions::Completions),
}

impl Command {
    fn run(self, out: &mut Out) -> Result<Verdict> {
        match self {
            Self::Init(command) => command.run(out),
            Self::Check(command) => command.run(out),
            Self::Lock(command) => command.run(out),
            Self::Diff(command) => command.run(out),
            Self::Generate(command) => command.run(out),
            Self::Decode(command) => command.run(out),
            Self::Encode(command) => command.run(out),
            Self::Docs(command) => command.run(out),
            Self::Graph(command) => command.run(out),
            Self::Schema(command) => command.run(out),
            Self::Explain(command) => command.run(out),
            Self::Completions(command) => command.run(out),
        }
    }
}

/// Runs `mycelium` with the arguments of the process, and returns its exit code: 0 for success, 1 for findings, 2 for failure.
pub fn main() -> ExitCode {
    run(std::env::args_os().collect())
}

/// Runs `cargo mycelium`: the same as [`main`], but cargo passes the name of the command as the first argument.
pub fn cargo_main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|argument| argument == "mycelium") {
        arguments.remove(1);
    }
    run(arguments)
}

fn run(arguments: Vec<OsString>) -> ExitCode {
    let for_machines = asks_for_json(&arguments);
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Clap returns help and version as errors too; these are never JSON.
            if for_machines && error.use_stderr() {
                return stopped(&error.render().to_string(), 2);
            }
            // A closed pipe can't be reported to anyone.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut out = Out::new();
    match arguments.command.run(&mut out).and_then(|verdict| out.finish().map(|()| verdict)) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(Stop::Findings(text)) if for_machines => stopped(&text, 1),
        Err(Stop::Failure(text)) if for_machines => stopped(&text, 2),
        Err(Stop::Findings(text)) => {
            output::to_stderr(&text);
            ExitCode::from(1)
        }
        Err(Stop::Failure(text)) => {
            output::to_stderr(&format!("{}: {text}\n", output::error_label()));
            ExitCode::from(2)
        }
    }
}

/// Whether the caller asks for JSON, even if the arguments are invalid otherwise.
fn asks_for_json(arguments: &[OsString]) -> bool {
    let follows = |pair: &[OsString]| pair[0] == "--format" && pair[1] == "json";
    arguments.iter().any(|argument| argument == "--format=json") || arguments.windows(2).any(follows)
}

/// Prints why the command stopped, as JSON.
fn stopped(text: &str, code: u8) -> ExitCode {
    let mut out = Out::new();
    out.json(&serde_json::json!({ "error": output::plain(text).trim_end() }));
    // If the output can't be written, there is nowhere to report it.
    let _ = out.finish();
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Arguments::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("mycelium {}", command.get_name())), "{}", command.get_name());
        }
    }
}
