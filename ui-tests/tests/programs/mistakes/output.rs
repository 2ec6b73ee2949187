//! The compiler's output without what differs between machines and changes of other files: where things lie, and the lines of code
//! outside of a case.

use std::path::Path;

use crate::compiler::built;

/// The output for a case, as it is recorded.
pub(super) fn normalized(output: &str, case: &Path) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Whether lines of another file follow, whose numbers change with it.
    let mut elsewhere = false;
    for line in output.lines().map(str::trim_end) {
        let start = line.trim_start();
        if let Some(place) = start.strip_prefix("--> ").or(start.strip_prefix("::: ")) {
            let (before, _) = line.split_at(line.len() - place.len());
            elsewhere = !place.starts_with(case.to_str().unwrap());
            lines.push(format!("{before}{}", if elsewhere { file(place) } else { place.to_owned() }));
        } else if ENDS.iter().any(|end| line.starts_with(end)) {
            elsewhere = false;
        } else {
            elsewhere &= start.starts_with(|first: char| first.is_ascii_digit() || first == '|' || first == '.');
            lines.push(if elsewhere { without_number(line) } else { without_count(line) });
        }
    }
    let text = unindented(&shortened(lines)).join("\n");
    // Between diagnostics there is one empty line.
    text.trim_end().to_owned() + "\n"
}

/// How lines begin that only count errors.
const ENDS: [&str; 4] = [
    "error: aborting due to ",
    "For more information about this error, try ",
    "For more information about an error, try ",
    "Some errors have detailed explanations: ",
];

/// A file outside of a case, without its line, from a place that is the same everywhere.
fn file(place: &str) -> String {
    let path = place.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ':');
    let after = |part: &str| path.split_once(part).map(|(before, after)| (before.to_owned(), after.to_owned()));
    if let Some((before, name)) = after("/out/").filter(|_| Path::new(path).starts_with(built())) {
        // `…/build/package-0123456789abcdef/out/file.rs`
        let package = before.rsplit('/').next().and_then(|folder| folder.rsplit_once('-')).map_or("", |it| it.0);
        return format!("$OUT_DIR[{package}]/{name}");
    }
    let of_std =
        after("/library/").filter(|(before, _)| before.starts_with("/rustc/") || before.ends_with("/rustlib/src/rust"));
    if let Some((_, rest)) = of_std {
        return format!("$RUST/{rest}");
    }
    if let Some((_, rest)) = after("/registry/src/") {
        let mut parts = rest.splitn(3, '/').skip(1);
        let (package, file) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let name = package.rsplit_once('-').map_or(package, |(name, _)| name);
        return format!("$CARGO/{name}-$VERSION/{file}");
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_str().unwrap();
    path.replace(repository, "$WORKSPACE")
}

fn without_number(line: &str) -> String {
    let number = line.len() - line.trim_start_matches(|letter: char| letter == ' ' || letter.is_ascii_digit()).len();
    " ".repeat(number) + &line[number..]
}

/// How many types a list leaves out changes with every crate.
fn without_count(line: &str) -> String {
    let start = line.trim_start();
    let count = start.strip_prefix("and ").and_then(|rest| rest.strip_suffix(" others"));
    match count {
        Some(count) if count.parse::<usize>().is_ok() => line.replace(count, "$N"),
        _ => line.to_owned(),
    }
}

/// The most types that a list of those that implement a trait has here; which others there are changes with every crate.
const LISTED: usize = 8;

fn shortened(lines: Vec<String>) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut short: Vec<String> = Vec::new();
    // The place of the first type in a list.
    let mut list = None;
    for line in lines {
        let start = line.trim_start();
        let is_list = ["following types implement trait", "following other types implement trait"];
        if is_list.iter().any(|words| start.starts_with(&format!("= help: the {words}"))) {
            list = Some(0);
        } else if let Some(listed) = &mut list {
            if indent(&line) < 12 {
                list = None;
            } else {
                *listed += 1;
                if *listed == LISTED + 2 {
                    // There is more than one beyond those that are listed.
                    let last = short.pop().unwrap_or_default();
                    short.push(" ".repeat(indent(&last) - 2) + "and $N others");
                }
                if *listed > LISTED + 1 {
                    continue;
                }
            }
        }
        short.push(line);
    }
    short
}

/// How far code is indented follows from the largest number of a line, and may be that of another file. Here it
/// follows from those that are shown.
fn unindented(lines: &[String]) -> Vec<String> {
    let mut result = Vec::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let is_heading = |line: &str| ["error", "warning"].iter().any(|level| line.starts_with(level));
        let length = 1 + rest[1..].iter().take_while(|line| !is_heading(line)).count();
        let (diagnostic, others) = rest.split_at(length);
        rest = others;
        result.push(first.clone());
        let cut = diagnostic[1..].iter().filter_map(|line| margin(line)).min().unwrap_or(0);
        for line in &diagnostic[1..] {
            result.push(match margin(line) {
                Some(_) => {
                    let space = line.find(' ').unwrap_or(0);
                    format!("{}{}", &line[..space], &line[space + cut..])
                }
                None => line.clone(),
            });
        }
    }
    result
}

/// By how much a line that shows code, or belongs to it, could be moved to the left; none if it is of another kind.
fn margin(line: &str) -> Option<usize> {
    if let Some(rest) = line.strip_prefix("... ") {
        return Some(rest.len() - rest.trim_start_matches(' ').len());
    }
    let after_spaces = line.trim_start_matches(' ');
    let after_digits = after_spaces.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let rest = after_digits.trim_start_matches(' ');
    let digits = after_spaces.len() - after_digits.len();
    let spaces = line.len() - rest.len() - digits;
    let is_code = rest == "|" || rest.starts_with("| ");
    let is_change =
        digits > 0 && ["~", "+", "-"].iter().any(|sign| rest == *sign || rest.starts_with(&format!("{sign} ")));
    let is_note = digits == 0 && ["--> ", "::: ", "= "].iter().any(|sign| rest.starts_with(sign));
    if spaces > 0 && (is_code || is_change || is_note) {
        return Some(spaces - 1);
    }
    // What follows a note, line for line.
    (digits == 0 && spaces > 10).then_some(spaces)
}
