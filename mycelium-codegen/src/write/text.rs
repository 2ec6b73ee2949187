//! The writer of formatted text: it indents and breaks lines as prettyplease does, without parsing the code.

use std::fmt::{Display, Write as _};

use crate::prose;

/// The maximum width of a line, which is that of prettyplease.
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

    /// Writes a line with the indentation of its block.
    ///
    /// It takes the result of `format_args!`, so that the line is formatted directly into the text.
    pub(super) fn line(&mut self, line: impl Display) {
        self.indent();
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// Writes `head {`, the body, and `}`.
    pub(super) fn block(&mut self, head: impl Display, body: impl FnOnce(&mut Self)) {
        self.block_then(head, body, "}");
    }

    /// Like [`Writer::block`], with another end.
    pub(super) fn block_then(&mut self, head: impl Display, body: impl FnOnce(&mut Self), end: &str) {
        self.lines(format_args!("{head} {{"), body, end);
    }

    /// Writes a line that ends with a brace, the body, and the end.
    pub(super) fn lines(&mut self, start: impl Display, body: impl FnOnce(&mut Self), end: &str) {
        self.line(start);
        let inside = self.text.len();
        self.depth += 1;
        body(self);
        self.depth -= 1;
        if self.text.len() == inside {
            // An empty body: the braces are on one line.
            self.text.truncate(inside - 1);
            self.text.push_str(end);
            self.text.push('\n');
        } else {
            self.line(end);
        }
    }

    /// Writes an expression or a signature, on several lines if it is too long for one.
    pub(super) fn expr(&mut self, expr: &Expr) {
        self.indent();
        let column = self.depth * 4;
        self.place(expr, column, 0);
        self.text.push('\n');
    }

    /// Writes a function: its signature and its body.
    pub(super) fn function(&mut self, head: &str, arguments: &[String], output: &str, body: impl FnOnce(&mut Self)) {
        let output = if output.is_empty() { String::new() } else { format!("-> {output} ") };
        self.expr(&list(format!("{head}("), arguments.iter().map(text), format!(") {output}{{")));
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line("}");
    }

    /// Writes a call of a macro of the runtime: on one line, or with as many arguments on each line as fit.
    pub(super) fn macro_call(&mut self, name: &str, arguments: impl IntoIterator<Item = String>) {
        let head = format!("__rt::{name}!(");
        let arguments = arguments.into_iter().collect::<Vec<String>>().join(", ");
        if head.len() + arguments.len() <= WIDTH {
            return self.line(format_args!("{head}{arguments});"));
        }
        self.line(head);
        self.depth += 1;
        let mut line = String::new();
        for word in arguments.split(' ') {
            if !line.is_empty() && self.depth * 4 + line.len() + 1 + word.len() > WIDTH {
                self.line(&line);
                line.clear();
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        self.line(line);
        self.depth -= 1;
        self.line(");");
    }

    /// Writes a match arm with statements.
    pub(super) fn arm(&mut self, pattern: &Expr, body: impl FnOnce(&mut Self)) {
        self.expr(pattern);
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line("}");
    }

    /// Writes a doc comment, or nothing if the text is empty.
    pub(super) fn doc(&mut self, doc: &str) {
        if doc.trim().is_empty() {
            return;
        }
        for line in prose::lines(doc) {
            let blank = if line.is_empty() { "" } else { " " };
            self.line(format_args!("///{blank}{line}"));
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.text.push_str("    ");
        }
    }

    /// Writes an expression that starts at `column` and is followed by `trailing` characters.
    fn place(&mut self, expr: &Expr, column: usize, trailing: usize) {
        match expr {
            Expr::Text(text) => self.text.push_str(text),
            Expr::List { open, items, close, kind } if !expr.fits(column, trailing) => {
                self.text.push_str(open);
                self.text.push('\n');
                self.depth += 1;
                for (index, item) in items.iter().enumerate() {
                    let is_rest = *kind == ListKind::Pattern && index + 1 == items.len();
                    self.indent();
                    self.place(item, self.depth * 4, 1);
                    self.text.push_str(if is_rest { "\n" } else { ",\n" });
                }
                self.depth -= 1;
                self.indent();
                self.text.push_str(close);
            }
            Expr::List { .. } => expr.flat(&mut self.text),
        }
    }
}

/// An expression: text, or a list that is on one line or has a line for each item.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Text(String),
    List { open: String, items: Vec<Expr>, close: String, kind: ListKind },
}

/// The kind of a list, which determines how it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    /// A call, an array, a tuple.
    Call,
    /// A struct literal: blanks within its braces, and broken beyond 34 characters.
    Literal,
    /// A struct pattern: blanks within its braces, and no comma after the final `..`.
    Pattern,
}

/// Unbreakable text.
pub(super) fn text(text: impl AsRef<str>) -> Expr {
    Expr::Text(text.as_ref().to_owned())
}

/// A call, an array, a tuple.
pub(super) fn list(open: impl Into<String>, items: impl IntoIterator<Item = Expr>, close: impl Into<String>) -> Expr {
    Expr::List { open: open.into(), items: items.into_iter().collect(), close: close.into(), kind: ListKind::Call }
}

/// A call of a function, followed by `end`.
pub(super) fn call(function: &str, arguments: impl IntoIterator<Item = Expr>, end: &str) -> Expr {
    list(format!("{function}("), arguments, format!("){end}"))
}

/// A struct literal, followed by `end`.
pub(super) fn literal(name: &str, fields: impl IntoIterator<Item = Expr>, end: &str) -> Expr {
    Expr::List {
        open: format!("{name} {{"),
        items: fields.into_iter().collect(),
        close: format!("}}{end}"),
        kind: ListKind::Literal,
    }
}

/// A struct pattern that begins a match arm.
pub(super) fn pattern(name: &str, fields: impl IntoIterator<Item = String>) -> Expr {
    Expr::List {
        open: format!("{name} {{"),
        items: fields.into_iter().chain(["..".to_owned()]).map(text).collect(),
        close: "} => {".to_owned(),
        kind: ListKind::Pattern,
    }
}

impl ListKind {
    /// The blank between the braces and their content.
    fn blank(self) -> &'static str {
        if self == Self::Call { "" } else { " " }
    }
}

impl Expr {
    /// Adds text before it.
    pub(super) fn prefixed(self, prefix: &str) -> Self {
        match self {
            Self::Text(text) => Self::Text(format!("{prefix}{text}")),
            Self::List { open, items, close, kind } => {
                Self::List { open: format!("{prefix}{open}"), items, close, kind }
            }
        }
    }

    /// Adds text after it.
    pub(super) fn suffixed(self, suffix: &str) -> Self {
        match self {
            Self::Text(text) => Self::Text(format!("{text}{suffix}")),
            Self::List { open, items, close, kind } => {
                Self::List { open, items, close: format!("{close}{suffix}"), kind }
            }
        }
    }

    fn fits(&self, column: usize, trailing: usize) -> bool {
        let Self::List { open, items, close, kind } = self else { return true };
        let content = items.iter().map(Self::width).sum::<usize>() + 2 * items.len().saturating_sub(1);
        let blanks = 2 * kind.blank().len();
        let is_small = *kind != ListKind::Literal || open.chars().count() + content + 2 <= LITERAL_WIDTH;
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
            Self::List { open, items, close, kind } => {
                let blank = if items.is_empty() { "" } else { kind.blank() };
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
