//! What the author of a contract meant by a name that is not known: the nearest known name, or the one that Mycelium has for a type
//! or key of another language or schema.

/// The candidate nearest to `word`, if one is near enough to be a typo of it.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let tolerance = (length / 3).max(1);
    // The distance is quadratic in the length of the words, and long words are not typos.
    if length > 64 {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= tolerance + 2)
        .map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help for an unknown word.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Edits between two words: insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, here) in left.chars().enumerate() {
        let mut current = vec![row + 1; right.len() + 1];
        for (column, there) in right.iter().enumerate() {
            let substitution = last[column] + usize::from(here != *there);
            let mut best = substitution.min(last[column + 1] + 1).min(current[column] + 1);
            if column > 0 && previous == Some(*there) && here == right[column - 1] {
                best = best.min(before_last[column - 1] + 1);
            }
            current[column + 1] = best;
        }
        before_last = std::mem::replace(&mut last, current);
        previous = Some(here);
    }
    last[right.len()]
}

/// The type to use instead of a type of another language, as the end of a help that starts with `use`.
pub(crate) fn type_instead(written: &str) -> Option<&'static str> {
    let plain = plain(written);
    let instead = match plain.as_str() {
        "uint8" | "byte" | "ubyte" | "uchar" | "unsignedchar" | "octet" => "`u8`",
        "uint16" | "ushort" | "unsignedshort" | "word" => "`u16`",
        "uint32" | "uint" | "unsigned" | "unsignedint" | "fixed32" | "dword" => "`u32`",
        "uint64" | "ulong" | "unsignedlong" | "unsignedlonglong" | "ulonglong" | "fixed64" | "qword" => "`u64`",
        "uint128" => "`u128`",
        "uint256" => "`u256`",
        "int8" | "sbyte" | "signedchar" => "`i8`",
        "int16" | "short" | "shortint" => "`i16`",
        "int32" | "sint32" | "sfixed32" => "`i32`",
        "int64" | "sint64" | "sfixed64" | "long" | "longint" | "longlong" | "longlongint" | "bigint" => "`i64`",
        "int128" => "`i128`",
        "int" | "integer" | "signed" => "`i32` or `i64`",
        "usize" | "size" | "uintptr" => "`u64`: a size must not depend on the machine",
        "isize" | "ssize" | "intptr" | "ptrdiff" => "`i64`: a size must not depend on the machine",
        "float32" | "single" | "real" => "`f32`",
        "float64" | "double" | "longdouble" | "number" => "`f64`",
        "float" => "`f32` or `f64`",
        "boolean" | "bit" => "`bool`",
        "char" | "rune" | "wchar" | "character" => "`str<=4` for one character, or `u8` for a byte",
        "string" | "text" | "varchar" | "nvarchar" | "cstring" | "cstr" | "str[]" | "char[]" | "constchar" | "utf8" => {
            "`str<=N`, where N is the maximum number of bytes"
        }
        "blob" | "binary" | "bytea" | "bytestring" | "bytearray" | "varbinary" | "u8[]" | "byte[]" | "[u8]"
        | "buffer" => "`bytes<=N`, where N is the maximum number of bytes",
        "timestamp" | "time" | "datetime" | "date" | "instant" | "systemtime" => "`timestamp_ns`",
        "duration" | "timedelta" | "timespan" | "interval" => "`duration_ns`",
        "decimal" | "numeric" | "money" | "currency" | "bigdecimal" => {
            "a type of your own, declared under `types:` such as `Price: { decimal: { repr: i64, scale: 6 } }`"
        }
        "uuid" | "guid" => "`[u8; 16]`",
        "map" | "dict" | "dictionary" | "hashmap" | "btreemap" | "object" | "record" | "table" => {
            "a list of structs with a key and a value, such as `[Entry]<=100`"
        }
        "list" | "array" | "vector" | "vec" | "sequence" | "repeated" | "set" | "hashset" | "btreeset" | "slice" => {
            "`[T]<=N`, where T is the type of the elements and N their maximum number"
        }
        "box" | "rc" | "arc" | "ref" | "cow" => "the type itself: a message stores its values inline",
        "optional" | "nullable" | "maybe" => "the type itself, and set `optional: true` on the field",
        "enum" | "struct" | "oneof" | "union" | "flags" => "a type of your own, declared under `types:` with a name",
        "any" | "json" | "dynamic" | "variant" => "a oneof, declared under `types:`, with a variant for each type",
        "void" | "null" | "none" | "unit" | "nil" | "empty" => "no field at all: a message may have `fields: {}`",
        _ => return None,
    };
    Some(instead)
}

/// The key to use instead of a key of another schema language, if it is one of `known`.
pub(crate) fn key_instead<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let meant: &[&str] = match plain(written).as_str() {
        "desc" | "docs" | "documentation" | "comment" | "comments" | "summary" => &["doc"],
        "required" | "nullable" | "null" => &["optional"],
        "minimum" | "min_value" | "minvalue" | "gte" => &["min"],
        "maximum" | "max_value" | "maxvalue" | "lte" => &["max"],
        "values" | "symbols" | "members" | "options" | "cases" => &["variants", "bits", "fields"],
        "properties" | "attributes" | "columns" => &["fields"],
        "include" | "includes" | "import" | "uses" => &["imports"],
        "structs" | "enums" | "definitions" | "typedefs" | "schemas" => &["types"],
        "events" | "commands" | "msgs" => &["messages"],
        "number" | "tag" | "code" | "msgid" | "messageid" | "typeid" => &["id"],
        "channel" | "subject" | "queue" => &["topic"],
        "units" => &["unit"],
        "defaultvalue" | "initial" => &["default"],
        "added" | "introduced" | "sinceversion" => &["since"],
        "retired" | "removed" => &["reserved"],
        _ => &[],
    };
    meant.iter().find_map(|meant| known.iter().find(|known| *known == meant).copied())
}

/// In lower case, without blanks, references, paths and the suffix `_t` of C.
fn plain(written: &str) -> String {
    let last = written.rsplit("::").next().unwrap_or(written);
    let text: String = last.chars().filter(|c| !c.is_whitespace() && !"&*_-".contains(*c)).collect();
    let text = text.to_lowercase();
    let is_of_c = last.trim_end().ends_with("_t");
    match text.strip_suffix('t').filter(|_| is_of_c) {
        Some(without) => without.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let keys = ["id", "topic", "doc", "fields", "optional"];
        assert_eq!(nearest("feilds", keys), Some("fields"));
        assert_eq!(nearest("optionel", keys), Some("optional"));
        assert_eq!(nearest("Topic", keys), Some("topic"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest(&"x".repeat(100_000), keys), None);
    }

    #[test]
    fn a_swap_counts_once() {
        assert_eq!(distance("tpye", "type"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn types_of_other_languages_have_one_here() {
        for (written, instead) in [
            ("uint32", "`u32`"),
            ("uint64_t", "`u64`"),
            ("std::uint8_t", "`u8`"),
            ("UInt16", "`u16`"),
            ("unsigned int", "`u32`"),
            ("long", "`i64`"),
            ("int", "`i32` or `i64`"),
            ("float32", "`f32`"),
            ("double", "`f64`"),
            ("const char*", "`str<=N`"),
            ("std::string", "`str<=N`"),
            ("&str[]", "`str<=N`"),
            ("char", "`str<=4`"),
            ("HashMap", "a list of structs"),
        ] {
            assert!(type_instead(written).is_some_and(|found| found.starts_with(instead)), "{written}");
        }
        assert_eq!((type_instead("Price"), type_instead("u65"), type_instead("t")), (None, None, None));
    }

    #[test]
    fn keys_of_other_schemas_have_one_where_it_means_something() {
        assert_eq!(key_instead("maximum", &["type", "max"]), Some("max"));
        assert_eq!(key_instead("required", &["type", "optional"]), Some("optional"));
        assert_eq!(key_instead("maximum", &["id", "fields"]), None);
        assert_eq!(key_instead("colour", &["doc"]), None);
    }
}
