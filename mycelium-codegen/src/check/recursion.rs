//! Types that contain themselves, and types that are nested too deep to be laid out.

use super::Checker;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Type, TypeId, TypeKind};
use crate::parse::decl::{ExprKind, TypeBody, TypeDecl, TypeExpr};
use crate::source::Span;

/// Nesting of types. Code after the check may recurse to this depth.
const MAX_DEPTH: usize = 64;

/// A contained type, and where the containing type names it.
type Edge = (TypeId, Span);

/// The state of the search at a type.
#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the path from the type at which the search started.
    Open,
    /// Done, with this depth of types below it.
    Done(usize),
}

impl Checker<'_> {
    /// Reports each recursion once, at its first type in file order, and marks its types broken.
    pub(super) fn recursion(&mut self, decls: &[TypeDecl]) {
        let edges: Vec<Vec<Edge>> = decls.iter().map(|decl| self.edges(decl)).collect();
        let mut states = vec![State::New; decls.len()];
        for start in 0..decls.len() {
            if states[start] == State::New {
                self.search(TypeId(start), &edges, &mut states, decls);
            }
        }
    }

    /// A depth-first search that keeps its own stack: a chain of types may be as long as the file.
    fn search(&mut self, start: TypeId, edges: &[Vec<Edge>], states: &mut [State], decls: &[TypeDecl]) {
        // Each entry: a type, the next of its edges to follow, the depth below it so far.
        let mut path: Vec<(TypeId, usize, usize)> = vec![(start, 0, 0)];
        states[start.0] = State::Open;
        while let Some((here, next, depth)) = path.last_mut() {
            let Some((inner, _)) = edges[here.0].get(*next) else {
                let (here, depth) = (*here, *depth + 1);
                path.pop();
                let depth = self.limit_depth(here, depth, decls);
                states[here.0] = State::Done(depth);
                if let Some((_, _, below)) = path.last_mut() {
                    *below = depth.max(*below);
                }
                continue;
            };
            *next += 1;
            match states[inner.0] {
                State::Done(inner_depth) => *depth = inner_depth.max(*depth),
                State::New => {
                    states[inner.0] = State::Open;
                    path.push((*inner, 0, 0));
                }
                State::Open => {
                    let inner = *inner;
                    let from = path.iter().position(|(id, ..)| *id == inner).unwrap_or(0);
                    let cycle: Vec<(TypeId, Edge)> =
                        path[from..].iter().map(|(id, next, _)| (*id, edges[id.0][next - 1])).collect();
                    self.report_recursion(cycle, decls);
                }
            }
        }
    }

    fn report_recursion(&mut self, mut cycle: Vec<(TypeId, Edge)>, decls: &[TypeDecl]) {
        let first = cycle.iter().enumerate().min_by_key(|(_, (id, _))| *id).map_or(0, |(at, _)| at);
        cycle.rotate_left(first);
        let known = cycle.iter().any(|(id, _)| self.schema.types[id.0].broken);
        for (id, _) in &cycle {
            self.schema.types[id.0].broken = true;
        }
        let Some((first, _)) = cycle.first().filter(|_| !known) else { return };
        let decl = &decls[first.0];
        let mut finding =
            Finding::new(Code::Recursion, decl.name.span, format!("type `{}` contains itself", decl.name.value));
        for (id, (inner, span)) in &cycle {
            let (outer, inner) = (&decls[id.0].name.value, &decls[inner.0].name.value);
            finding = finding.other(*span, format!("`{outer}` contains `{inner}`"));
        }
        self.error(finding.help("refer to the inner type by an id: a message has a fixed size"));
    }

    /// The depth to continue with. Reports a type that is too deep, and then counts from 0 so that its users are not reported too.
    fn limit_depth(&mut self, id: TypeId, depth: usize, decls: &[TypeDecl]) -> usize {
        if depth <= MAX_DEPTH {
            return depth;
        }
        self.schema.types[id.0].broken = true;
        let name = &decls[id.0].name;
        let message = format!("types in `{}` are nested more than {MAX_DEPTH} deep", name.value);
        self.error(Finding::new(Code::Recursion, name.span, message).help("flatten some of them"));
        0
    }

    /// The types that a declaration names, in order.
    fn edges(&self, decl: &TypeDecl) -> Vec<Edge> {
        let mut edges = Vec::new();
        let mut visit = |expr: &TypeExpr| self.named_in(expr, &mut edges);
        match &decl.body {
            Some(TypeBody::Newtype(expr) | TypeBody::RustType { expr, .. }) => visit(expr),
            Some(TypeBody::Struct(members)) => members.iter().filter_map(|member| member.ty.as_ref()).for_each(visit),
            Some(TypeBody::Oneof(variants)) => {
                let members = variants.iter().flat_map(|variant| &variant.members);
                members.filter_map(|member| member.ty.as_ref()).for_each(visit);
            }
            _ => {}
        }
        edges
    }

    fn named_in(&self, expr: &TypeExpr, edges: &mut Vec<Edge>) {
        match &expr.kind {
            ExprKind::Name(name) => edges.extend(self.names.get(name).map(|id| (*id, expr.span))),
            ExprKind::Array(inner, _) | ExprKind::List(inner, _) | ExprKind::Vec(inner) | ExprKind::Option(inner) => {
                self.named_in(inner, edges);
            }
            ExprKind::Str(_) | ExprKind::Bytes(_) => {}
        }
    }

    /// Marks types that contain a broken type: they can't be laid out either, and need no report of their own.
    pub(super) fn spread_broken_types(&mut self) {
        // A type may be declared before the types that it uses, so repeat until nothing changes. Nesting is bounded, so rounds are.
        for _ in 0..=MAX_DEPTH {
            let tainted: Vec<usize> = (0..self.schema.types.len())
                .filter(|at| !self.schema.types[*at].broken && self.kind_is_broken(&self.schema.types[*at].kind))
                .collect();
            if tainted.is_empty() {
                return;
            }
            for at in tainted {
                self.schema.types[at].broken = true;
            }
        }
    }

    fn kind_is_broken(&self, kind: &TypeKind) -> bool {
        match kind {
            TypeKind::Newtype(ty) => self.is_broken(ty),
            TypeKind::Struct(members) => members.iter().any(|member| self.is_broken(&member.ty)),
            TypeKind::Oneof(variants) => {
                variants.iter().flat_map(|v| &v.members).any(|member| self.is_broken(&member.ty))
            }
            TypeKind::Decimal { .. } | TypeKind::Enum { .. } | TypeKind::Flags { .. } => false,
        }
    }

    /// Whether a type uses a broken type.
    pub(super) fn is_broken(&self, ty: &Type) -> bool {
        match ty {
            Type::Named(id) => self.schema.type_def(*id).broken,
            Type::Array(inner, _) | Type::List(inner, _) => self.is_broken(inner),
            Type::Scalar(_) | Type::Str(_) | Type::Bytes(_) => false,
        }
    }
}
