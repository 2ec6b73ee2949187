//! Identifiers: which names Rust allows, how a name becomes an identifier, and the cases of generated names.

/// Keywords of edition 2024 that are identifiers with `r#`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that are no identifiers, even with `r#`.
const NEVER: [&str; 5] = ["self", "Self", "super", "crate", "_"];

/// Why a name can't be used, or `None` if it can.
pub(crate) fn problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if NEVER.contains(&name) {
        return Some("this keyword can't be a raw identifier in Rust");
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return Some("a name can't begin with a digit");
    }
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(valid) { None } else { Some("a name consists of ASCII letters, digits and `_`") }
}

/// A name as an identifier: `type` becomes `r#type`.
pub(crate) fn ident(name: &str) -> String {
    if KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else if NEVER.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// `wanted`, or `wanted_` and so on where that is taken.
pub(crate) fn free_name(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    while is_taken(&name) {
        name.push('_');
    }
    name
}

/// `PoolStateUpdate` → `pool_state_update`, `HTTPServer` → `http_server`, `V2Swap` → `v2_swap`.
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, &here) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after_lower = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let ends_acronym =
            before.is_some_and(char::is_uppercase) && chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        if here.is_uppercase() && (after_lower || ends_acronym) {
            out.push('_');
        }
        out.extend(here.to_lowercase());
    }
    out
}

/// `PoolStateUpdate` → `POOL_STATE_UPDATE`.
pub(crate) fn screaming_case(name: &str) -> String {
    snake_case(name).to_uppercase()
}

/// `UpperCamelCase`, as rustc's own lint has it.
pub(crate) fn is_camel_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && !name.contains('_')
}

/// `snake_case`, as rustc's own lint has it.
pub(crate) fn is_snake_case(name: &str) -> bool {
    !name.contains(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_change_at_words() {
        for (name, snake) in [
            ("Bar", "bar"),
            ("PoolStateUpdate", "pool_state_update"),
            ("HTTPServer", "http_server"),
            ("V2Swap", "v2_swap"),
            ("L2Book", "l2_book"),
            ("already_snake", "already_snake"),
            ("Foo_Bar", "foo_bar"),
            ("ABC", "abc"),
            ("XNAS", "xnas"),
        ] {
            assert_eq!(snake_case(name), snake);
            assert_eq!(screaming_case(name), snake.to_uppercase());
        }
    }

    #[test]
    fn only_identifiers_are_names() {
        for name in ["Bar", "type", "_x", "x1", "Union"] {
            assert_eq!(problem(name), None, "{name}");
        }
        for name in ["", "_", "self", "Self", "super", "crate", "1x", "a-b", "a b", "é", "a.b"] {
            assert!(problem(name).is_some(), "{name}");
        }
    }
}
