//! The blocks of a text: paragraphs, items of lists, code.

use super::{clean, escaped, longest_run};

/// The lines of a text, with each block in its normal form.
pub(super) fn normalized(text: &str) -> Vec<String> {
    let mut blocks = Blocks::default();
    let lines = text.lines().map(|line| clean(&line.replace('\t', "    ")).trim_end().to_owned());
    lines.for_each(|line| blocks.line(&line));
    blocks.finish()
}

/// The state of the reader.
#[derive(Default)]
struct Blocks {
    lines: Vec<String>,
    /// The items that the next line may belong to, outermost first.
    items: Vec<Item>,
    /// Lines of a paragraph, which is escaped as a whole: code may span lines.
    paragraph: Vec<String>,
    /// The marker before the first of them, such as `- `.
    marker: String,
    code: Option<Code>,
}

/// An item of a list: how far its text is indented.
struct Item {
    given: usize,
    written: usize,
}

/// An open code block.
struct Code {
    /// The fence that ends it; `None` for an indented block.
    fence: Option<(char, usize)>,
    indent: usize,
    lines: Vec<String>,
}

impl Blocks {
    fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if self.code.is_some() && self.goes_on(line, indent) {
            return;
        }
        let text = &line[indent..];
        if text.is_empty() {
            self.end_paragraph();
            return self.lines.push(String::new());
        }
        let inside = self.items.iter().take_while(|item| item.given <= indent).count();
        let extra = indent - inside.checked_sub(1).map_or(0, |last| self.items[last].given);
        let continues = !self.paragraph.is_empty() || !self.marker.is_empty();
        match Start::of(text) {
            _ if extra >= 4 && continues => self.paragraph.push(unblocked(text)),
            _ if extra >= 4 => {
                self.begin(inside);
                self.code = Some(Code { fence: None, indent: indent - extra + 4, lines: Vec::new() });
                self.goes_on(line, indent);
            }
            Start::Item { number, .. } if continues && self.items.is_empty() && number.is_some_and(|n| n != 1) => {
                self.paragraph.push(text.to_owned());
            }
            Start::Item { length, .. } => {
                self.begin(inside);
                self.item(text, indent, length);
            }
            Start::Fence(fence) => {
                self.begin(inside);
                self.code = Some(Code { fence: Some(fence), indent, lines: Vec::new() });
            }
            Start::Whole => {
                self.begin(inside);
                self.paragraph.push(text.to_owned());
                self.end_paragraph();
            }
            Start::Text => {
                if !continues {
                    self.items.truncate(inside);
                }
                self.paragraph.push(text.to_owned());
            }
        }
    }

    /// Ends the paragraph, and the items that the next block does not belong to.
    fn begin(&mut self, inside: usize) {
        self.end_paragraph();
        self.items.truncate(inside);
    }

    fn written_indent(&self) -> usize {
        self.items.last().map_or(0, |item| item.written)
    }

    /// Starts an item with a marker of this length, such as `- ` or `10. `; its text starts a paragraph.
    fn item(&mut self, text: &str, indent: usize, length: usize) {
        let (marker, rest) = text.split_at(length);
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let given = indent + length + blanks.clamp(1, 4);
        let rest = rest.trim_start_matches(' ');
        self.marker = format!("{}{marker} ", " ".repeat(self.written_indent()));
        self.items.push(Item { given, written: self.written_indent() + length + 1 });
        if !rest.is_empty() {
            self.paragraph.push(unblocked(rest));
        }
    }

    fn end_paragraph(&mut self) {
        let marker = std::mem::take(&mut self.marker);
        let paragraph = std::mem::take(&mut self.paragraph);
        if marker.is_empty() && paragraph.is_empty() {
            return;
        }
        let blank = " ".repeat(self.written_indent());
        let text = escaped(&paragraph.join("\n"));
        for (index, line) in text.split('\n').enumerate() {
            let before = if index == 0 && !marker.is_empty() { &marker } else { &blank };
            self.lines.push(format!("{before}{}", line.trim_start()).trim_end().to_owned());
        }
    }

    /// Adds a line to the code block, or ends the block. Returns whether the line is done.
    fn goes_on(&mut self, line: &str, indent: usize) -> bool {
        let least = self.items.last().map_or(0, |item| item.given);
        let Some(code) = &mut self.code else { return false };
        let text = line.trim_start();
        let (ends, is_taken) = match code.fence {
            Some((tick, length)) if is_closing(text, tick, length) && indent < least + 4 => (true, true),
            Some(_) => (!text.is_empty() && indent < least, false),
            None => (!text.is_empty() && indent < code.indent, false),
        };
        if ends {
            self.end_code();
            return is_taken;
        }
        code.lines.push(line[indent.min(code.indent)..].to_owned());
        true
    }

    fn end_code(&mut self) {
        let Some(mut code) = self.code.take() else { return };
        let blank = " ".repeat(self.written_indent());
        let trailing = code.lines.iter().rev().take_while(|line| line.is_empty()).count();
        let after = if code.fence.is_none() { trailing } else { 0 };
        code.lines.truncate(code.lines.len() - trailing);
        let longest = code.lines.iter().map(|line| longest_run(line)).max().unwrap_or_default();
        let fence = "`".repeat(longest.max(2) + 1);
        self.lines.push(format!("{blank}{fence}text"));
        self.lines.extend(code.lines.iter().map(|line| format!("{blank}{line}").trim_end().to_owned()));
        self.lines.push(format!("{blank}{fence}"));
        self.lines.extend((0..after).map(|_| String::new()));
    }

    fn finish(mut self) -> Vec<String> {
        self.end_code();
        self.end_paragraph();
        self.lines
    }
}

/// What a line starts with.
enum Start {
    /// An item: its number, if it has one, and the length of the marker.
    Item {
        number: Option<u32>,
        length: usize,
    },
    Fence((char, usize)),
    /// A heading or a thematic break: a block of one line.
    Whole,
    Text,
}

impl Start {
    fn of(text: &str) -> Self {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(' ');
        let first = text.chars().next().unwrap_or_default();
        if is_rule(text) {
            return Self::Whole;
        }
        if matches!(first, '-' | '*' | '+') && ends(&text[1..]) {
            return Self::Item { number: None, length: 1 };
        }
        if (1..=9).contains(&digits) && text[digits..].starts_with(['.', ')']) && ends(&text[digits + 1..]) {
            return Self::Item { number: text[..digits].parse().ok(), length: digits + 1 };
        }
        let run = |tick: char| text.len() - text.trim_start_matches(tick).len();
        if run('~') >= 3 {
            return Self::Fence(('~', run('~')));
        }
        if run('`') >= 3 && !text[run('`')..].contains('`') {
            return Self::Fence(('`', run('`')));
        }
        if (1..=6).contains(&run('#')) && ends(&text[run('#')..]) { Self::Whole } else { Self::Text }
    }
}

/// `---`, `* * *`
fn is_rule(text: &str) -> bool {
    let first = text.chars().next().unwrap_or_default();
    matches!(first, '-' | '*' | '_')
        && text.chars().all(|c| c == first || c == ' ')
        && text.chars().filter(|c| *c == first).count() >= 3
}

fn is_closing(text: &str, tick: char, length: usize) -> bool {
    text.chars().all(|c| c == tick) && text.len() >= length
}

/// The text, escaped so that it starts no block without its indentation.
fn unblocked(text: &str) -> String {
    match Start::of(text) {
        Start::Text => text.to_owned(),
        Start::Item { number: Some(_), length } => format!("{}\\{}", &text[..length - 1], &text[length - 1..]),
        _ => format!("\\{text}"),
    }
}
