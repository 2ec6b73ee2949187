//! Names of packages that cargo can build, and whose library Rust code can name.

/// A valid name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// Of the package.
    pub(super) package: String,
    /// Of its library, in snake case, as code names it.
    pub(super) library: String,
}

/// The longest name that registries accept, in characters.
const MAX_LENGTH: usize = 64;

const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final fn \
     for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true \
     try type typeof union unsafe unsized use virtual where while yield";
const TYPES: &str = "bool char f16 f32 f64 f128 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize";
/// Crates of the toolchain, and those that the project depends on.
const CRATES: &str = "alloc core proc_macro std test mycelium_codegen mycelium_macros mycelium_rt";
/// Folders that cargo creates beside the program.
const FOLDERS: &str = "build deps examples incremental";
/// Names that Windows reserves for devices.
const DEVICES: &str =
    "aux com1 com2 com3 com4 com5 com6 com7 com8 com9 con lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 nul prn";

impl Name {
    /// The name, or why it is invalid.
    pub(super) fn of(package: &str) -> Result<Self, String> {
        let refused =
            |why: &str| Err(format!("`{package}` can't be the name of a package, {why}; choose one with `--name`"));
        let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !package.starts_with(|c: char| c.is_ascii_alphabetic()) || !package.chars().all(is_valid) {
            return refused("which begins with a letter and consists of ASCII letters, digits, `-` and `_`");
        }
        if package.len() > MAX_LENGTH {
            return refused("which is at most 64 characters long");
        }
        let lower = package.to_ascii_lowercase();
        let words: Vec<&str> = lower.split(['-', '_']).filter(|word| !word.is_empty()).collect();
        let library = words.join("_");
        let reserved = [
            (KEYWORDS, "since it is a keyword of Rust"),
            (TYPES, "since it is a type of Rust"),
            (CRATES, "since the project needs a crate of this name"),
            (FOLDERS, "since cargo creates a folder of this name beside the program"),
            (DEVICES, "since Windows reserves it for a device"),
        ];
        let is_in = |list: &str| list.split_whitespace().any(|word| word == library);
        match reserved.iter().find(|(list, _)| is_in(list)) {
            Some((_, why)) => refused(why),
            None => Ok(Self { package: package.to_owned(), library }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_has_the_name_in_snake_case() {
        for (package, library) in [
            ("house", "house"),
            ("my-house", "my_house"),
            ("MyHouse", "myhouse"),
            ("a--b_", "a_b"),
            ("x", "x"),
            ("mycelium", "mycelium"),
        ] {
            assert_eq!(Name::of(package).unwrap().library, library, "{package}");
        }
    }

    #[test]
    fn names_that_would_not_build_are_refused_with_the_reason() {
        for (package, why) in [
            ("", "begins with a letter"),
            ("1abc", "begins with a letter"),
            ("-a", "begins with a letter"),
            ("..", "begins with a letter"),
            ("a b", "consists of ASCII"),
            ("a/b", "consists of ASCII"),
            ("haus\u{e9}", "consists of ASCII"),
            ("\u{5bb6}", "begins with a letter"),
            ("fn", "keyword"),
            ("Self", "keyword"),
            ("gen", "keyword"),
            ("u8", "type"),
            ("std", "crate"),
            ("core", "crate"),
            ("test", "crate"),
            ("proc-macro", "crate"),
            ("mycelium-rt", "crate"),
            ("mycelium_rt", "crate"),
            ("Mycelium-Codegen", "crate"),
            ("build", "cargo"),
            ("deps", "cargo"),
            ("nul", "Windows"),
        ] {
            let refused = Name::of(package).unwrap_err();
            assert!(refused.contains(why) && refused.contains("`--name`"), "{package}: {refused}");
        }
        assert!(Name::of(&"a".repeat(64)).is_ok() && Name::of(&"a".repeat(65)).is_err());
    }
}
