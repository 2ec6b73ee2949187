//! A page of Markdown: its headings, and the blocks and tables below each.
//!
//! The build script includes this file, so it uses the standard library only.

/// A page.
#[derive(Debug)]
pub struct Page {
    /// The path from the root of the repository, such as `docs/contracts.md`.
    pub path: &'static str,
    /// In order, parents before children. The first one holds what is above the first heading, if there is anything.
    pub sections: Vec<Section>,
}

/// A heading, and what is below it up to the next heading of any level.
#[derive(Debug, Default)]
pub struct Section {
    /// The number of `#`.
    pub level: usize,
    /// The heading, Markdown included.
    pub title: String,
    /// The lines below the heading, without those of blocks.
    pub prose: Vec<String>,
    /// The fenced blocks below the heading.
    pub blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Debug)]
pub struct Block {
    /// The first word after the fence, such as `rust`.
    pub language: String,
    /// The other words after the fence.
    pub marks: Vec<String>,
    /// The number of the line of its fence, from 1.
    pub line: usize,
    /// The text between the fences.
    pub text: String,
}

/// What is done with a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use<'a> {
    /// A contract that is as it should be.
    Contract,
    /// A contract with the mistakes, lints or changes that the marks name.
    Mistake,
    /// A file of this path beside the contracts that follow.
    File(&'a str),
    /// A test in Rust.
    Example,
    /// Nothing but shown.
    Shown,
}

/// The names in backticks.
pub fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

impl Page {
    /// Reads a page of this repository.
    pub fn read(path: &'static str) -> Self {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
        Self::parse(path, &std::fs::read_to_string(source).unwrap_or_else(|error| panic!("{path}: {error}")))
    }

    /// Reads the text of a page. What is no heading and no block counts as prose.
    pub fn parse(path: &'static str, text: &str) -> Self {
        let mut page = Self { path, sections: vec![Section::default()] };
        let mut lines = text.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            let level = line.chars().take_while(|letter| *letter == '#').count();
            if let Some(fence) = line.strip_prefix("```") {
                let mut text = String::new();
                loop {
                    match lines.next() {
                        Some((line, _)) if line.trim_end() == "```" => break,
                        Some((line, _)) => text.extend([line, "\n"]),
                        None => panic!("{path}:{number}: the block has no end"),
                    }
                }
                page.last().blocks.push(Block::new(fence, number, text));
            } else if level > 0 && line[level..].starts_with(' ') {
                let title = line[level..].trim().to_owned();
                page.sections.push(Section { level, title, ..Section::default() });
            } else {
                page.last().prose.push(line.to_owned());
            }
        }
        page
    }

    /// Lines that Markdown takes for a fence, and [`parse`](Self::parse) for prose: what they enclose would not be tested.
    pub fn stray_fences(&self) -> Vec<String> {
        let lines = self.sections.iter().flat_map(|section| &section.prose);
        let found = lines.filter(|line| {
            // Within a quotation or a list, too.
            let is_before = |letter: char| " \t>-*+.".contains(letter) || letter.is_ascii_digit();
            let bare = line.trim_start_matches(is_before);
            bare.starts_with("```") || bare.starts_with("~~~")
        });
        found.map(|line| format!("{}: a fence of backticks must start its line: `{line}`", self.path)).collect()
    }

    fn last(&mut self) -> &mut Section {
        self.sections.last_mut().expect("a page has a section")
    }

    /// Every block of a language, in order.
    pub fn blocks(&self, language: &'static str) -> impl Iterator<Item = &Block> {
        self.sections.iter().flat_map(|section| &section.blocks).filter(move |block| block.language == language)
    }

    /// A section and all below it, by the heading without backticks.
    pub fn part(&self, title: &str) -> Option<&[Section]> {
        let start = self.sections.iter().position(|section| section.plain_title() == title)?;
        let level = self.sections[start].level;
        let rest = &self.sections[start + 1..];
        let count = rest.iter().position(|section| section.level <= level).unwrap_or(rest.len());
        Some(&self.sections[start..=start + count])
    }
}

impl Section {
    /// The heading without backticks.
    pub fn plain_title(&self) -> String {
        self.title.replace('`', "")
    }

    /// The anchor that GitHub gives the heading, where no other heading has it.
    pub fn anchor(&self) -> String {
        let letters = self.title.to_lowercase().replace(' ', "-");
        letters.chars().filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect()
    }

    /// The rows of all tables, each with its cells; heads and rules included.
    pub fn rows(&self) -> impl Iterator<Item = Vec<&str>> {
        let rows = self.prose.iter().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
        rows.map(|row| row.split('|').map(str::trim).collect())
    }

    /// The rows of the tables whose head has these columns, among others.
    pub fn rows_below(&self, columns: &[&str]) -> Vec<Vec<&str>> {
        let mut rows = Vec::new();
        let mut is_wanted = false;
        let mut before = Vec::new();
        for row in self.rows() {
            if row.iter().all(|cell| cell.starts_with("---")) {
                is_wanted = columns.iter().all(|column| before.contains(column));
                rows.retain(|it| *it != before);
            } else if is_wanted {
                rows.push(row.clone());
            }
            before = row;
        }
        rows
    }

    /// The text in backticks.
    pub fn inline_code(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.title).chain(&self.prose).flat_map(|line| code(line))
    }
}

impl Block {
    fn new(fence: &str, line: usize, text: String) -> Self {
        let mut words = fence.split_whitespace().map(str::to_owned);
        Self { language: words.next().unwrap_or_default(), marks: words.collect(), line, text }
    }

    /// What is done with the block.
    ///
    /// # Errors
    /// A language or a mark that is not known: such a block would be shown and not tested.
    pub fn purpose(&self) -> Result<Use<'_>, String> {
        let is_code = |mark: &String| {
            mark.strip_prefix("MYC")
                .is_some_and(|number| number.len() == 4 && number.bytes().all(|it| it.is_ascii_digit()))
        };
        match (self.language.as_str(), self.marks.as_slice()) {
            ("yaml", []) => Ok(Use::Contract),
            ("yaml", marks) if marks.iter().all(is_code) => Ok(Use::Mistake),
            ("yaml", [path]) if path.ends_with(".yaml") || path.ends_with(".yml") => Ok(Use::File(path)),
            ("rust", []) => Ok(Use::Example),
            ("text" | "sh", []) => Ok(Use::Shown),
            ("yaml" | "rust" | "text" | "sh", marks) => Err(format!("no block has the marks `{}`", marks.join(" "))),
            (language, _) => Err(format!("no block has the language `{language}`")),
        }
    }

    /// The codes that the block is an example of, such as `MYC0004`; none of a contract that is as it should be.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().map(String::as_str).filter(|mark| mark.starts_with("MYC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_tested_or_known_to_be_shown_only() {
        for (fence, expected) in [
            ("yaml", Use::Contract),
            ("yaml MYC0004", Use::Mistake),
            ("yaml MYC0004 MYC0005", Use::Mistake),
            ("yaml shared/prices.yaml", Use::File("shared/prices.yaml")),
            ("rust", Use::Example),
            ("text", Use::Shown),
            ("sh", Use::Shown),
        ] {
            assert_eq!(Block::new(fence, 1, String::new()).purpose(), Ok(expected), "{fence}");
        }
        for fence in [
            "",
            "rust,ignore",
            "rust ignore",
            "Rust",
            "yml",
            "YAML",
            "yaml,ignore",
            "yaml ignore",
            "yaml MYC004",
            "yaml MYC00045",
            "yaml myc0004",
            "yaml MYC0004 shared/prices.yaml",
            "` yaml",
            "sh ignore",
        ] {
            let block = Block::new(fence, 1, String::new());
            assert!(block.purpose().is_err(), "{fence}: {:?}", block.purpose());
        }
    }

    #[test]
    fn a_fence_is_found_wherever_it_stands() {
        for line in ["  ```rust", "\t```yaml", "> ```rust", "- ```rust", "1. ```rust", "~~~rust", "  ~~~"] {
            assert_eq!(Page::parse("", line).stray_fences().len(), 1, "{line}");
        }
        let page = Page::parse("", "```rust\nlet fence = \"\n  ```\n\";\n```\n`code`, and ``code``\n");
        assert!(page.stray_fences().is_empty(), "{:?}", page.stray_fences());
        assert_eq!(page.sections[0].blocks[0].text, "let fence = \"\n  ```\n\";\n");
    }

    #[test]
    #[should_panic(expected = "page.md:3: the block has no end")]
    fn a_block_without_an_end_is_refused() {
        Page::parse("page.md", "```text\n```\n```rust\nlet answer = 42;\n");
    }
}
