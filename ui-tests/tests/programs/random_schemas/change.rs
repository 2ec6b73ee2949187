//! Changes of a contract that are known to be compatible or not, each around a field or two that show it.

/// One change. What is not given stays as it is.
pub(crate) struct Change {
    pub(crate) name: &'static str,
    /// Whether programs of both versions still understand each other.
    pub(crate) compatible: bool,
    pub(crate) old: Part,
    pub(crate) new: Part,
}

/// What a version of the contract has besides its random part.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// Lines of `types:`.
    pub(crate) types: &'static [&'static str],
    /// Fields of version 1, somewhere in the middle.
    pub(crate) fields: &'static [Line],
    /// Fields of later versions, at the end.
    pub(crate) later: &'static [Line],
    /// Other messages, and whatever follows them.
    pub(crate) rest: &'static str,
    pub(crate) version: u16,
    pub(crate) message: &'static str,
    pub(crate) id: u16,
}

/// A field: its name, its declaration, and values that show what becomes of it. A name that begins with `renamed_` is
/// another one of the same field.
pub(crate) type Line = (&'static str, &'static str, &'static [&'static str]);

const NONE: Part = Part { types: &[], fields: &[], later: &[], rest: "", version: 1, message: "M", id: 1 };
const NUMBERS: &[&str] = &["1", "70", "117"];
const A: Line = ("a", "u32", NUMBERS);
const B: Line = ("b", "u32", &["2", "71", "118"]);
const ENUM: Line = ("e", "E", &["E::X", "E::Y"]);
const OPEN: Line = ("o", "O", &["O::X", "O(9)", "O::Y"]);
const FLAGS: Line = ("f", "F", &["F::X", "F::Y", "F::X | F::Y"]);
const STRUCT: Line = ("s", "S", &["S::new(1, 2)", "S::new(70, 71)"]);
const ONEOF: Line = ("n", "N", &["N::x(1)", "N::y(2)"]);
const LATER: Line = ("late", "{ type: u32, since: 2, default: 7 }", NUMBERS);

const ENUM_TYPE: &str = "E: { enum: u8, variants: { X: 1, Y: 2 } }";
const OPEN_TYPE: &str = "O: { enum: u8, open: true, variants: { X: 1, Y: 2 } }";
const FLAGS_TYPE: &str = "F: { flags: u8, bits: { X: 0, Y: 1 } }";
const STRUCT_TYPE: &str = "S: { struct: { x: u32, y: u32 } }";
const ONEOF_TYPE: &str = "N: { oneof: { X: { v: u64 }, Y: { v: u64 } } }";

const fn fields(fields: &'static [Line]) -> Part {
    Part { fields, ..NONE }
}

const fn typed(types: &'static [&'static str], fields: &'static [Line]) -> Part {
    Part { types, fields, ..NONE }
}

const fn later(version: u16, later: &'static [Line]) -> Part {
    Part { later, version, ..fields(&[A]) }
}

const fn fine(name: &'static str, old: Part, new: Part) -> Change {
    Change { name, compatible: true, old, new }
}

const fn breaks(name: &'static str, old: Part, new: Part) -> Change {
    Change { name, compatible: false, old, new }
}

pub(crate) const CHANGES: &[Change] = &[
    fine("nothing", fields(&[A]), fields(&[A])),
    fine("a new version", fields(&[A]), later(2, &[])),
    fine("a field with a default", fields(&[A]), later(2, &[LATER])),
    fine(
        "an optional field",
        fields(&[A]),
        later(2, &[("late", "{ type: \"str<=5\", since: 2, optional: true }", &["None", "Some(\"é\")"])]),
    ),
    fine(
        "a third version",
        later(2, &[LATER]),
        later(3, &[LATER, ("m", "{ type: \"[u8]<=3\", since: 3, default: [] }", &["&[1, 2]"])]),
    ),
    fine("a message", fields(&[A]), Part { rest: "  New: { id: 9, fields: { a: u8 } }\n", ..fields(&[A]) }),
    fine(
        "a message in another place",
        Part { rest: "  Old: { id: 9, fields: {} }\n", ..fields(&[A]) },
        Part { rest: "  Old: { id: 9, doc: d, fields: {} }\n", ..fields(&[A]) },
    ),
    fine("a renamed field", fields(&[A, B]), fields(&[("renamed_a", "u32", NUMBERS), B])),
    fine("a renamed message", fields(&[A]), Part { message: "RenamedM", ..fields(&[A]) }),
    fine(
        "a renamed type",
        typed(&[STRUCT_TYPE], &[STRUCT]),
        typed(&["RenamedS: { struct: { x: u32, y: u32 } }"], &[("s", "RenamedS", &["RenamedS::new(1, 2)"])]),
    ),
    fine(
        "a renamed variant",
        typed(&[ENUM_TYPE], &[ENUM]),
        typed(&["E: { enum: u8, variants: { RenamedX: 1, Y: 2 } }"], &[("e", "E", &["E::RenamedX", "E::Y"])]),
    ),
    fine(
        "variants in another order",
        typed(&[ENUM_TYPE], &[ENUM]),
        typed(&["E: { enum: u8, variants: { Y: 2, X: 1 } }"], &[ENUM]),
    ),
    fine(
        "a variant of an open enum",
        typed(&[OPEN_TYPE], &[("o", "O", &["O::X", "O(9)"])]),
        typed(&["O: { enum: u8, open: true, variants: { X: 1, Y: 2, Z: 3 } }"], &[OPEN]),
    ),
    fine("a flag", typed(&[FLAGS_TYPE], &[FLAGS]), typed(&["F: { flags: u8, bits: { X: 0, Y: 1, Z: 5 } }"], &[FLAGS])),
    fine("a type nobody holds", fields(&[A]), typed(&[ENUM_TYPE], &[A])),
    fine(
        "another default of a first field",
        fields(&[("a", "{ type: u32, default: 1 }", NUMBERS)]),
        fields(&[("a", "{ type: u32, default: 5 }", NUMBERS)]),
    ),
    fine("a deprecation", fields(&[A]), fields(&[("a", "{ type: u32, deprecated: true, doc: d, unit: m }", NUMBERS)])),
    fine(
        "a rule in other words",
        fields(&[("a", "{ type: u32, max: 0x80 }", NUMBERS)]),
        fields(&[("a", "{ type: u32, max: 128, min: 0 }", NUMBERS)]),
    ),
    breaks("a field removed", fields(&[A, B]), fields(&[B])),
    breaks("the last version removed", later(2, &[LATER]), later(2, &[])),
    breaks("a field inserted", fields(&[B]), fields(&[A, B])),
    breaks(
        "a field of a locked version",
        later(2, &[LATER]),
        later(2, &[LATER, ("m", "{ type: u64, since: 2, default: 1 }", NUMBERS)]),
    ),
    breaks("fields swapped", fields(&[A, B]), fields(&[B, A])),
    breaks("another sign", fields(&[A]), fields(&[("a", "i32", NUMBERS)])),
    breaks("another width", fields(&[A]), fields(&[("a", "u64", NUMBERS)])),
    breaks("a float", fields(&[A]), fields(&[("a", "f32", &["1.0", "70.5"])])),
    breaks("a larger bound", fields(&[("t", "\"str<=5\"", &["\"ab\""])]), fields(&[("t", "\"str<=7\"", &["\"ab\""])])),
    breaks(
        "a smaller bound",
        fields(&[("t", "\"[u32]<=5\"", &["&[1, 2]"])]),
        fields(&[("t", "\"[u32]<=4\"", &["&[1, 2]"])]),
    ),
    breaks(
        "a field that became optional",
        fields(&[A]),
        fields(&[("a", "{ type: u32, optional: true }", &["Some(1)"])]),
    ),
    breaks(
        "a field that is always there now",
        fields(&[("a", "{ type: u32, optional: true }", &["Some(1)"])]),
        fields(&[A]),
    ),
    breaks(
        "another since",
        later(2, &[LATER]),
        Part { version: 2, ..fields(&[A, ("late", "{ type: u32, default: 7 }", NUMBERS)]) },
    ),
    breaks(
        "another default of a later field",
        later(2, &[LATER]),
        later(2, &[("late", "{ type: u32, since: 2, default: 8 }", NUMBERS)]),
    ),
    breaks("a tighter rule", fields(&[A]), fields(&[("a", "{ type: u32, min: 60 }", &["70"])])),
    breaks(
        "a relaxed rule",
        fields(&[("a", "{ type: u32, max: 80 }", &["70"])]),
        fields(&[("a", "{ type: u32, max: 120 }", NUMBERS)]),
    ),
    breaks("another id", fields(&[A]), Part { id: 2, ..fields(&[A]) }),
    breaks("an id used again", fields(&[A]), Part { message: "Other", ..fields(&[("b", "f64", &["1.0"])]) }),
    breaks(
        "a variant of a closed enum",
        typed(&[ENUM_TYPE], &[ENUM]),
        typed(&["E: { enum: u8, variants: { X: 1, Y: 2, Z: 3 } }"], &[("e", "E", &["E::Z"])]),
    ),
    breaks(
        "a variant less of a closed enum",
        typed(&[ENUM_TYPE], &[ENUM]),
        typed(&["E: { enum: u8, variants: { X: 1 } }"], &[("e", "E", &["E::X"])]),
    ),
    breaks(
        "variants swapped",
        typed(&[ENUM_TYPE], &[ENUM]),
        typed(&["E: { enum: u8, variants: { X: 2, Y: 1 } }"], &[ENUM]),
    ),
    breaks(
        "open variants swapped",
        typed(&[OPEN_TYPE], &[OPEN]),
        typed(&["O: { enum: u8, open: true, variants: { X: 2, Y: 1 } }"], &[OPEN]),
    ),
    breaks(
        "an enum opened",
        typed(&[ENUM_TYPE], &[ENUM]),
        typed(&["E: { enum: u8, open: true, variants: { X: 1, Y: 2 } }"], &[("e", "E", &["E(7)"])]),
    ),
    breaks(
        "another representation",
        typed(&[ENUM_TYPE], &[ENUM]),
        typed(&["E: { enum: u16, variants: { X: 1, Y: 2 } }"], &[ENUM]),
    ),
    breaks("flags moved", typed(&[FLAGS_TYPE], &[FLAGS]), typed(&["F: { flags: u8, bits: { X: 3, Y: 1 } }"], &[FLAGS])),
    breaks(
        "another scale",
        typed(&["D: { decimal: { repr: i32, scale: 2 } }"], &[("d", "D", &["D(150)"])]),
        typed(&["D: { decimal: { repr: i32, scale: 3 } }"], &[("d", "D", &["D(150)"])]),
    ),
    breaks(
        "another inner type",
        typed(&["W: { newtype: u32 }"], &[("w", "W", &["W(1)"])]),
        typed(&["W: { newtype: f32 }"], &[("w", "W", &["W(1.5)"])]),
    ),
    breaks(
        "another kind of type",
        typed(&[FLAGS_TYPE], &[FLAGS]),
        typed(&["F: { enum: u8, variants: { X: 1, Y: 2 } }"], &[("f", "F", &["F::X"])]),
    ),
    breaks(
        "a member of a struct",
        typed(&[STRUCT_TYPE], &[STRUCT]),
        typed(&["S: { struct: { x: u32, y: u32, z: u64 } }"], &[("s", "S", &["S::new(1, 2, 3)"])]),
    ),
    breaks(
        "members swapped",
        typed(&[STRUCT_TYPE], &[STRUCT]),
        typed(&["S: { struct: { y: u32, x: u32 } }"], &[STRUCT]),
    ),
    breaks(
        "variants of a oneof swapped",
        typed(&[ONEOF_TYPE], &[ONEOF]),
        typed(&["N: { oneof: { Y: { v: u64 }, X: { v: u64 } } }"], &[ONEOF]),
    ),
    breaks(
        "a variant of a oneof",
        typed(&[ONEOF_TYPE], &[ONEOF]),
        typed(&["N: { oneof: { X: { v: u64 }, Y: { v: u64 }, Z: {} } }"], &[("n", "N", &["N::z()", "N::x(1)"])]),
    ),
];
