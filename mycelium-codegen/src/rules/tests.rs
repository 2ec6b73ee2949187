//! Each reader of the table supports each rule: the example of a row tests it. `mycelium-cli/tests/rules.rs` does the same for the
//! pages and the codec of the command.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::allowed::{Allowed, Numbers};
use super::*;
use crate::code::Code;
use crate::compiled::Compiled;
use crate::model::{Literal, Schema};
use crate::{Builder, lock};

/// A contract with one field, in a file of its own.
struct Contract {
    path: PathBuf,
    text: String,
}

impl Contract {
    /// `attributes` is what follows the type, such as `, min: 5`.
    fn of(ty: &str, attributes: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mycelium-rules-{}-{number}.yaml", std::process::id()));
        let field = format!("{{ type: \"{ty}\"{attributes} }}");
        let text = format!("schema: {{ name: rules }}\nmessages: {{ M: {{ id: 1, fields: {{ a: {field} }} }} }}\n");
        fs::write(&path, &text).unwrap();
        Self { path, text }
    }

    /// The field of an example with its rule.
    fn with(rule: &Rule, argument: &str) -> Self {
        Self::of(rule.example.ty, &written(rule, argument))
    }

    #[track_caller]
    fn schema(&self) -> Schema {
        let compiled = Compiled::alone(Path::new(""), &self.path);
        assert!(compiled.report(&self.path).is_none(), "{}\n{:?}", self.text, compiled.diagnostics());
        compiled.schema
    }

    /// The codes and texts of its errors.
    fn errors(&self) -> Vec<String> {
        let compiled = Compiled::alone(Path::new(""), &self.path);
        let report = compiled.report(&self.path);
        let errors = report.iter().flat_map(|report| report.diagnostics());
        errors.map(|error| format!("{} {}", error.code(), error.message())).collect()
    }

    /// What changes to another contract.
    fn changes_to(&self, now: &Self) -> Vec<String> {
        let report = lock::diff(&self.path, &now.path).unwrap();
        report.diagnostics().iter().map(|change| format!("{} {}", change.code(), change.message())).collect()
    }
}

impl Drop for Contract {
    fn drop(&mut self) {
        // What is left is in the folder for temporary files.
        let _ = fs::remove_file(&self.path);
    }
}

fn error(code: Code, message: &str) -> String {
    format!("{} {message}", code.as_str())
}

fn written(rule: &Rule, argument: &str) -> String {
    match rule.spelling {
        Spelling::Key => format!(", {}: {argument}", rule.key),
        Spelling::Validation => format!(", validation: [{{ {}: {argument} }}]", rule.key),
    }
}

#[test]
fn keys_are_distinct() {
    for (at, rule) in RULES.iter().enumerate() {
        assert_eq!(RULES.iter().position(|other| other == rule), Some(at), "{rule:?}");
    }
}

/// What the checker, the runtime and the older dialect take for granted of a row.
#[test]
fn what_a_row_says_of_other_rows_holds() {
    let bounds: Vec<&Rule> = RULES.iter().filter(|rule| rule.is_bound).collect();
    assert_eq!(bounds.len(), 1, "the bound of a `String` or `Vec` comes from one rule, not from {bounds:?}");
    assert!(bounds[0].argument == Argument::Length(Side::Most), "{bounds:?} sets no bound");
    for rule in &RULES {
        if let Some(key) = rule.up_to {
            let most = Rule::named(key).unwrap_or_else(|| panic!("{rule:?} goes up to `{key}`, which is no rule"));
            assert!(rule.domain == most.domain, "{rule:?} and {most:?} are for different types");
            let is_pair = match (rule.argument, most.argument) {
                (Argument::Number(least), Argument::Number(most)) => {
                    least == Some(Side::Least) && most == Some(Side::Most)
                }
                (least, most) => least == Argument::Length(Side::Least) && most == Argument::Length(Side::Most),
            };
            assert!(is_pair, "{rule:?} and {most:?} are no smallest and largest of one kind");
        }
        let number = Some(Number::Double(f64::NAN));
        let nan = Subject { number, length: None, is_zero: false };
        let example = Contract::with(rule, rule.example.argument).schema();
        let field = &example.messages[0].fields[0];
        let set = field.rules.iter().next().unwrap();
        let is_number = matches!(rule.argument, Argument::Number(_));
        assert!(!is_number || !set.keeps(&nan), "{rule:?} lets NaN pass");
        assert!(!is_number || rule.of_nan.is_some(), "the refusal of {rule:?} is not true of NaN");
    }
}

/// A default breaks the rule that `validate` would name. Bodies are tested with the codec, `mycelium-cli/tests/rules.rs`.
#[test]
fn of_several_broken_rules_the_first_one_that_is_checked_is_reported() {
    let both = Contract::of("str<=8", ", validation: [min_length: 2], not_empty: true, default: \"\"");
    assert_eq!(both.errors(), [error(Code::DefaultOutside, "the default is empty")]);
}

#[test]
fn contracts_and_locks_have_each_rule() {
    for rule in &RULES {
        let example = &rule.example;
        let contract = Contract::with(rule, example.argument);
        let field = contract.schema().messages.remove(0).fields.remove(0);
        assert_eq!(field.rules.iter().map(|set| set.rule).collect::<Vec<_>>(), [rule]);
        let line = format!("message M field a {} = {}\n", rule.key, example.argument);
        let text = lock::text(&contract.path).unwrap();
        assert!(text.contains(&line), "{text}");
        // What is written there is read again.
        let beside = lock::path_of(&contract.path);
        fs::write(&beside, text).unwrap();
        let checked = crate::check(&contract.path);
        fs::remove_file(beside).unwrap();
        assert!(checked.is_ok(), "{rule:?}");
    }
}

#[test]
fn a_rule_is_refused_where_it_has_no_place() {
    for rule in &RULES {
        let contract = Contract::of(rule.example.wrong_type, &written(rule, rule.example.argument));
        let text = format!("`{}` applies to {}", rule.key, rule.domain.words());
        match rule.spelling {
            Spelling::Key => assert_eq!(contract.errors(), [error(Code::MisplacedRule, &text)]),
            // A lint of the older dialect.
            Spelling::Validation => {
                let lints = crate::lints(&contract.path).unwrap();
                let lint = format!("validation `{}` has no effect: {text}", rule.key);
                assert!(lints.iter().any(|found| found.message() == lint), "{lints:?}");
            }
        }
    }
}

#[test]
fn generated_code_has_each_rule() {
    for rule in &RULES {
        let contract = Contract::with(rule, rule.example.argument);
        let schema = contract.schema();
        let field = &schema.messages[0].fields[0];
        let said = field.rules.iter().next().unwrap().describe(&schema, &field.ty);
        let code = Builder::new().generate(&contract.path).unwrap();
        let check = format!("__rt::{}(\"M\", \"a\", ", rule.check_of(kind(&schema, &field.ty)).function);
        assert!(code.contains(&check), "{check}: {code}");
        let doc = code.lines().filter(|line| line.trim_start().starts_with("///"));
        assert!(doc.clone().any(|line| line.to_lowercase().contains(&said)), "{said}: {code}");
    }
}

#[test]
fn a_default_keeps_the_rules() {
    for rule in RULES.iter().filter(|rule| rule.domain != Domain::Floats) {
        let example = &rule.example;
        let default = |value: &str| format!("{}, default: {}", written(rule, example.argument), literal(value));
        let refused = Contract::of(example.ty, &default(example.broken_by));
        assert_eq!(refused.errors(), [error(Code::DefaultOutside, &format!("the default {}", rule.of_default))]);
        Contract::of(example.ty, &default(example.kept_by)).schema();
    }
}

/// A value of the codec as contracts write it: bytes are lists there.
fn literal(json: &str) -> String {
    match json.strip_prefix("\"0x") {
        Some(digits) => if digits == "\"" { "[]" } else { "[0]" }.to_owned(),
        None => json.to_owned(),
    }
}

#[test]
fn a_comparison_reports_each_change_of_a_rule() {
    for rule in &RULES {
        let example = &rule.example;
        let without = Contract::of(example.ty, "");
        let with = Contract::with(rule, example.argument);
        let tightened = error(Code::RuleTightened, "field `a` of `M` refuses values that it allowed");
        let relaxed = error(Code::RuleRelaxed, "field `a` of `M` allows values that older programs refuse");
        assert_eq!(without.changes_to(&with), std::slice::from_ref(&tightened), "{rule:?}");
        assert_eq!(with.changes_to(&without), std::slice::from_ref(&relaxed), "{rule:?}");
        assert!(with.changes_to(&with).is_empty(), "{rule:?}");
        if let Some(argument) = example.other_argument {
            let other = Contract::of(example.ty, &written(rule, argument));
            let mut found = [with.changes_to(&other), other.changes_to(&with)].concat();
            found.sort();
            // What compares with no other rule may refuse values that it allowed, either way.
            let back = if rule.values.is_some() { relaxed } else { tightened.clone() };
            assert_eq!(found, [tightened, back], "{rule:?}");
        }
    }
}

/// Both ways to read the bytes of this contract are compared: by generated code and by the codec of the command.
#[test]
fn a_compiled_contract_has_each_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui-tests/fixtures/contracts/limits.yaml");
    let compiled = Compiled::alone(Path::new(""), &path);
    let fields = compiled.schema.messages.iter().flat_map(|message| &message.fields);
    let used: Vec<&Rule> = fields.flat_map(|field| field.rules.iter().map(|set| set.rule)).collect();
    let missing: Vec<&Rule> = RULES.iter().filter(|rule| !used.contains(rule)).collect();
    assert!(missing.is_empty(), "{} lacks {missing:?}", path.display());
}

/// A rule without [`Values`] compares with itself alone.
#[test]
fn a_rule_that_compares_with_no_other_is_kept_by_its_own_argument_only() {
    static EVEN: Rule = Rule {
        key: "even",
        spelling: Spelling::Key,
        domain: Domain::Numbers,
        argument: Argument::Switch,
        turn: 2,
        meaning: "Even.",
        doc: "even",
        check: Check { function: "even", refusal: "is odd" },
        others: &[],
        of_nan: None,
        up_to: None,
        is_bound: false,
        of_default: "is odd",
        keeps: |value, _| matches!(value.number, Some(Number::Whole(Literal::Int(value))) if value % 2 == 0),
        values: None,
        example: Example {
            ty: "u8",
            argument: "true",
            other_argument: None,
            kept_by: "2",
            broken_by: "1",
            wrong_type: "bool",
        },
    };
    let by = |rules: &[(&'static Rule, &'static str)]| Allowed::by(Numbers::default(), 0, rules.iter().copied());
    assert!(by(&[(&EVEN, "true")]).keep(&EVEN, "true"));
    assert!(!by(&[]).keep(&EVEN, "true"));
    assert!(!by(&[(&EVEN, "false")]).keep(&EVEN, "true"));
}
