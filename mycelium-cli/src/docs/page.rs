//! The content of a page on a contract, for all formats.

use mycelium_codegen::internal::layout::{Facts, MessageLayout, SlotKind, lay_out, of_layouts};
use mycelium_codegen::internal::model::{Field, Literal, Member, Message, Schema, Type, TypeDef, TypeId, TypeKind};
use mycelium_codegen::internal::text::{bound_text, int_name, scalar_name};
use serde_json::{Value, json};

use crate::graph;
use crate::routes::Router;

pub(super) struct Page {
    pub(super) name: String,
    pub(super) version: u16,
    pub(super) min_compatible: u16,
    pub(super) doc: Option<String>,
    pub(super) messages: Vec<MessagePart>,
    pub(super) types: Vec<TypePart>,
    /// Name and picture of each router.
    pub(super) routers: Vec<(String, String)>,
}

pub(super) struct MessagePart {
    pub(super) name: String,
    pub(super) id: u16,
    pub(super) topic: String,
    pub(super) doc: Option<String>,
    pub(super) deprecated: Option<String>,
    pub(super) size: u64,
    /// Version, size and hash of each layout, oldest first.
    pub(super) layouts: Vec<(u16, u64, String)>,
    pub(super) fields: Vec<FieldPart>,
    /// `Router.service`, with the path unless it is a direct call.
    pub(super) handled_by: Vec<String>,
    pub(super) emitted_by: Vec<String>,
}

pub(super) struct FieldPart {
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) since: u16,
    /// Such as `at least 0`, `optional`.
    pub(super) rules: Vec<String>,
    pub(super) doc: Option<String>,
}

pub(super) struct TypePart {
    pub(super) name: String,
    /// Such as `decimal of i64 with 6 digits after the point`.
    pub(super) kind: String,
    pub(super) size: u64,
    pub(super) doc: Option<String>,
    /// Variants, bits or fields: a name, what it is, a doc.
    pub(super) parts: Vec<(String, String, Option<String>)>,
}

impl Page {
    pub(super) fn of(schema: &Schema, routers: &[Router]) -> Self {
        let facts = Facts::of(schema);
        let types =
            schema.types.iter().enumerate().map(|(at, def)| type_part(schema, def, facts.named(TypeId(at)).size));
        Self {
            name: schema.name.clone(),
            version: schema.version,
            min_compatible: schema.min_compatible,
            doc: schema.doc.clone(),
            messages: schema.messages.iter().map(|message| message_part(schema, &facts, message, routers)).collect(),
            types: types.collect(),
            routers: routers.iter().map(|router| (router.name.clone(), graph::svg_of(router))).collect(),
        }
    }

    pub(super) fn json(&self) -> Value {
        let messages = self.messages.iter().map(|message| {
            let layouts = message.layouts.iter().map(|(version, size, hash)| json!({ "version": version, "size": size, "hash": hash }));
            let fields = message.fields.iter().map(|field| {
                json!({
                    "name": field.name, "type": field.ty, "offset": field.offset, "size": field.size,
                    "since": field.since, "rules": field.rules, "doc": field.doc,
                })
            });
            json!({
                "name": message.name, "id": message.id, "topic": message.topic, "doc": message.doc,
                "deprecated": message.deprecated, "size": message.size, "layouts": layouts.collect::<Vec<_>>(),
                "fields": fields.collect::<Vec<_>>(), "handled_by": message.handled_by, "emitted_by": message.emitted_by,
            })
        });
        let types = self.types.iter().map(|ty| {
            let parts = ty.parts.iter().map(|(name, what, doc)| json!({ "name": name, "is": what, "doc": doc }));
            json!({ "name": ty.name, "kind": ty.kind, "size": ty.size, "doc": ty.doc, "parts": parts.collect::<Vec<_>>() })
        });
        json!({
            "name": self.name, "version": self.version, "min_compatible": self.min_compatible, "doc": self.doc,
            "messages": messages.collect::<Vec<_>>(), "types": types.collect::<Vec<_>>(),
        })
    }
}

fn message_part(schema: &Schema, facts: &Facts, message: &Message, routers: &[Router]) -> MessagePart {
    let layout = lay_out(facts, message);
    let digests = of_layouts(facts, message, &layout);
    let layouts =
        layout.groups.iter().zip(digests).map(|(group, hash)| (group.since, group.end, format!("{hash:016x}")));
    MessagePart {
        name: message.name.clone(),
        id: message.id,
        topic: message.topic.clone(),
        doc: message.doc.clone(),
        deprecated: message.deprecated.clone(),
        size: layout.size(),
        layouts: layouts.collect(),
        fields: message.fields.iter().enumerate().map(|(at, field)| field_part(schema, &layout, at, field)).collect(),
        handled_by: handled_by(&message.name, routers),
        emitted_by: emitted_by(&message.name, routers),
    }
}

fn handled_by(message: &str, routers: &[Router]) -> Vec<String> {
    let mut all = Vec::new();
    for router in routers {
        for route in router.routes.iter().filter(|route| route.message == message) {
            let path = if route.path == "direct" { String::new() } else { format!(" via {}", route.path) };
            let service = router.services.iter().find(|service| !route.is_link && service.name == route.to);
            let lane = on_lane(service.and_then(|service| service.lane.as_deref()));
            all.push(format!("{}.{}{path}{lane}", router.name, route.to));
        }
    }
    all
}

fn emitted_by(message: &str, routers: &[Router]) -> Vec<String> {
    let mut all = Vec::new();
    for router in routers {
        let inputs = router.sources(message).map(|input| {
            let lane = on_lane(input.lane.as_deref());
            format!("{}.{} from {}{lane}", router.name, input.name, input.address)
        });
        let services = router
            .emitters(message)
            .map(|service| format!("{}.{}{}", router.name, service.name, on_lane(service.lane.as_deref())));
        all.extend(inputs.chain(services));
    }
    all
}

fn on_lane(lane: Option<&str>) -> String {
    lane.map(|lane| format!(" on lane {lane}")).unwrap_or_default()
}

fn field_part(schema: &Schema, layout: &MessageLayout, at: usize, field: &Field) -> FieldPart {
    let slot = layout.slots().find(|slot| slot.kind == SlotKind::Value(at));
    FieldPart {
        name: field.name.clone(),
        ty: type_text(schema, &field.ty),
        offset: slot.map_or(0, |slot| slot.offset),
        size: slot.map_or(0, |slot| slot.size),
        since: field.since.max(1),
        rules: rules(schema, field),
        doc: field.doc.clone(),
    }
}

fn rules(schema: &Schema, field: &Field) -> Vec<String> {
    let before = [field.optional.then(|| "optional".to_owned()), field.unit.as_ref().map(|unit| format!("in {unit}"))];
    let rules = field.rules.iter().map(|set| set.describe(schema, &field.ty));
    let after = [
        field.redacted.then(|| "never logged".to_owned()),
        field.default.as_ref().map(|default| format!("default {}", literal_text(schema, &field.ty, default))),
        field.deprecated.as_ref().map(|reason| format!("deprecated: {reason}")),
    ];
    before.into_iter().flatten().chain(rules).chain(after.into_iter().flatten()).collect()
}

fn literal_text(schema: &Schema, ty: &Type, value: &Literal) -> String {
    match (schema.resolve(ty), value) {
        (_, Literal::Bool(value)) => value.to_string(),
        (_, Literal::Str(text)) => format!("{text:?}"),
        (_, Literal::Empty) => "[]".to_owned(),
        (Type::Named(id), Literal::Variant(at)) => match &schema.type_def(*id).kind {
            TypeKind::Enum { variants, .. } => {
                variants.get(*at).map(|variant| variant.name.clone()).unwrap_or_default()
            }
            _ => String::new(),
        },
        (Type::Array(element, _) | Type::List(element, _), Literal::Elements(values)) => {
            let values: Vec<String> = values.iter().map(|value| literal_text(schema, element, value)).collect();
            format!("[{}]", values.join(", "))
        }
        (ty, Literal::Elements(values)) => {
            let values: Vec<String> = values.iter().map(|value| bound_text(schema, ty, value)).collect();
            format!("[{}]", values.join(", "))
        }
        (ty, value) => bound_text(schema, ty, value),
    }
}

fn type_part(schema: &Schema, def: &TypeDef, size: u64) -> TypePart {
    let (kind, parts) = match &def.kind {
        TypeKind::Decimal { repr, scale } => {
            (format!("decimal of {} with {scale} digits after the point", int_name(*repr)), Vec::new())
        }
        TypeKind::Newtype(inner) => (format!("newtype of {}", type_text(schema, inner)), Vec::new()),
        TypeKind::Enum { repr, open, variants } => {
            let open = if *open { "open" } else { "closed" };
            let parts =
                variants.iter().map(|variant| (variant.name.clone(), variant.value.to_string(), variant.doc.clone()));
            (format!("{open} enum of {}", int_name(*repr)), parts.collect())
        }
        TypeKind::Flags { repr, bits } => {
            let parts = bits.iter().map(|bit| (bit.name.clone(), format!("bit {}", bit.position), bit.doc.clone()));
            (format!("flags of {}", int_name(*repr)), parts.collect())
        }
        TypeKind::Struct(members) => {
            ("struct".to_owned(), members.iter().map(|member| member_part(schema, "", member)).collect())
        }
        TypeKind::Oneof(variants) => {
            let parts = variants.iter().enumerate().flat_map(|(tag, variant)| {
                let head = (variant.name.clone(), format!("tag {tag}"), variant.doc.clone());
                let prefix = format!("{}.", variant.name);
                let members = variant.members.iter().map(move |member| member_part(schema, &prefix, member));
                std::iter::once(head).chain(members)
            });
            ("one of several variants".to_owned(), parts.collect())
        }
    };
    TypePart { name: def.name.clone(), kind, size, doc: def.doc.clone(), parts }
}

fn member_part(schema: &Schema, prefix: &str, member: &Member) -> (String, String, Option<String>) {
    (format!("{prefix}{}", member.name), type_text(schema, &member.ty), member.doc.clone())
}

/// A type as the contract writes it.
fn type_text(schema: &Schema, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => scalar_name(*scalar).to_owned(),
        Type::Named(id) => schema.type_def(*id).name.clone(),
        Type::Array(element, count) => format!("[{}; {count}]", type_text(schema, element)),
        Type::Str(bound) => format!("str<={bound}"),
        Type::Bytes(bound) => format!("bytes<={bound}"),
        Type::List(element, bound) => format!("[{}]<={bound}", type_text(schema, element)),
    }
}
