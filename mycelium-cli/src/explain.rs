use clap::Args;
use mycelium_codegen::internal::text::did_you_mean;

use super::output::{Out, Result, Verdict, failure, strong};

/// A section for each code. The file is a link to `docs/errors.md`, so that a published crate contains it.
const PAGES: &str = include_str!("errors.md");

/// Explain the code of an error or lint, with an example and a fix
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium explain MYC0007
  mycelium explain 7
  mycelium explain            (lists all codes)")]
pub(super) struct Explain {
    /// The code, such as MYC0007, or only its number
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let Some(code) = &self.code else {
            sections().for_each(|(code, title, _)| out.line(format_args!("{}  {title}", strong(code))));
            return Ok(Verdict::Fine);
        };
        let wanted = full(code);
        let Some((code, title, text)) = sections().find(|(known, ..)| *known == wanted) else {
            let help = did_you_mean(&wanted, sections().map(|(known, ..)| known));
            let help = help.unwrap_or_else(|| "`mycelium explain` lists all codes".to_owned());
            return Err(failure(format_args!("unknown code `{wanted}`; {help}")));
        };
        out.print(format!("{}\n\n{text}\n", strong(format_args!("{code}: {title}"))));
        Ok(Verdict::Fine)
    }
}

/// Code, title and text of each section.
fn sections() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    PAGES.split("\n### ").skip(1).filter_map(|section| {
        let (heading, text) = section.split_once('\n')?;
        let (code, title) = heading.split_once(": ")?;
        // The heading of the next group is not part of the section.
        let text = text.split_once("\n## ").map_or(text, |(text, _)| text);
        Some((code, title, text.trim()))
    })
}

/// `7`, `0007` and `myc0007` all mean MYC0007.
fn full(code: &str) -> String {
    match code.parse::<u16>() {
        Ok(number) => format!("MYC{number:04}"),
        Err(_) => code.to_uppercase(),
    }
}
