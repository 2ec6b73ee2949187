//! The codes of errors and lints; `docs/errors.md` has a section for each.

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The schema is not valid: no usable code comes out.
    Error,
    /// Worth a look; never fails a build.
    Lint,
}

/// What a change since the lock breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// Programs built before and after the change misread or refuse each other's messages.
    Wire,
    /// Everything that is sent stays readable; code that uses the generated names has to follow.
    Source,
    /// Neither; worth a look.
    Lint,
}

impl Category {
    /// As users see it: `WIRE`, `SOURCE` or `LINT`.
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
        /// What kind of mistake a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// As users see it, such as `MYC0007`.
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
    /// YAML that contracts don't use, or too much of it.
    Unsupported = "MYC0002",
    /// Nothing in the file.
    EmptyFile = "MYC0003",
    /// A key that means nothing here.
    UnknownKey = "MYC0004",
    /// A key that has to be there.
    MissingKey = "MYC0005",
    /// A key given twice in one map.
    DuplicateKey = "MYC0006",
    /// Two messages with one id.
    DuplicateId = "MYC0007",
    /// A map where a list belongs, and the like.
    WrongKind = "MYC0008",
    /// Not a number, or a number out of range.
    BadNumber = "MYC0009",
    /// Not a name Rust can use.
    BadName = "MYC0010",
    /// Two declarations with one name.
    DuplicateName = "MYC0011",
    /// Names that become equal in the generated code.
    NameCollision = "MYC0012",
    /// A name that the generated code needs itself.
    TakenName = "MYC0013",
    /// A type that is declared nowhere.
    UnknownType = "MYC0014",
    /// A type expression that can't be read.
    BadType = "MYC0015",
    /// A length or bound that is out of range.
    BadBound = "MYC0016",
    /// A type that can't stand in this place.
    MisplacedType = "MYC0017",
    /// A type that contains itself, or nests too deep.
    Recursion = "MYC0018",
    /// A body above the limit.
    TooLarge = "MYC0019",
    /// An id or a name that is reserved.
    Reserved = "MYC0020",
    /// An id outside the tag ranges.
    OutsideRange = "MYC0021",
    /// A message named as prior that is declared nowhere.
    UnknownMessage = "MYC0022",
    /// One value or bit given to two names.
    DuplicateValue = "MYC0023",
    /// A value or bit that the representation can't hold.
    ValueRange = "MYC0024",
    /// A representation that can't be used here.
    BadRepr = "MYC0025",
    /// A decimal's scale is out of range.
    BadScale = "MYC0026",
    /// A type with nothing in it.
    NothingDeclared = "MYC0027",
    /// A type with no shape, or with several.
    BadShape = "MYC0028",
    /// A default that is not a value of its type.
    BadDefault = "MYC0029",
    /// A limit that is not a value of its type.
    BadLimit = "MYC0030",
    /// A smallest value above the largest.
    EmptyRange = "MYC0031",
    /// A default that its own field's rules refuse.
    DefaultOutside = "MYC0032",
    /// A rule on a type that can't bear it.
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
    /// A WIRE break is accepted, and the schema's versions don't say so.
    BreakWithoutVersion = "MYC1004",
    /// A break is accepted of what is no message.
    UnknownBreak = "MYC1005",
    /// A message has another id.
    IdChanged = "MYC1101",
    /// An id that had another meaning.
    IdReused = "MYC1102",
    /// A message is gone, and nothing keeps its id from being used again.
    MessageRemoved = "MYC1103",
    /// A field is gone.
    FieldRemoved = "MYC1104",
    /// A field has another type.
    FieldTypeChanged = "MYC1105",
    /// A text or list has another bound.
    BoundChanged = "MYC1106",
    /// A field lies elsewhere.
    FieldMoved = "MYC1107",
    /// A new field that does not say which version brought it.
    FieldWithoutSince = "MYC1108",
    /// A new field before older ones.
    FieldInTheMiddle = "MYC1109",
    /// A new field of a version that is locked.
    SinceLocked = "MYC1110",
    /// A field is said to be of another version.
    SinceChanged = "MYC1111",
    /// A field became optional, or no longer is.
    OptionalChanged = "MYC1112",
    /// Older bodies are widened with another value.
    DefaultChanged = "MYC1113",
    /// What was allowed is refused.
    RuleTightened = "MYC1114",
    /// What was refused is allowed.
    RuleRelaxed = "MYC1115",
    /// A whole layout is gone.
    SizeShrank = "MYC1116",
    /// A layout differs, and nothing says why.
    LayoutChanged = "MYC1117",
    /// The schema has another name.
    SchemaRenamed = "MYC1118",
    /// The schema's version went back.
    VersionLowered = "MYC1119",
    /// `min_compatible` went back.
    CompatibilityLowered = "MYC1120",
    /// A type is of another kind.
    KindChanged = "MYC1121",
    /// A type is held by another integer.
    ReprChanged = "MYC1122",
    /// A variant has another value.
    ValueChanged = "MYC1123",
    /// A closed enum lost a variant.
    VariantRemoved = "MYC1124",
    /// A closed enum has one more variant.
    VariantAdded = "MYC1125",
    /// An enum was opened or closed.
    OpennessChanged = "MYC1126",
    /// A flag is another bit.
    FlagMoved = "MYC1127",
    /// A decimal has another scale.
    ScaleChanged = "MYC1128",
    /// A newtype is around another type.
    InnerChanged = "MYC1129",
    /// A struct or variant has other fields.
    MembersChanged = "MYC1130",
    /// The fields of a struct or variant changed places.
    MembersReordered = "MYC1131",
    /// The variants of a oneof changed.
    OneofChanged = "MYC1132",
    /// A message is gone, its id reserved.
    MessageRetired = "MYC1133",
    /// Older programs are refused.
    CompatibilityRaised = "MYC1134",
    /// Another variant of a closed enum is the first.
    FirstVariantChanged = "MYC1135",
    /// A message has another name.
    MessageRenamed = "MYC1201",
    /// A field has another name.
    FieldRenamed = "MYC1203",
    /// A type has another name.
    TypeRenamed = "MYC1204",
    /// A type is gone.
    TypeRemoved = "MYC1205",
    /// A variant, a bit or a member of a type has another name.
    PartRenamed = "MYC1206",
    /// A variant of an open enum, or a bit, is gone.
    NameRemoved = "MYC1207",
    /// A message has another topic.
    TopicChanged = "MYC1301",
    /// An id or a name is no longer reserved.
    ReservationDropped = "MYC1302",
    /// A field left out has another value.
    FirstDefaultChanged = "MYC1304",
    /// What was deprecated no longer is.
    DeprecationDropped = "MYC1305",
    /// A field has another unit.
    UnitChanged = "MYC1306",
    /// What was kept out of logs no longer is.
    RedactionDropped = "MYC1307",
    /// The contracts promise more than the lock knows.
    LockBehind = "MYC1308",
    /// A message is new.
    MessageAdded = "MYC1309",
    /// A field is new, at the end.
    FieldAdded = "MYC1310",
    /// A type is new.
    TypeAdded = "MYC1311",
    /// A variant of an open enum, or a bit, is new.
    NameAdded = "MYC1312",
    /// The schema's version went up.
    VersionRaised = "MYC1313",
    /// An id or a name is reserved.
    ReservationAdded = "MYC1314",
    /// Something is deprecated, kept out of logs, or has a unit.
    MarkAdded = "MYC1315",
    /// A type is another one, and no message held it.
    UnheldTypeChanged = "MYC1316",
    /// Something without a doc.
    MissingDoc = "MYC2001",
    /// A bound was assumed.
    AssumedBound = "MYC2002",
    /// A key that does nothing.
    NoEffect = "MYC2003",
    /// A validation that means nothing here.
    UnknownValidation = "MYC2004",
    /// A name in unusual case.
    UnusualCase = "MYC2005",
    /// A domain that is declared nowhere.
    UnknownDomain = "MYC2006",
    /// A rule that always holds.
    IdleRule = "MYC2007",
    /// A schema section that is not in force.
    ImportedSchema = "MYC2008",
    /// Bytes that another order would save.
    Padding = "MYC2009",
    /// Money in a float.
    FloatPrice = "MYC2010",
    /// A closed enum without a value of zero.
    NoZeroVariant = "MYC2011",
    /// An id outside the range of its domain.
    OutsideDomain = "MYC2012",
    /// A type that no message holds.
    UnusedType = "MYC2013",
    /// A deprecation without a reason.
    BareDeprecation = "MYC2014",
    /// A message that is much to copy.
    LargeBody = "MYC2015",
    /// A time in a plain integer.
    PlainTime = "MYC2016",
    /// Bools that could be flags.
    ManyBools = "MYC2017",
    /// The id that zeroed bytes have.
    ZeroId = "MYC2018",
    /// A message whose defaults break its rules.
    NoDefault = "MYC2019",
    /// A field whose accessor takes the place of another call.
    HiddenCall = "MYC2020",
}

/// The names of lints, as `lints:` has them.
pub fn lint_names() -> impl Iterator<Item = &'static str> {
    Code::LINTS.into_iter().map(|(name, _)| name)
}

impl Code {
    /// Errors make a contract invalid; lints, and changes that leave the wire alone, don't.
    pub(crate) fn severity(self) -> Severity {
        match self.category() {
            Some(Category::Source | Category::Lint) => Severity::Lint,
            Some(Category::Wire) => Severity::Error,
            None if self.as_str().starts_with("MYC2") => Severity::Lint,
            None => Severity::Error,
        }
    }

    /// Lints by the names that `lints:` has for them.
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

    /// Of a change since the lock: what it breaks. The code's hundreds tell.
    pub(crate) fn category(self) -> Option<Category> {
        match self.as_str().get(..5) {
            Some("MYC11") => Some(Category::Wire),
            Some("MYC12") => Some(Category::Source),
            Some("MYC13") => Some(Category::Lint),
            _ => None,
        }
    }

    /// Whether it is of a change that breaks nothing and needs nobody to look at it. A comparison tells each of them; a check
    /// says once that the lock is behind.
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

    /// As a report shows it: the code, and the category where there is one.
    pub(crate) fn title(self) -> String {
        match self.category() {
            Some(category) => format!("{} {}", self.as_str(), category.as_str()),
            None => self.as_str().to_owned(),
        }
    }
}
