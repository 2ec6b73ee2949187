//! The codes of findings; `docs/errors.md` has a section for each.

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The contract is invalid, and the build fails.
    Error,
    /// A warning, which does not fail a build.
    Lint,
}

/// What a change of a contract breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// Programs built before and after the change misread or refuse each other's messages.
    Wire,
    /// The bytes on the wire stay the same; code that uses the generated names must be updated.
    Source,
    /// Neither of the two.
    Lint,
}

impl Category {
    /// The text in reports: `WIRE`, `SOURCE` or `LINT`.
    ///
    /// ```
    /// assert_eq!(mycelium_codegen::Category::Wire.as_str(), "WIRE");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "WIRE",
            Self::Source => "SOURCE",
            Self::Lint => "LINT",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// The kind of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// The text in reports, such as `MYC0007`.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)+
                }
            }
        }
    };
}

codes! {
    /// The file is not YAML.
    Syntax = "MYC0001",
    /// YAML that contracts don't support, or too much of it.
    Unsupported = "MYC0002",
    /// An empty file.
    EmptyFile = "MYC0003",
    /// An unknown key.
    UnknownKey = "MYC0004",
    /// A required key is missing.
    MissingKey = "MYC0005",
    /// A key given twice in one map.
    DuplicateKey = "MYC0006",
    /// Two messages with one id.
    DuplicateId = "MYC0007",
    /// The wrong kind of YAML value, such as a map instead of a list.
    WrongKind = "MYC0008",
    /// Not a number, or a number out of range.
    BadNumber = "MYC0009",
    /// A name that Rust can't use.
    BadName = "MYC0010",
    /// Two declarations with one name.
    DuplicateName = "MYC0011",
    /// Names that become equal in the generated code.
    NameCollision = "MYC0012",
    /// A name that the generated code needs.
    TakenName = "MYC0013",
    /// An unknown type.
    UnknownType = "MYC0014",
    /// A type expression that can't be read.
    BadType = "MYC0015",
    /// A length or bound that is out of range.
    BadBound = "MYC0016",
    /// A type that is not allowed in this place.
    MisplacedType = "MYC0017",
    /// A type that contains itself, or nests too deep.
    Recursion = "MYC0018",
    /// A body that is too large.
    TooLarge = "MYC0019",
    /// An id or a name that is reserved.
    Reserved = "MYC0020",
    /// An id outside the tag ranges.
    OutsideRange = "MYC0021",
    /// An unknown message in `required_prior_messages`.
    UnknownMessage = "MYC0022",
    /// A value or bit with two names.
    DuplicateValue = "MYC0023",
    /// A value or bit that the representation can't hold.
    ValueRange = "MYC0024",
    /// A representation that can't be used here.
    BadRepr = "MYC0025",
    /// A scale out of range.
    BadScale = "MYC0026",
    /// A type without parts.
    NothingDeclared = "MYC0027",
    /// A type without a kind, or with several.
    BadShape = "MYC0028",
    /// A default that is not a value of its type.
    BadDefault = "MYC0029",
    /// A limit that is not a value of its type.
    BadLimit = "MYC0030",
    /// Rules that no value passes.
    EmptyRange = "MYC0031",
    /// A default that the rules of its field refuse.
    DefaultOutside = "MYC0032",
    /// A rule that does not apply to the type.
    MisplacedRule = "MYC0033",
    /// Attributes that contradict each other.
    Contradiction = "MYC0034",
    /// A file that can't be read.
    Unreadable = "MYC0035",
    /// A range of ids that can't be read.
    BadRange = "MYC0036",
    /// A lock that can't be read.
    BadLock = "MYC0037",
    /// `since` that decreases or is out of range.
    BadSince = "MYC1001",
    /// A new field without a default.
    NewFieldNeedsDefault = "MYC1002",
    /// `min_compatible` above `version`.
    BadCompatibility = "MYC1003",
    /// An accepted WIRE break without new versions.
    BreakWithoutVersion = "MYC1004",
    /// An accepted break of an unknown message.
    UnknownBreak = "MYC1005",
    /// A message has another id.
    IdChanged = "MYC1101",
    /// An id that was reserved, or belonged to another message.
    IdReused = "MYC1102",
    /// A message was removed, and its id is not reserved.
    MessageRemoved = "MYC1103",
    /// A field was removed.
    FieldRemoved = "MYC1104",
    /// A field has another type.
    FieldTypeChanged = "MYC1105",
    /// A text or list has another bound.
    BoundChanged = "MYC1106",
    /// A field moved.
    FieldMoved = "MYC1107",
    /// A new field without `since`.
    FieldWithoutSince = "MYC1108",
    /// A new field before older ones.
    FieldInTheMiddle = "MYC1109",
    /// A new field of a locked version.
    SinceLocked = "MYC1110",
    /// The `since` of a field changed.
    SinceChanged = "MYC1111",
    /// A field became optional, or no longer is.
    OptionalChanged = "MYC1112",
    /// The default that fills older bodies changed.
    DefaultChanged = "MYC1113",
    /// A field refuses values that it allowed.
    RuleTightened = "MYC1114",
    /// A field allows values that it refused.
    RuleRelaxed = "MYC1115",
    /// All fields of a version were removed.
    SizeShrank = "MYC1116",
    /// A layout changed for no known reason.
    LayoutChanged = "MYC1117",
    /// The schema has another name.
    SchemaRenamed = "MYC1118",
    /// The schema's version was lowered.
    VersionLowered = "MYC1119",
    /// `min_compatible` was lowered.
    CompatibilityLowered = "MYC1120",
    /// A type is of another kind.
    KindChanged = "MYC1121",
    /// A type has another representation.
    ReprChanged = "MYC1122",
    /// A variant has another value.
    ValueChanged = "MYC1123",
    /// A closed enum lost a variant.
    VariantRemoved = "MYC1124",
    /// A closed enum has a new variant.
    VariantAdded = "MYC1125",
    /// An enum was opened or closed.
    OpennessChanged = "MYC1126",
    /// A flag is another bit.
    FlagMoved = "MYC1127",
    /// A decimal has another scale.
    ScaleChanged = "MYC1128",
    /// A newtype wraps another type.
    InnerChanged = "MYC1129",
    /// A struct or variant has other fields.
    MembersChanged = "MYC1130",
    /// The fields of a struct or variant changed places.
    MembersReordered = "MYC1131",
    /// The variants of a oneof changed.
    OneofChanged = "MYC1132",
    /// A message was removed, and its id is reserved.
    MessageRetired = "MYC1133",
    /// Older programs are refused.
    CompatibilityRaised = "MYC1134",
    /// A closed enum has another first variant.
    FirstVariantChanged = "MYC1135",
    /// A message has another name.
    MessageRenamed = "MYC1201",
    /// A field has another name.
    FieldRenamed = "MYC1203",
    /// A type has another name.
    TypeRenamed = "MYC1204",
    /// A type was removed.
    TypeRemoved = "MYC1205",
    /// A variant, a bit or a member of a type has another name.
    PartRenamed = "MYC1206",
    /// A variant of an open enum, or a bit, was removed.
    NameRemoved = "MYC1207",
    /// A message has another topic.
    TopicChanged = "MYC1301",
    /// An id or a name is no longer reserved.
    ReservationDropped = "MYC1302",
    /// The default of a first field changed.
    FirstDefaultChanged = "MYC1304",
    /// A deprecation was removed.
    DeprecationDropped = "MYC1305",
    /// A field has another unit.
    UnitChanged = "MYC1306",
    /// A value is no longer kept out of logs.
    RedactionDropped = "MYC1307",
    /// The contract has additions that the lock lacks.
    LockBehind = "MYC1308",
    /// A message is new.
    MessageAdded = "MYC1309",
    /// A field is new, at the end.
    FieldAdded = "MYC1310",
    /// A type is new.
    TypeAdded = "MYC1311",
    /// A variant of an open enum, or a bit, is new.
    NameAdded = "MYC1312",
    /// The schema's version was raised.
    VersionRaised = "MYC1313",
    /// A new reservation.
    ReservationAdded = "MYC1314",
    /// A new deprecation, unit, or `log_payload: false`.
    MarkAdded = "MYC1315",
    /// A type changed that no message used.
    UnheldTypeChanged = "MYC1316",
    /// A missing doc.
    MissingDoc = "MYC2001",
    /// A bound was assumed.
    AssumedBound = "MYC2002",
    /// A key without effect.
    NoEffect = "MYC2003",
    /// An unknown validation.
    UnknownValidation = "MYC2004",
    /// A name in unusual case.
    UnusualCase = "MYC2005",
    /// An unknown domain.
    UnknownDomain = "MYC2006",
    /// A rule that always holds.
    IdleRule = "MYC2007",
    /// A version in an imported file that has no effect.
    ImportedSchema = "MYC2008",
    /// Padding that another order would avoid.
    Padding = "MYC2009",
    /// Money in a float.
    FloatPrice = "MYC2010",
    /// A closed enum without a value of zero.
    NoZeroVariant = "MYC2011",
    /// An id outside the range of its domain.
    OutsideDomain = "MYC2012",
    /// A type that no message uses.
    UnusedType = "MYC2013",
    /// A deprecation without a reason.
    BareDeprecation = "MYC2014",
    /// A message that is large to copy.
    LargeBody = "MYC2015",
    /// A time in a plain integer.
    PlainTime = "MYC2016",
    /// Bools that could be flags.
    ManyBools = "MYC2017",
    /// The id 0, which zeroed bytes have.
    ZeroId = "MYC2018",
    /// A message whose defaults break its rules.
    NoDefault = "MYC2019",
    /// A field whose accessor hides another call.
    HiddenCall = "MYC2020",
}

/// The names of lints in `lints:`.
pub fn lint_names() -> impl Iterator<Item = &'static str> {
    Code::LINTS.into_iter().map(|(name, _)| name)
}

impl Code {
    /// Whether it makes a contract invalid: lints, and changes that don't break the wire, are warnings.
    pub(crate) fn severity(self) -> Severity {
        match self.category() {
            Some(Category::Source | Category::Lint) => Severity::Lint,
            Some(Category::Wire) => Severity::Error,
            None if self.as_str().starts_with("MYC2") => Severity::Lint,
            None => Severity::Error,
        }
    }

    /// Lints by their names in `lints:`.
    pub(crate) const LINTS: [(&str, Self); 20] = [
        ("missing_docs", Self::MissingDoc),
        ("assumed_bound", Self::AssumedBound),
        ("no_effect", Self::NoEffect),
        ("unknown_validation", Self::UnknownValidation),
        ("unusual_case", Self::UnusualCase),
        ("unknown_domain", Self::UnknownDomain),
        ("idle_rule", Self::IdleRule),
        ("imported_schema", Self::ImportedSchema),
        ("padding", Self::Padding),
        ("float_price", Self::FloatPrice),
        ("no_zero_variant", Self::NoZeroVariant),
        ("outside_domain", Self::OutsideDomain),
        ("unused_type", Self::UnusedType),
        ("bare_deprecation", Self::BareDeprecation),
        ("large_body", Self::LargeBody),
        ("plain_time", Self::PlainTime),
        ("many_bools", Self::ManyBools),
        ("zero_id", Self::ZeroId),
        ("no_default", Self::NoDefault),
        ("hidden_call", Self::HiddenCall),
    ];

    /// What a change breaks, by the hundreds of its code; `None` for findings that are not changes.
    pub(crate) fn category(self) -> Option<Category> {
        match self.as_str().get(..5) {
            Some("MYC11") => Some(Category::Wire),
            Some("MYC12") => Some(Category::Source),
            Some("MYC13") => Some(Category::Lint),
            _ => None,
        }
    }

    /// Whether it is an addition that breaks nothing. A comparison reports each addition; a check reports once that the lock is behind.
    pub(crate) fn is_growth(self) -> bool {
        matches!(
            self,
            Self::MessageAdded
                | Self::FieldAdded
                | Self::TypeAdded
                | Self::NameAdded
                | Self::VersionRaised
                | Self::ReservationAdded
                | Self::MarkAdded
                | Self::UnheldTypeChanged
        )
    }

    /// The text in a report: the code, and the category if there is one.
    pub(crate) fn title(self) -> String {
        match self.category() {
            Some(category) => format!("{} {}", self.as_str(), category.as_str()),
            None => self.as_str().to_owned(),
        }
    }
}
