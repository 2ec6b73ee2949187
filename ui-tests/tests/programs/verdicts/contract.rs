//! A contract that can be changed, and its text.

use std::fmt::Write as _;

use fastrand::Rng;

#[derive(Clone, Debug)]
pub(crate) struct Contract {
    pub(crate) schema: &'static str,
    pub(crate) version: u16,
    pub(crate) min_compatible: u16,
    pub(crate) reserved: Vec<Message>,
    /// How many variants the closed enum `Side` has.
    pub(crate) variants: usize,
    /// The members of the struct `Pair`.
    pub(crate) members: Vec<&'static str>,
    pub(crate) messages: Vec<Message>,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    pub(crate) id: u16,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: &'static str,
    pub(crate) optional: bool,
    pub(crate) since: u16,
    /// The default of a number that a later version brought.
    pub(crate) default: u8,
    pub(crate) max: Option<u8>,
}

const TYPES: [&str; 12] =
    ["u8", "u16", "u32", "i32", "u64", "f64", "bool", "str<=7", "bytes<=5", "[u16]<=3", "Side", "Pair"];
const MEMBERS: [&str; 4] = ["u8", "u32", "i32", "u64"];

impl Contract {
    pub(crate) fn random(random: &mut Rng) -> Self {
        let version = random.u16(1..5);
        let mut contract = Self {
            schema: "market",
            version,
            min_compatible: random.u16(1..=version),
            reserved: Vec::new(),
            variants: random.usize(1..4),
            members: (0..random.usize(1..3)).map(|_| member(random)).collect(),
            messages: Vec::new(),
        };
        for _ in 0..random.usize(1..5) {
            contract.add_message(random);
        }
        contract
    }

    pub(crate) fn add_message(&mut self, random: &mut Rng) {
        let id = self.unused(|id| self.messages.iter().chain(&self.reserved).any(|message| message.id == id));
        let mut fields: Vec<Field> = Vec::new();
        for place in 0..random.usize(0..5) {
            let oldest = fields.last().map_or(1, |field| field.since);
            let since = if random.bool() { oldest } else { random.u16(oldest..=self.version) };
            fields.push(Field { since, ..Field::random(format!("f{place}"), random) });
        }
        self.messages.push(Message { name: format!("M{id}"), id, fields });
    }

    fn unused(&self, is_used: impl Fn(u16) -> bool) -> u16 {
        (1..).find(|id| !is_used(*id)).unwrap_or(u16::MAX)
    }

    pub(crate) fn yaml(&self) -> String {
        let Self { schema, version, min_compatible, .. } = self;
        let mut text = format!("schema: {{ name: {schema}, version: {version}, min_compatible: {min_compatible} }}\n");
        if !self.reserved.is_empty() {
            let list = |of: fn(&Message) -> String| self.reserved.iter().map(of).collect::<Vec<_>>().join(", ");
            let (ids, names) = (list(|message| message.id.to_string()), list(|message| message.name.clone()));
            let _ = writeln!(text, "reserved: {{ ids: [{ids}], names: [{names}] }}");
        }
        let list = |items: Vec<String>| items.join(", ");
        let variants = list((0..self.variants).map(|it| format!("V{it}: {it}")).collect());
        let members = list(self.members.iter().enumerate().map(|(at, ty)| format!("m{at}: {ty}")).collect());
        let _ = writeln!(text, "types:\n  Side: {{ enum: u8, variants: {{ {variants} }} }}");
        let _ = writeln!(text, "  Pair: {{ struct: {{ {members} }} }}\nmessages:");
        for message in &self.messages {
            let fields = list(message.fields.iter().map(Field::yaml).collect());
            let _ = writeln!(text, "  {}: {{ id: {}, topic: t, fields: {{ {fields} }} }}", message.name, message.id);
        }
        text
    }
}

impl Field {
    pub(crate) fn random(name: String, random: &mut Rng) -> Self {
        let ty = random.choice(TYPES).unwrap_or("u8");
        let max = (is_number(ty) && random.u8(0..4) == 0).then(|| random.u8(50..60));
        Self { name, ty, optional: random.u8(0..4) == 0, since: 1, default: random.u8(1..9), max }
    }

    fn yaml(&self) -> String {
        let Self { name, ty, since, .. } = self;
        let mut text = format!("{name}: {{ type: \"{ty}\", since: {since}");
        if let Some(max) = self.max {
            let _ = write!(text, ", max: {max}");
        }
        if self.optional {
            text.push_str(", optional: true");
        } else if self.since > 1 {
            let default = match *ty {
                "bool" => "true".to_owned(),
                "Side" => "V0".to_owned(),
                "bytes<=5" | "[u16]<=3" => "[]".to_owned(),
                "str<=7" => "\"\"".to_owned(),
                _ => self.default.to_string(),
            };
            let _ = write!(text, ", default: {default}");
        }
        text + " }"
    }
}

pub(crate) fn member(random: &mut Rng) -> &'static str {
    random.choice(MEMBERS).unwrap_or("u8")
}

pub(crate) fn is_number(ty: &str) -> bool {
    matches!(ty, "u8" | "u16" | "u32" | "i32" | "u64" | "f64")
}
