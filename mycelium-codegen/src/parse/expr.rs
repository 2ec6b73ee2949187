//! Type expressions: `u64`, `Price`, `[u8; 20]`, `str<=8`, `bytes<=32`, `[Level]<=10`, and the older `String`, `Vec<T>`.

use super::decl::{Bound, ExprKind, TypeExpr};
use super::reader::{Text, shorten};
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::number::Integer;
use crate::source::{Span, Spanned};
use crate::suggest;

/// Nesting of brackets; a file of nothing but brackets must not exhaust the stack.
const MAX_DEPTH: usize = 16;

/// Reads a type, or reports why it can't be read.
pub(crate) fn parse(text: &Text, findings: &mut Findings) -> Option<TypeExpr> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    match parser.whole() {
        Ok(expr) => Some(expr),
        Err(finding) => {
            findings.push(*finding);
            None
        }
    }
}

type Result<T> = std::result::Result<T, Box<Finding>>;

struct Parser<'a> {
    text: &'a Text,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<TypeExpr> {
        let expr = self.expr()?;
        self.blanks();
        if self.at < self.text.value.len() {
            return Err(self.error(self.rest(), "can't read the rest of this type", &self.foreign_help()));
        }
        Ok(expr)
    }

    fn expr(&mut self) -> Result<TypeExpr> {
        self.blanks();
        let start = self.at;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("a type is nested more than {MAX_DEPTH} deep");
            return Err(self.error(self.rest(), message, "declare the inner part under `types:`"));
        }
        let kind = if self.eat("[") { self.brackets()? } else { self.name()? };
        self.depth -= 1;
        Ok(TypeExpr { kind, span: self.text.part(start, self.at) })
    }

    /// After `[`: `T; N]` or `T]<=N`.
    fn brackets(&mut self) -> Result<ExprKind> {
        let element = Box::new(self.expr()?);
        self.blanks();
        if self.eat(";") {
            let length = self.bound("length")?;
            self.blanks();
            if !self.eat("]") {
                return Err(self.error(self.rest(), "this array has no closing `]`", "write an array as `[u8; 20]`"));
            }
            return Ok(ExprKind::Array(element, length));
        }
        if !self.eat("]") {
            let help = "write an array as `[u8; 20]`, and a list as `[Level]<=10`";
            return Err(self.error(self.rest(), "expected `;` or `]`", help));
        }
        self.blanks();
        if !self.eat("<=") {
            let inside = self.text.part(0, self.at);
            return Err(self.error(
                inside,
                "a list needs a bound",
                "give the maximum number of elements, such as `[Level]<=10`",
            ));
        }
        Ok(ExprKind::List(element, self.bound("bound")?))
    }

    fn name(&mut self) -> Result<ExprKind> {
        let start = self.at;
        let mut name = self.word().to_owned();
        if name.is_empty() {
            return Err(self.error(self.rest(), "expected a type", &self.foreign_help()));
        }
        while self.eat("::") {
            // The older dialect writes paths, such as `primitive_types::U256`: only the last name counts.
            name = self.word().to_owned();
        }
        self.blanks();
        let whole = self.text.part(start, self.at);
        if self.text.value[self.at..].starts_with("<=") {
            return self.bounded(&name, whole);
        }
        if self.eat("<") {
            return self.generic(&name, whole);
        }
        match name.as_str() {
            "str" => {
                Err(self.error(whole, "`str` needs a bound", "give the maximum number of bytes, such as `str<=32`"))
            }
            "bytes" => {
                Err(self.error(whole, "`bytes` needs a bound", "give the maximum number of bytes, such as `bytes<=32`"))
            }
            _ => Ok(ExprKind::Name(name)),
        }
    }

    /// Before `<=N`.
    fn bounded(&mut self, name: &str, whole: Span) -> Result<ExprKind> {
        self.at += 2;
        match name {
            "str" => Ok(ExprKind::Str(self.bound("bound")?)),
            "bytes" => Ok(ExprKind::Bytes(self.bound("bound")?)),
            _ => {
                let message = format!("`{}` can't have a bound", shorten(name));
                Err(self.error(whole, message, "only `str`, `bytes` and lists, such as `[Level]<=10`, have a bound"))
            }
        }
    }

    /// After `Name<`.
    fn generic(&mut self, name: &str, whole: Span) -> Result<ExprKind> {
        if let Some(instead) = suggest::type_instead(name).filter(|_| name != "Vec") {
            let message = format!("`{}` takes no type parameter", shorten(name));
            return Err(self.error(whole, message, &format!("use {instead}")));
        }
        let inner = Box::new(self.expr()?);
        self.blanks();
        if !self.eat(">") {
            return Err(self.error(self.rest(), "expected `>`", "write a list as `[Level]<=10`"));
        }
        match name {
            "Vec" => Ok(ExprKind::Vec(inner)),
            "Option" => Ok(ExprKind::Option(inner)),
            _ => {
                let message = format!("`{}` takes no type parameter", shorten(name));
                Err(self.error(whole, message, "only `Vec<T>` and `Option<T>` of the older dialect take one"))
            }
        }
    }

    /// A length or bound, at least 1.
    fn bound(&mut self, what: &str) -> Result<Bound> {
        self.blanks();
        let start = self.at;
        let negative = self.eat("-");
        let digits = self.word();
        let number = Integer::parse(digits);
        let span = self.text.part(start, self.at.max(start + 1).min(self.text.value.len()));
        let Some(number) = number else {
            let message = format!("the {what} must be a whole number");
            return Err(Box::new(Finding::new(Code::BadBound, span, message).label("not a number")));
        };
        let value = number.to_i128().map_or(u64::MAX, |value| u64::try_from(value).unwrap_or(u64::MAX));
        if negative || value == 0 {
            let message = format!("the {what} must be at least 1");
            return Err(Box::new(Finding::new(Code::BadBound, span, message).label("too small")));
        }
        Ok(Spanned::new(value, span))
    }

    fn word(&mut self) -> &str {
        let start = self.at;
        let rest = &self.text.value[start..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        &self.text.value[start..self.at]
    }

    fn blanks(&mut self) {
        let rest = &self.text.value[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.text.value[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// A help for a type in the syntax of another language, or else how types are written.
    fn foreign_help(&self) -> String {
        let text = self.text.value.trim();
        if let Some(instead) = suggest::type_instead(text) {
            return format!("use {instead}");
        }
        let element = text.strip_suffix(']').and_then(|text| text.split_once('['));
        match element.map(|(element, length)| (element.trim(), length.trim())) {
            Some((element, "")) if !element.is_empty() => {
                format!("write a list as `[{}]<=10`, with its maximum number of elements", shorten(element))
            }
            Some((element, length)) if !element.is_empty() => {
                format!("write an array as `[{}; {}]`", shorten(element), shorten(length))
            }
            _ if text.ends_with('?') => "set `optional: true` on the field".to_owned(),
            _ if text.starts_with(['&', '*']) || text.ends_with(['&', '*']) => {
                "use the type itself: a message stores its values inline".to_owned()
            }
            _ => "write a type such as `u64`, `Price`, `[u8; 20]`, `str<=8`, `bytes<=32` or `[Level]<=10`".to_owned(),
        }
    }

    /// The rest of the text; its last character if nothing is left.
    fn rest(&self) -> Span {
        let end = self.text.value.len();
        let start = self.at.min(self.text.value.char_indices().next_back().map_or(0, |(last, _)| last));
        self.text.part(start, end)
    }

    fn error(&self, span: Span, message: impl Into<String>, help: &str) -> Box<Finding> {
        Box::new(Finding::new(Code::BadType, span, message).help(help))
    }
}
