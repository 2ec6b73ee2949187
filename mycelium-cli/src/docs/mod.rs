//! A contract as a page for people.

mod html;
mod markdown;
mod page;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::page::Page;
use super::contract;
use super::output::{self, Out, Result, Verdict};
use super::routes;

/// Write a page on a contract: its messages, fields and bytes, and the services that handle and emit them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium docs --output contracts.html
  mycelium docs contracts/market.yaml --format markdown > MESSAGES.md
  cargo run -- --routes | mycelium docs --routes - --output contracts.html

The HTML page needs no other file and no network. The services come from what programs print with
`mycelium_rt::routing::print_routes`.")]
pub(super) struct Docs {
    /// The contract file
    #[arg(default_value = contract::DEFAULT)]
    file: PathBuf,
    /// The routes that a program printed; `-` reads standard input
    #[arg(long)]
    routes: Vec<PathBuf>,
    /// The format of the page
    #[arg(long, value_enum, default_value_t)]
    format: Kind,
    /// The file to write; by default the page is printed
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// The formats of pages.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Kind {
    /// HTML, with a search
    #[default]
    Html,
    /// Markdown, for repositories
    Markdown,
    /// JSON, for programs
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
