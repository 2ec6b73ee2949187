//! The writer: text, indented and broken as prettyplease would, without a parse.

use std::fmt::Write as _;

/// The longest line, as prettyplease has it.
const WIDTH: usize = 89;

/// Text under construction.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// One line, with the indentation of the block that it stands in.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        self.indent();
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    /// `head {`, what `body` writes, `}`.
    pub(super) fn block(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Self)) {
        self.block_then(head, body, "}");
    }

    /// As [`Writer::block`], with an own end.
    pub(super) fn block_then(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Self), end: &str) {
        let start = self.text.len();
        self.line(format!("{} {{", head.as_ref()));
        let inside = self.text.len();
        self.depth += 1;
        body(self);
        self.depth -= 1;
        if self.text.len() == inside {
            self.text.truncate(start);
            self.line(format!("{} {{{end}", head.as_ref()));
        } else {
            self.line(end);
        }
    }

    /// An expression or a signature, broken where it is too long for one line.
    pub(super) fn expr(&mut self, expr: &Expr) {
        self.indent();
        let column = self.depth * 4;
        self.place(expr, column, 0);
        self.text.push('\n');
    }

    /// A function: its signature and what `body` writes.
    pub(super) fn function(&mut self, head: &str, arguments: &[String], output: &str, body: impl FnOnce(&mut Self)) {
        let output = if output.is_empty() { String::new() } else { format!("-> {output} ") };
        self.expr(&list(format!("{head}("), arguments.iter().map(text), format!(") {output}{{")));
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line("}");
    }

    /// A doc comment. Nothing for an empty text.
    pub(super) fn doc(&mut self, doc: &str) {
        super::doc::lines(doc).for_each(|line| self.line(format!("///{line}")));
    }

    fn indent(&mut self) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{:1$}", "", self.depth * 4);
    }

    /// Writes an expression that starts at `column` and is followed by `trailing` characters.
    fn place(&mut self, expr: &Expr, column: usize, trailing: usize) {
        match expr {
            Expr::Text(text) => self.text.push_str(text),
            Expr::List { open, items, close, .. } if !expr.fits(column, trailing) => {
                self.text.push_str(open);
                self.text.push('\n');
                self.depth += 1;
                for item in items {
                    self.indent();
                    self.place(item, self.depth * 4, 1);
                    self.text.push_str(",\n");
                }
                self.depth -= 1;
                self.indent();
                self.text.push_str(close);
            }
            Expr::List { .. } => expr.flat(&mut self.text),
        }
    }
}

/// An expression: text, or a list that is either on one line or has a line for each item.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Text(String),
    List {
        open: String,
        items: Vec<Expr>,
        close: String,
        /// A struct literal: blanks within its braces, and broken beyond 34 characters of content.
        braced: bool,
    },
}

/// Unbreakable text.
pub(super) fn text(text: impl AsRef<str>) -> Expr {
    Expr::Text(text.as_ref().to_owned())
}

/// A call, an array, a tuple.
pub(super) fn list(open: impl Into<String>, items: impl IntoIterator<Item = Expr>, close: impl Into<String>) -> Expr {
    Expr::List { open: open.into(), items: items.into_iter().collect(), close: close.into(), braced: false }
}

/// A call of a function, followed by `end`.
pub(super) fn call(function: &str, arguments: impl IntoIterator<Item = String>, end: &str) -> Expr {
    list(format!("{function}("), arguments.into_iter().map(text), format!("){end}"))
}

/// A struct literal, followed by `end`.
pub(super) fn literal(name: &str, fields: impl IntoIterator<Item = String>, end: &str) -> Expr {
    Expr::List {
        open: format!("{name} {{"),
        items: fields.into_iter().map(text).collect(),
        close: format!("}}{end}"),
        braced: true,
    }
}

impl Expr {
    fn fits(&self, column: usize, trailing: usize) -> bool {
        let Self::List { open, items, close, braced } = self else { return true };
        let content = items.iter().map(Self::width).sum::<usize>() + 2 * items.len().saturating_sub(1);
        let blanks = if *braced { 2 } else { 0 };
        let is_small = !*braced || open.chars().count() + content + 2 <= LITERAL_WIDTH;
        items.is_empty()
            || is_small && column + open.chars().count() + content + blanks + close.chars().count() + trailing <= WIDTH
    }

    fn width(&self) -> usize {
        let mut flat = String::new();
        self.flat(&mut flat);
        flat.chars().count()
    }

    fn flat(&self, output: &mut String) {
        match self {
            Self::Text(text) => output.push_str(text),
            Self::List { open, items, close, braced } => {
                let blank = if *braced && !items.is_empty() { " " } else { "" };
                output.push_str(open);
                output.push_str(blank);
                for (index, item) in items.iter().enumerate() {
                    output.push_str(if index == 0 { "" } else { ", " });
                    item.flat(output);
                }
                output.push_str(blank);
                output.push_str(close);
            }
        }
    }
}

/// prettyplease breaks a struct literal beyond this many characters.
const LITERAL_WIDTH: usize = 34;
