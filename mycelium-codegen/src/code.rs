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
    /// `since` that decreases or is out of range.
    BadSince = "MYC1001",
    /// A new field without a default.
    NewFieldNeedsDefault = "MYC1002",
    /// `min_compatible` above `version`.
    BadCompatibility = "MYC1003",
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
}

impl Code {
    /// Lints are those that begin with `MYC2`.
    pub(crate) fn severity(self) -> Severity {
        if self.as_str().starts_with("MYC2") { Severity::Lint } else { Severity::Error }
    }
}
