//! Domains of the older dialect: declared, and with ids from their ranges, unless tag ranges say where ids lie.

use super::super::Checker;
use super::super::declared::Declared;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::parse::decl::MessageDecl;
use crate::suggest::did_you_mean;

impl Checker<'_> {
    pub(super) fn domain_lints(&mut self, decl: &MessageDecl, declared: &Declared) {
        let Some(name) = decl.domain.as_ref().filter(|_| !declared.domains.is_empty()) else { return };
        let Some(domain) = declared.domains.iter().find(|domain| domain.name == name.value) else {
            let message = format!("domain `{}` is not declared under `domains:`", name.value);
            let help = did_you_mean(&name.value, declared.domains.iter().map(|domain| domain.name.as_str()));
            return self.error(Finding::new(Code::UnknownDomain, name.span, message).maybe_help(help));
        };
        if let (Some(id), Some(ids)) = (&decl.id, &domain.ids)
            && declared.tag_ranges.is_empty()
            && !ids.contains(&id.value)
        {
            let (first, last) = (ids.start(), ids.end());
            let message =
                format!("id {} is outside the `type_range` of domain `{}`, {first}-{last}", id.value, name.value);
            let finding = Finding::new(Code::OutsideDomain, id.span, message).other(name.span, "of this domain");
            self.error(finding.help("take an id from the range, or widen the range"));
        }
    }
}
