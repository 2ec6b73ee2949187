//! Names that differ in the contract and become equal in the generated code.

use std::collections::HashMap;

use super::Checker;
use super::declared::Declared;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::Message;
use crate::names::{screaming_case, snake_case};
use crate::parse::decl::{FieldDecl, TypeBody};
use crate::source::{Span, Spanned};

/// Generated names, and the declarations that they come from.
type Seen<'d> = HashMap<String, &'d Spanned<String>>;

impl Checker<'_> {
    pub(super) fn collisions(&mut self, declared: &Declared) {
        self.message_collisions(declared);
        self.hidden_primitive(declared);
        for (at, decl) in declared.types.iter().enumerate() {
            let before = self.findings.errors();
            match &decl.body {
                Some(TypeBody::Enum { open: true, variants, .. }) => {
                    self.distinct(variants.iter().map(|variant| &variant.name), screaming_case, "constant");
                }
                Some(TypeBody::Flags { bits, .. }) => {
                    self.distinct(bits.iter().map(|bit| &bit.name), screaming_case, "constant");
                }
                Some(TypeBody::Oneof(variants)) => {
                    self.distinct(variants.iter().map(|variant| &variant.name), snake_case, "constructor");
                    for variant in variants {
                        self.possible_constructor(&variant.name);
                    }
                }
                _ => {}
            }
            self.schema.types[at].broken |= self.findings.errors() > before;
        }
        self.spread_broken_types();
    }

    /// Methods such as `route_pool_state`, and items such as `BarFields`.
    fn message_collisions(&mut self, declared: &Declared) {
        let mut methods = Seen::new();
        for (at, decl) in declared.messages.iter().enumerate() {
            let before = self.findings.errors();
            let snake = snake_case(&decl.name.value);
            self.first_use(&mut methods, snake.clone(), &decl.name, &format!("the method `route_{snake}`"));
            self.fields_item(&decl.name, declared);
            self.field_collisions(at, &decl.fields);
            self.schema.messages[at].broken |= self.findings.errors() > before;
        }
    }

    /// The derives of zerocopy for enums cast to `usize`, by that name.
    fn hidden_primitive(&mut self, declared: &Declared) {
        let types = declared.types.iter().map(|decl| &decl.name);
        let mut names = types.chain(declared.messages.iter().map(|decl| &decl.name));
        let Some(name) = names.find(|name| name.value == "usize") else { return };
        let is_enum =
            |body: &Option<TypeBody>| matches!(body, Some(TypeBody::Enum { open: false, .. } | TypeBody::Oneof(_)));
        let Some(first) = declared.types.iter().find(|decl| is_enum(&decl.body)) else { return };
        let finding = Finding::new(Code::TakenName, name.span, "`usize` can't be declared beside enums and oneofs");
        let finding = finding.label("hides the primitive type, which their derives need");
        self.error(finding.other(first.name.span, "for example beside this one").help("choose another name"));
    }

    /// Message `Bar` comes with the struct `BarFields`, so nothing else can have this name.
    fn fields_item(&mut self, name: &Spanned<String>, declared: &Declared) {
        let Some(owner) = name.value.strip_suffix("Fields") else {
            let item = format!("{}Fields", name.value);
            if let Some(id) = self.type_named(&item) {
                self.taken_by_fields(&declared.types[id.0].name, name);
            }
            return;
        };
        if let Some(owner) = declared.messages.iter().find(|decl| decl.name.value == owner) {
            self.taken_by_fields(name, &owner.name);
        }
    }

    fn taken_by_fields(&mut self, name: &Spanned<String>, owner: &Spanned<String>) {
        let message = format!("`{}` is the struct from which message `{}` is built", name.value, owner.value);
        let finding = Finding::new(Code::TakenName, name.span, message).label("taken by the generated code");
        self.error(finding.other(owner.span, "by this message").help("choose another name"));
    }

    /// Accessors and setters of one message.
    fn field_collisions(&mut self, at: usize, decls: &[FieldDecl]) {
        let message = &self.schema.messages[at];
        if !message.fields.iter().any(|field| self.has_accessor(field)) {
            return;
        }
        let members = generated_members(self, message, decls);
        let mut seen: HashMap<String, (Span, String)> = HashMap::new();
        for (member, field) in members {
            if let Some((first, owner)) = seen.get(&member) {
                if *first == field.span {
                    continue;
                }
                let message =
                    format!("fields `{owner}` and `{}` both need `{member}` in the generated code", field.value);
                let finding = Finding::new(Code::NameCollision, field.span, message).label("needs it as well");
                self.error(finding.other(*first, "needs it").help("rename one of the two"));
            } else {
                seen.insert(member, (field.span, field.value.clone()));
            }
        }
    }

    fn distinct<'d>(&mut self, names: impl Iterator<Item = &'d Spanned<String>>, case: fn(&str) -> String, what: &str) {
        let mut seen = Seen::new();
        for name in names {
            let changed = case(&name.value);
            let item = format!("the {what} `{changed}`");
            self.first_use(&mut seen, changed, name, &item);
        }
    }

    fn first_use<'d>(&mut self, seen: &mut Seen<'d>, changed: String, name: &'d Spanned<String>, item: &str) {
        if let Some(first) = seen.get(&changed) {
            let message = format!("`{}` and `{}` both become {item}", first.value, name.value);
            let finding = Finding::new(Code::NameCollision, name.span, message).label("becomes the same name");
            self.error(
                finding.other(first.span, "first used here").help("choose names that differ in more than case and `_`"),
            );
        } else {
            seen.insert(changed, name);
        }
    }

    /// A variant `Super` would have the constructor `Order::super(…)`, which Rust does not allow even as a raw identifier.
    fn possible_constructor(&mut self, name: &Spanned<String>) {
        let snake = snake_case(&name.value);
        if crate::names::problem(&name.value).is_none() && crate::names::problem(&snake).is_some() {
            let message =
                format!("variant `{}` would have the constructor `{snake}`, which is a keyword of Rust", name.value);
            self.error(Finding::new(Code::BadName, name.span, message).help("choose another name"));
        }
    }
}

/// The generated members of each field: `x()` and `set_x`, beside the field itself.
fn generated_members<'d>(
    checker: &Checker<'_>,
    message: &Message,
    decls: &'d [FieldDecl],
) -> Vec<(String, &'d Spanned<String>)> {
    let mut members = Vec::new();
    let mut fields = message.fields.iter().peekable();
    for decl in decls {
        // Fields that could not be read are missing from the message.
        let Some(field) = fields.next_if(|field| field.name == decl.name.value) else { continue };
        if checker.has_accessor(field) {
            members.push((format!("{}()", field.name), &decl.name));
            members.push((format!("set_{}()", field.name), &decl.name));
        }
        members.push((field.name.clone(), &decl.name));
    }
    members
}
