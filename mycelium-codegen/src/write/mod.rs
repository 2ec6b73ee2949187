//! The checked schema → Rust text.
//!
//! The text is written directly, and not quoted and pretty-printed: parsing and printing it would take most of the time of a build
//! script. Tests compare its format with that of prettyplease.

mod attributes;
mod contract;
mod enums;
mod literal;
mod members;
mod message;
mod numbers;
mod oneof;
mod proofs;
mod text;
mod types;

use crate::facts::{Facts, TypeFacts};
use crate::model::{Schema, TypeDef, TypeId, TypeKind};
use proofs::LaidOut;
use text::Writer;

/// Options of the generated code.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The path of the runtime crate, such as `mycelium_rt`.
    pub(crate) runtime: String,
    /// The rendered mistakes of the contract, for a `compile_error!`.
    pub(crate) report: Option<String>,
    /// Whether to derive all of zerocopy's traits where no rule forbids it.
    pub(crate) zerocopy: bool,
}

/// Writes the code of a schema.
pub(crate) fn generate(schema: &Schema, options: &Options) -> String {
    let facts = Facts::of(schema);
    let runtime = format!("::{}", options.runtime.trim_start_matches("::"));
    let cx = Context { schema, facts: &facts, runtime, zerocopy: options.zerocopy };
    let mut w = Writer::default();
    header(&cx, &mut w, options);
    let mut laid_out = Vec::new();
    for (index, def) in schema.types.iter().enumerate() {
        type_def(&cx, &mut w, def, facts.named(TypeId(index)));
        laid_out.push(LaidOut::type_def(&cx, TypeId(index), def));
    }
    laid_out.extend(schema.messages.iter().map(|message| message::write(&cx, &mut w, message)));
    proofs::layouts(&mut w, &laid_out);
    contract::write(&cx, &mut w);
    w.finish()
}

/// The context of all parts of the writer.
struct Context<'a> {
    schema: &'a Schema,
    facts: &'a Facts,
    /// `::mycelium_rt`, or another name of the runtime.
    runtime: String,
    zerocopy: bool,
}

impl Context<'_> {
    /// A primitive type of Rust, by a path if the contract declares a type of the same name.
    fn primitive(&self, name: &str) -> String {
        let types = self.schema.types.iter().map(|def| &def.name);
        let mut names = types.chain(self.schema.messages.iter().map(|message| &message.name));
        if names.any(|other| other == name) { format!("::core::primitive::{name}") } else { name.to_owned() }
    }
}

fn header(cx: &Context<'_>, w: &mut Writer, options: &Options) {
    if let Some(report) = &options.report {
        w.line(format_args!("::core::compile_error!({report:?});"));
    }
    w.line("#[cfg(target_endian = \"big\")]");
    w.line("::core::compile_error!(\"messages are little-endian in memory, and this target is not\");");
    w.line(format_args!("use {}::__private as __rt;", cx.runtime));
    // Before all items that another version of the runtime may lack.
    w.line(format_args!("__rt::generated_by!({:?}, {:?});", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")));
}

fn type_def(cx: &Context<'_>, w: &mut Writer, def: &TypeDef, facts: TypeFacts) {
    if def.broken {
        return numbers::stub(cx, w, def, facts);
    }
    match &def.kind {
        TypeKind::Decimal { repr, scale } => numbers::decimal(cx, w, def, facts, *repr, *scale),
        TypeKind::Newtype(inner) => numbers::newtype(cx, w, def, facts, inner),
        TypeKind::Enum { repr, open: false, variants } => enums::closed(cx, w, def, facts, *repr, variants),
        TypeKind::Enum { repr, open: true, variants } => enums::open(cx, w, def, facts, *repr, variants),
        TypeKind::Flags { repr, bits } => enums::flags(cx, w, def, facts, *repr, bits),
        TypeKind::Struct(fields) => members::structure(cx, w, def, facts, fields),
        TypeKind::Oneof(variants) => oneof::write(cx, w, def, facts, variants),
    }
}

/// The doc of an item: the contract's, else `fallback`.
fn documented(w: &mut Writer, doc: Option<&str>, fallback: &str) {
    w.doc(doc.filter(|doc| !doc.trim().is_empty()).unwrap_or(fallback));
}
