//! The cost of builds: a first build compared with other libraries, and the growth with messages and routes.
#![forbid(unsafe_code)]

mod growth;
mod hello;
mod messages;
mod run;
mod slopes;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
Measures builds: a first build of a small program, from fetched sources, in turn with other libraries; and the cost of one more message or
route, in time of rustc and size of the program.

Usage: builds [OPTIONS] [FILTER]
       builds slopes [OPTIONS]
       builds messages [OPTIONS]

`builds slopes` measures how rustc's time grows with services, messages, routes, lanes and variants. `builds messages` compares the time of
rustc and cargo for a crate of messages with other generators. `--help` after each lists its options. Without them:

FILTER selects the measurements whose names contain it:
  hello/tonic            the program in benches/hello/mycelium against that in benches/hello/tonic (prost-build, tonic)
  hello/iceoryx2         the same against iceoryx2; of both, the time of the build and the size of the optimised program
  growth/messages-plain  a crate of messages, each of ten numbers and arrays, and a program that decodes and prints them
  growth/messages-mixed  the same with text, lists, enums, optionals and rules
  growth/routes          a router with a service and two routes for each message, in chains of four

Options:
      --pairs N      builds of each side, in turn [default: 3]
      --release      optimised builds instead of those of `cargo build`
      --sizes N,N…   messages and routes that growth is measured at [default: 25,50,100,200]
      --list         print the names, and measure nothing
  -h, --help         print this

Fetches what is missing once, then builds without the network. Nothing else should run meanwhile: builds use every core.";

/// What to measure.
struct Options {
    filter: String,
    pairs: usize,
    release: bool,
    sizes: Vec<usize>,
    list: bool,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if let Some(log) = std::env::var_os(messages::wrapper::LOG) {
        return messages::wrapper::main(arguments, log.as_ref());
    }
    if arguments.next_if(|first| first == "slopes").is_some() {
        return answered(slopes::main(lexopt::Parser::from_args(arguments)), slopes::HELP);
    }
    if arguments.next_if(|first| first == "messages").is_some() {
        return answered(messages::main(lexopt::Parser::from_args(arguments)), messages::HELP);
    }
    let options = match Options::parse(lexopt::Parser::from_args(arguments)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => return refused(&error, HELP),
    };
    ended(measure(&options))
}

fn answered(done: Result<Result<(), String>, lexopt::Error>, help: &str) -> ExitCode {
    match done {
        Ok(done) => ended(done),
        Err(error) => refused(&error, help),
    }
}

fn refused(error: &lexopt::Error, help: &str) -> ExitCode {
    eprintln!("builds: {error}\n\n{help}");
    ExitCode::from(2)
}

fn ended(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("builds: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), String> {
    let names = hello::PEERS.iter().map(|peer| format!("hello/{peer}"));
    let names = names.chain(growth::KINDS.iter().map(|kind| format!("growth/{}", kind.name())));
    let asked: Vec<_> = names.filter(|name| name.contains(&options.filter)).collect();
    if asked.is_empty() {
        return Err(format!("nothing is called `{}`; --list prints the names", options.filter));
    }
    if options.list {
        asked.iter().for_each(|name| println!("{name}"));
        return Ok(());
    }
    let wanted = |name: String| asked.contains(&name);
    for peer in hello::PEERS.into_iter().filter(|peer| wanted(format!("hello/{peer}"))) {
        hello::compare(peer, options.pairs, options.release)?;
    }
    for kind in growth::KINDS.into_iter().filter(|kind| wanted(format!("growth/{}", kind.name()))) {
        growth::measure(kind, &options.sizes, options.release)?;
    }
    Ok(())
}

impl Options {
    /// `None` if the user asked for help.
    fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options =
            Self { filter: String::new(), pairs: 3, release: false, sizes: vec![25, 50, 100, 200], list: false };
        while let Some(argument) = parser.next()? {
            match argument {
                Long("pairs") => options.pairs = parser.value()?.parse_with(positive)?,
                Long("sizes") => options.sizes = parser.value()?.parse_with(sizes)?,
                Long("release") => options.release = true,
                Long("list") => options.list = true,
                Short('h') | Long("help") => return Ok(None),
                Value(value) if options.filter.is_empty() => options.filter = value.string()?,
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn positive(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(0) => Err("must be 1 or more".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("`{text}`: {error}")),
    }
}

/// Those whose names are in the list, in declared order, each once.
fn some_of<K: Copy>(all: &[K], name: fn(K) -> &'static str, text: &str) -> Result<Vec<K>, String> {
    let asked: Vec<&str> = text.split(',').map(str::trim).collect();
    let known = |asked: &str| all.iter().any(|&one| name(one) == asked);
    match asked.iter().find(|name| !known(name)) {
        Some(name) => Err(format!("no kind is called `{name}`; --list prints the names")),
        None => Ok(all.iter().copied().filter(|&one| asked.contains(&name(one))).collect()),
    }
}

/// Ids are 16 bits wide, and each size is measured once.
fn sizes(text: &str) -> Result<Vec<usize>, String> {
    let mut sizes = text.split(',').map(positive).collect::<Result<Vec<_>, _>>()?;
    sizes.sort_unstable();
    sizes.dedup();
    match sizes.last() {
        Some(&most) if most > 10_000 => Err(format!("{most} is more than 10,000")),
        _ => Ok(sizes),
    }
}
