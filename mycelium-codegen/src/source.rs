//! The files of one contract, and positions in them.

use std::cell::RefCell;
use std::ops::Range;

/// An index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FileId(pub(crate) u32);

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) file: FileId,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// The start of a file.
    pub(crate) fn start_of(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }

    /// The bytes as indices into the file's text.
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

impl<T> Spanned<T> {
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// One file: the path as the user would write it, and the text.
#[derive(Debug)]
pub(crate) struct Source {
    path: String,
    text: String,
    /// The starts of lines, found on demand: a contract without findings needs no positions.
    line_starts: RefCell<Vec<u32>>,
}

impl Source {
    pub(crate) fn new(path: String, text: String) -> Self {
        Self { path, text, line_starts: RefCell::new(vec![0]) }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The line that holds a byte, counted from 0.
    pub(crate) fn line_index(&self, at: u32) -> usize {
        self.find_lines(|starts| starts.last().is_some_and(|last| *last > at));
        self.line_starts.borrow().partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The offset at which a line starts; the end of the text for lines past the last.
    pub(crate) fn line_start(&self, index: usize) -> u32 {
        self.find_lines(|starts| starts.len() > index);
        self.line_starts.borrow().get(index).copied().unwrap_or_else(|| offset(self.text.len()))
    }

    /// Finds more lines until `enough` says so, or until the text ends.
    fn find_lines(&self, enough: impl Fn(&[u32]) -> bool) {
        let mut starts = self.line_starts.borrow_mut();
        while !enough(&starts) {
            let from = starts.last().map_or(0, |last| *last as usize);
            let Some(length) = self.text.get(from..).and_then(|rest| rest.find('\n')) else { return };
            starts.push(offset(from + length + 1));
        }
    }

    /// Line and column of a byte, both counted from 1, columns in characters.
    pub(crate) fn position(&self, at: u32) -> (usize, usize) {
        let line = self.line_index(at);
        let start = self.line_start(line) as usize;
        let column = self.text.get(start..at as usize).map_or(0, |before| before.chars().count());
        (line + 1, column + 1)
    }

    /// The range, cut at the end of its first line and without trailing blanks: what a caret can underline.
    pub(crate) fn first_line(&self, range: Range<usize>) -> Range<usize> {
        let Some(text) = self.text.get(range.clone()) else { return range.start..range.start };
        let line = text.lines().next().unwrap_or_default().trim_end();
        range.start..range.start + line.len()
    }
}

/// All files of one contract, including imports.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    files: Vec<Source>,
}

impl Sources {
    pub(crate) fn add(&mut self, source: Source) -> FileId {
        let id = FileId(offset(self.files.len()));
        self.files.push(source);
        id
    }

    pub(crate) fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }
}

/// Files are at most 16 MB, so an offset always fits.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_from_one_and_columns_in_characters() {
        let source = Source::new("a.yaml".into(), "a: é x\r\nb:\n".into());
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(6), (1, 6));
        assert_eq!(source.position(9), (2, 1));
        assert_eq!(source.position(11), (2, 3));
        assert_eq!(source.position(12), (3, 1));
    }

    #[test]
    fn a_range_is_cut_at_the_end_of_its_first_line() {
        let source = Source::new("a.yaml".into(), "one  \ntwo".into());
        assert_eq!(source.first_line(0..9), 0..3);
        assert_eq!(source.first_line(1..2), 1..2);
        assert_eq!(source.first_line(90..99), 90..90);
    }
}
