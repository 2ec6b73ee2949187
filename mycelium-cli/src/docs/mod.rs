//! A contract as pages for people.

mod html;
mod markdown;
mod page;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::page::Page;
use super::contract;
use super::output::{self, Out, Result, Verdict};
use super::routes;

/// Write a page on a contract: messages, fields, bytes, and who handles and emits what
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium docs --output contracts.html
  mycelium docs contracts/market.yaml --format markdown > MESSAGES.md
  cargo run -- --routes | mycelium docs --routes - --output contracts.html

The HTML page needs no other file and no network. What a program handles and emits comes from the program itself, by
`mycelium_rt::routing::print_routes`.")]
pub(super) struct Docs {
    /// The contract file
    #[arg(default_value = contract::DEFAULT)]
    file: PathBuf,
    /// What programs printed of their routes; `-` reads standard input
    #[arg(long)]
    routes: Vec<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t)]
    format: Kind,
    /// Where to write; without it, the page is printed
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// Kinds of pages.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Kind {
    /// A page for browsers, with a search
    #[default]
    Html,
    /// A page for repositories
    Markdown,
    /// The same for machines
    Json,
}

impl Docs {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let schema = contract::read_valid(&self.file)?.schema;
        let mut routers = Vec::new();
        for path in &self.routes {
            routers.extend(routes::read(path)?);
        }
        let page = Page::of(&schema, &routers);
        let text = match self.format {
            Kind::Html => html::write(&page),
            Kind::Markdown => markdown::write(&page),
            Kind::Json => format!("{:#}\n", page.json()),
        };
        match &self.output {
            Some(path) => output::write(path, text)?,
            None => out.print(text),
        }
        Ok(Verdict::Fine)
    }
}
