//! What all measuring programs share.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::options::{self, Options};
use crate::pairs::{Question, ask};
use crate::{html, report};

/// Runs the program called `name` with the arguments of this process.
pub fn run(name: &str, about: &str, questions: fn(&Options) -> Vec<Question<'_>>) -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{about}\n{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{name}: {error}\n\n{about}\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match answer(name, &options, questions(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(name: &str, options: &Options, questions: Vec<Question<'_>>) -> Result<(), String> {
    if options.list {
        questions.iter().for_each(|question| println!("{}", question.title()));
        return Ok(());
    }
    let setting = setting(options);
    println!("{setting}\n");
    let comparisons = ask(options, questions);
    if comparisons.is_empty() {
        return Err(format!("no comparison is called `{}`; --list prints their names", options.filter));
    }
    print!("{}", report::text(&comparisons));
    if let Some(path) = &options.json {
        write(path, &report::json(options, &comparisons))?;
    }
    if let Some(path) = &options.html {
        write(path, &html::page(name, &setting, &comparisons))?;
    }
    Ok(())
}

fn setting(options: &Options) -> String {
    let Options { seed, pairs, round_trips, messages, size, cores, .. } = options;
    format!(
        "seed {seed}: {pairs} pairs, {round_trips} round trips, {messages} messages of {size} bytes, cores {} and {}",
        cores.near, cores.far
    )
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
