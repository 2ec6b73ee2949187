//! Names that are legal, and that careless generated code would trip over.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

const PRELUDE: &str = "Some None Ok Err Option Result Vec String Box Default Clone Copy Debug Drop Eq PartialEq Ord PartialOrd Hash \
    Iterator IntoIterator Into From TryFrom TryInto AsRef AsMut ToString ToOwned Send Sync Sized Unpin Fn FnMut FnOnce Display Error \
    Deref DerefMut Borrow Future FromStr Add Index PhantomData Infallible drop size_of vec format panic assert derive test cfg include";
const PRIMITIVES: &str = "bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 u256 U128 I128 U256 TimestampNs DurationNs timestamp_ns";
const KEYWORDS: &str = "abstract as async await become box break const continue do dyn else enum extern false final fn for gen if impl \
    in let loop macro match mod move mut override priv pub ref return static struct trait true try type typeof unsafe unsized use \
    virtual where while yield union auto macro_rules raw safe";
const NO_NAMES: &str = "self Self super crate _";
const LOOKALIKES: &str = "l1 ll Il I1 x0 xO O0 oO rn m S5 SS Z2 a A _a a_ a__ _1 A_B a_b aB Ab";
const CRATES: &str =
    "core std alloc proc_macro mycelium_rt mycelium_codegen contracts zerocopy tokio serde self_ super_ Self_ crate_";
const OURS: &str = "id value message messages MESSAGES Message AnyMessage AllRouted Fields name topic version layout decode encode \
    validate as_bytes Bar BarFields set_id id_len ID NAME TOPIC VERSION SCHEMA LAYOUT_HASH LAYOUTS new open poll flush close start \
    start_with stats route handle handle_batch emit request startup shutdown run drive services config Parts Services Running \
    links inputs routes lanes Cx cx Context runtime __rt __message __x x y z i n T U E self_self null yes no on off";

/// What generated code is most likely to mean.
pub(crate) fn few() -> BTreeSet<String> {
    let words = PRIMITIVES
        .split_whitespace()
        .chain(PRELUDE.split_whitespace().take(24))
        .chain(OURS.split_whitespace().take(24));
    words
        .chain(["type", "gen", "union", "core", "std", "mycelium_rt", "l1", "ll", "a", "A_B"])
        .map(str::to_owned)
        .collect()
}

/// What people might call something.
pub(crate) fn listed() -> BTreeSet<String> {
    let lists = [PRELUDE, PRIMITIVES, KEYWORDS, NO_NAMES, LOOKALIKES, CRATES, OURS];
    lists.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned).collect()
}

/// Every name in the code that is generated for messages of every kind, as it is and without `__`.
pub(crate) fn of_contracts() -> BTreeSet<String> {
    let generated = |contract: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/contracts/{contract}.yaml"));
        mycelium_codegen::Builder::new().generate(path).unwrap()
    };
    let own = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/contracts/kinds.yaml")).unwrap();
    let theirs = stems(&own);
    stems(&(generated("kinds") + &generated("rules"))).difference(&theirs).cloned().collect()
}

/// What the macros call their own, by their recorded expansions, without `__`.
pub(crate) fn of_macros() -> BTreeSet<String> {
    let snapshots = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../mycelium-macros/src/snapshots")).unwrap();
    let names = snapshots.flat_map(|entry| stems(&fs::read_to_string(entry.unwrap().path()).unwrap()));
    let names: BTreeSet<String> = names.collect();
    names.iter().filter(|name| names.contains(&format!("__{name}"))).cloned().collect()
}

/// A name as Rust writes it; none if it can't.
pub(crate) fn ident(name: &str) -> Option<String> {
    if NO_NAMES.split_whitespace().any(|word| word == name) {
        return None;
    }
    // Words that are keywords only in places are plain names.
    let plain = ["union", "auto", "macro_rules", "raw", "safe"];
    let is_keyword = KEYWORDS.split_whitespace().any(|word| word == name) && !plain.contains(&name);
    Some(if is_keyword { format!("r#{name}") } else { name.to_owned() })
}

/// What makes two names one when words are put into another case.
pub(crate) fn skeleton(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

fn stems(code: &str) -> BTreeSet<String> {
    let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with("#["));
    // Text in quotes is not a name.
    let code = lines.map(|line| line.split('"').step_by(2).collect::<Vec<_>>().join(" "));
    let mut names = BTreeSet::new();
    for line in code {
        for word in line.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            let starts = |word: &str| word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
            let stem = word.trim_start_matches('_');
            names.extend([word, stem].into_iter().filter(|word| starts(word) && *word != "_").map(str::to_owned));
        }
    }
    names
}
