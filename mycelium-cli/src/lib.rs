//! The command `mycelium`: one file for each of its commands, all of them thin over the schema compiler.
//!
//! A command prints through `Out` and ends with a `Verdict`; nothing in here panics, whatever is typed or read.
//!
//! The command is the product. Its library exists for the two programs of this crate, and for tests: it may change in any
//! release.
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
Exit codes: 0 if all is well, 1 if something was found, 2 if the command could not be carried out.
Colours are left out where the output is no terminal, or where NO_COLOR is set.";

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

/// Runs `mycelium` with the arguments of the process.
pub fn main() -> ExitCode {
    run(std::env::args_os().collect())
}

/// The same for `cargo mycelium`: cargo repeats the name of the command as the first argument.
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
            // Help and version are errors to clap, too, and are meant for people in any case.
            if for_machines && error.use_stderr() {
                return stopped(&error.render().to_string(), 2);
            }
            // Nobody is left to be told of a closed pipe.
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

/// Whether whoever called wants to read JSON, also where the arguments make no sense otherwise.
fn asks_for_json(arguments: &[OsString]) -> bool {
    let follows = |pair: &[OsString]| pair[0] == "--format" && pair[1] == "json";
    arguments.iter().any(|argument| argument == "--format=json") || arguments.windows(2).any(follows)
}

/// Says in JSON why the command stopped.
fn stopped(text: &str, code: u8) -> ExitCode {
    let mut out = Out::new();
    out.json(&serde_json::json!({ "error": output::plain(text).trim_end() }));
    // If nobody reads the output, there is nobody to tell.
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
