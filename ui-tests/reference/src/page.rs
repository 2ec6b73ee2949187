//! A page of Markdown: its headings, and the blocks and tables below each.
//!
//! The build script includes this file, so it uses the standard library only.

/// A page.
#[derive(Debug)]
pub struct Page {
    /// The path from the root of the repository, such as `docs/contracts.md`.
    pub path: &'static str,
    /// In order, parents before children. The first one holds what stands above the first heading, if anything does.
    pub sections: Vec<Section>,
}

/// A heading, and what stands below it up to the next heading of any level.
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
    /// What stands between the fences.
    pub text: String,
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
                let inside = lines.by_ref().map(|(line, _)| line).take_while(|line| !line.starts_with("```"));
                let text = inside.map(|line| line.to_owned() + "\n").collect();
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

    /// What stands in backticks.
    pub fn inline_code(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.title).chain(&self.prose).flat_map(|line| line.split('`').skip(1).step_by(2))
    }
}

impl Block {
    fn new(fence: &str, line: usize, text: String) -> Self {
        let mut words = fence.split_whitespace().map(str::to_owned);
        Self { language: words.next().unwrap_or_default(), marks: words.collect(), line, text }
    }

    /// The codes that the block is an example of, such as `MYC0004`; none of a contract that is as it should be.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().map(String::as_str).filter(|mark| mark.starts_with("MYC"))
    }
}
