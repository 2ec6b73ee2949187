//! What lets a type be read where its bytes lie: a macro of the runtime, which is told the fields.

use super::text::Writer;

/// A field, as far as reading it goes.
pub(super) struct Part {
    /// As an identifier, or the number of a tuple's field.
    pub(super) name: String,
    /// As it is written in the struct.
    pub(super) ty: String,
    /// Any bytes are a value of it.
    pub(super) is_any: bool,
}

/// Writes the call of the macro. Fields of one type stand together: rustc proves them at once.
pub(super) fn write(w: &mut Writer, name: &str, parts: &[Part]) {
    let mut of_one_type: Vec<(&str, Vec<&str>)> = Vec::new();
    for part in parts.iter().filter(|part| part.is_any) {
        match of_one_type.iter_mut().find(|(ty, _)| *ty == part.ty) {
            Some((_, names)) => names.push(&part.name),
            None => of_one_type.push((&part.ty, vec![&part.name])),
        }
    }
    let checked: Vec<&str> = parts.iter().filter(|part| !part.is_any).map(|part| part.name.as_str()).collect();
    let mut arguments = vec![name.to_owned()];
    arguments.extend(of_one_type.iter().map(|(_, names)| format!("any({})", names.join(", "))));
    if !checked.is_empty() {
        arguments.push(format!("checked({})", checked.join(", ")));
    }
    w.macro_call("readable", arguments);
}
