//! Stand-in until the writer lands.
use crate::model::Schema;
pub(crate) struct Options {
    pub(crate) runtime: String,
    pub(crate) report: Option<String>,
}
pub(crate) fn generate(schema: &Schema, options: &Options) -> String {
    let mut out = format!("// {} {}\n", schema.name, options.runtime);
    if let Some(r) = &options.report {
        out.push_str(&format!("compile_error!({r:?});\n"));
    }
    out
}
