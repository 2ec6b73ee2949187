//! The public items of a type, found in tokens: of generated code, and of the macros and types of the runtime that it uses.
//!
//! rustc alone knows what macros expand to. What users may call is found without it: `pub fn`, `pub const`, `impl Trait for`, derives,
//! public fields and variants, in the code itself and in each `macro_rules!` of the runtime that is called for the type.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Traits that users meet nowhere: those of generated code, and of zerocopy.
const INTERNAL: [&str; 16] = [
    "AnyBits",
    "Bytes",
    "Content",
    "Decimal",
    "DecimalFactor",
    "Filler",
    "FlagNames",
    "FromBytes",
    "Immutable",
    "IntoBytes",
    "KnownLayout",
    "Readable",
    "Text",
    "TryFromBytes",
    "Unaligned",
    "Variants",
];

/// Source text as tokens, and the macros that it may call.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    macros: HashMap<String, Vec<(TokenStream, TokenStream)>>,
    code: Vec<TokenStream>,
}

/// What a type has.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Items {
    /// Methods, functions, constants, fields and variants, by name.
    pub names: BTreeSet<String>,
    /// Traits, such as `Clone` or `From<u8>`, and those that others implement for it, such as `From<Side>`.
    pub traits: BTreeSet<String>,
}

impl Sources {
    /// The code of the runtime's messages, and the macros of all of the runtime.
    pub fn of_runtime() -> Self {
        let mut sources = Self::default();
        sources.add_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mycelium-rt/src"));
        sources
    }

    fn add_folder(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.add_folder(&path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file of source");
                if path.components().any(|part| part.as_os_str() == "message") {
                    self.add(&text);
                } else if text.contains("macro_rules!") {
                    self.define(&parse(&text));
                }
            }
        }
    }

    /// Adds a file.
    pub fn add(&mut self, text: &str) {
        let tokens = parse(text);
        self.define(&tokens);
        self.code.push(tokens);
    }

    /// Another file with the macros of this one.
    pub fn beside(&self, text: &str) -> Self {
        let mut sources = Self { macros: self.macros.clone(), code: Vec::new() };
        sources.add(text);
        sources
    }

    /// Keeps the rules of each `macro_rules!`.
    fn define(&mut self, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for at in 0..tokens.len() {
            let [TokenTree::Ident(word), _, TokenTree::Ident(name), TokenTree::Group(body), ..] = &tokens[at..] else {
                continue;
            };
            if word == "macro_rules" {
                let rules: Vec<Group> = body.stream().into_iter().filter_map(group).collect();
                let pairs = rules.chunks_exact(2).map(|pair| (pair[0].stream(), pair[1].stream()));
                self.macros.insert(name.to_string(), pairs.collect());
            }
        }
    }

    /// The items of a type that is in these sources.
    pub fn items(&self, name: &str) -> Items {
        let mut search = Search { sources: self, name, items: Items::default() };
        for code in &self.code {
            search.block(code, &HashMap::new());
        }
        search.items
    }

    /// The public items at the top of these sources.
    pub fn top_level(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for code in &self.code {
            let tokens: Vec<TokenTree> = code.clone().into_iter().collect();
            for window in tokens.windows(3) {
                let [first, kind, name] = window else { continue };
                let is_item = ["struct", "enum", "trait", "const", "fn"].iter().any(|it| is(kind, it));
                if is(first, "pub") && is_item {
                    names.insert(name.to_string());
                }
            }
        }
        names
    }
}

fn parse(text: &str) -> TokenStream {
    text.parse().expect("the source is Rust")
}

fn group(token: TokenTree) -> Option<Group> {
    match token {
        TokenTree::Group(group) => Some(group),
        _ => None,
    }
}

fn is(token: &TokenTree, word: &str) -> bool {
    token.to_string() == word
}

/// What `$name` stands for.
type Bindings = HashMap<String, String>;

struct Search<'a> {
    sources: &'a Sources,
    name: &'a str,
    items: Items,
}

impl Search<'_> {
    /// Looks through items that are side by side.
    fn block(&mut self, tokens: &TokenStream, bindings: &Bindings) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut derives = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at..] {
                [hash, TokenTree::Group(attribute), ..] if is(hash, "#") => {
                    derives.extend(derived(attribute));
                    at += 1;
                }
                [word, _, TokenTree::Ident(_), TokenTree::Group(_), ..] if is(word, "macro_rules") => at += 3,
                [word, name, ..] if ["struct", "enum", "trait"].iter().any(|it| is(word, it)) => {
                    let shown = [name, tokens.get(at + 2).unwrap_or(name)].map(ToString::to_string);
                    let name = if shown[0] == "$" { bindings.get(&shown[1]).unwrap_or(&shown[1]) } else { &shown[0] };
                    let found = std::mem::take(&mut derives);
                    if name == self.name {
                        self.items.traits.extend(found);
                        self.definition(&tokens[at..]);
                    }
                    at += end_of_item(&tokens[at..]);
                }
                [word, ..] if is(word, "impl") => at += self.implementation(&tokens[at..], bindings),
                [TokenTree::Ident(called), bang, TokenTree::Group(arguments), ..] if is(bang, "!") => {
                    self.call(&called.to_string(), arguments, bindings);
                    at += 2;
                }
                // `const _: () = { … };`, and what a macro repeats.
                [TokenTree::Group(group), ..] if group.delimiter() != Delimiter::Bracket => {
                    self.block(&group.stream(), bindings)
                }
                [word, ..] if ["fn", "mod"].iter().any(|it| is(word, it)) => at += end_of_item(&tokens[at..]),
                [word, ..] if is(word, "pub") => {}
                _ => derives.clear(),
            }
            at += 1;
        }
    }

    /// The fields of a struct, the variants of an enum, the items of a trait.
    fn definition(&mut self, tokens: &[TokenTree]) {
        let tokens = &tokens[..=end_of_item(tokens)];
        let body = tokens.iter().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
            _ => None,
        });
        let Some(body) = body else { return };
        let inside: Vec<TokenTree> = body.stream().into_iter().collect();
        let kind = tokens[0].to_string();
        let mut is_start = true;
        for (at, token) in inside.iter().enumerate() {
            match (kind.as_str(), token) {
                ("struct", TokenTree::Ident(word)) if word == "pub" => self.name_of(inside.get(at + 1)),
                ("enum", TokenTree::Ident(_)) if is_start => self.name_of(Some(token)),
                ("trait", TokenTree::Ident(word)) if word == "fn" || word == "const" => {
                    self.name_of(inside.get(at + 1))
                }
                _ => {}
            }
            let is_attribute =
                matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket) || is(token, "#");
            is_start = is(token, ",") || is_start && is_attribute;
        }
    }

    fn name_of(&mut self, token: Option<&TokenTree>) {
        if let Some(TokenTree::Ident(name)) = token {
            self.items.names.insert(name.to_string());
        }
    }

    /// From `impl` to its body; gives how many tokens that is beyond the first.
    fn implementation(&mut self, tokens: &[TokenTree], bindings: &Bindings) -> usize {
        let is_body =
            |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let Some(end) = tokens.iter().position(is_body) else { return 0 };
        let head = without_generics(&tokens[1..end]);
        let head = &head[..head.iter().position(|token| is(token, "where")).unwrap_or(head.len())];
        let TokenTree::Group(body) = &tokens[end] else { return end };
        match head.iter().position(|token| is(token, "for")) {
            Some(place) => {
                let (of, ty) = (short(&head[..place], bindings), short(&head[place + 1..], bindings));
                let is_internal = of.contains("__") || of.starts_with('$') || INTERNAL.contains(&base(&of));
                let is_of_this = base(&ty) == self.name || of.contains(&format!("<{}>", self.name));
                if is_of_this && !is_internal {
                    self.items.traits.insert(of);
                }
            }
            None if base(&short(head, bindings)) == self.name => self.methods(&body.stream()),
            None => {}
        }
        end
    }

    /// The public functions and constants of an `impl`.
    fn methods(&mut self, body: &TokenStream) {
        let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
        for at in 0..tokens.len() {
            let names = match &tokens[at..] {
                [public, constant, function, name, ..]
                    if is(public, "pub") && is(constant, "const") && is(function, "fn") =>
                {
                    name
                }
                [public, kind, name, ..] if is(public, "pub") && (is(kind, "fn") || is(kind, "const")) => name,
                _ => continue,
            };
            self.name_of(Some(names));
        }
    }

    /// A macro of the runtime that is called for this type, or that calls others.
    fn call(&mut self, called: &str, arguments: &Group, bindings: &Bindings) {
        let rules = self.sources.macros.get(called).or_else(|| self.sources.macros.get(&format!("__{called}")));
        let Some(rules) = rules else { return };
        let mut arguments = split(&arguments.stream());
        // A rule of the macro's own, such as `@operator $name, …`.
        let own = arguments.first_mut().filter(|first| first.first().is_some_and(|token| is(token, "@")));
        let own = own.map(|first| first.drain(..2).map(|token| token.to_string()).collect::<String>());
        let arguments: Vec<String> = arguments.iter().map(|argument| short(argument, bindings)).collect();
        if arguments.first().is_none_or(|first| first != self.name) {
            return;
        }
        // As rustc does: the first rule that fits.
        let rule = rules.iter().find(|(matcher, _)| own == own_rule(matcher) && fits(matcher, &arguments));
        let Some((matcher, body)) = rule else { return };
        let bound = variables(matcher).into_iter().map(|(name, _)| name).zip(arguments).collect();
        self.block(body, &bound);
    }
}

/// `@word` at the start of a rule.
fn own_rule(matcher: &TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = matcher.clone().into_iter().take(2).collect();
    let is_own = tokens.first().is_some_and(|token| is(token, "@"));
    is_own.then(|| tokens.iter().map(ToString::to_string).collect())
}

/// Whether a rule of a macro takes these arguments: a literal where it wants one.
fn fits(matcher: &TokenStream, arguments: &[String]) -> bool {
    let is_literal = |argument: &String| argument.starts_with(|first: char| first.is_ascii_digit() || first == '"');
    variables(matcher).iter().zip(arguments).all(|((_, kind), argument)| kind != "literal" || is_literal(argument))
}

/// The traits of a `derive`.
fn derived(attribute: &Group) -> Vec<String> {
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match tokens.as_slice() {
        [word, TokenTree::Group(list)] if is(word, "derive") => {
            let names = split(&list.stream()).iter().map(|path| short(path, &HashMap::new())).collect::<Vec<_>>();
            names.into_iter().filter(|name| !INTERNAL.contains(&name.as_str())).collect()
        }
        _ => Vec::new(),
    }
}

/// The tokens up to the body or the `;` of an item, beyond the first.
fn end_of_item(tokens: &[TokenTree]) -> usize {
    let is_end = |token: &TokenTree| {
        is(token, ";") || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    };
    tokens.iter().position(is_end).unwrap_or(0)
}

/// Without `<…>` at the start.
fn without_generics(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut depth = 0;
    let rest = tokens.iter().position(|token| {
        depth += i32::from(is(token, "<")) - i32::from(is(token, ">"));
        depth == 0
    });
    match tokens.first() {
        Some(first) if is(first, "<") => tokens[rest.map_or(0, |end| end + 1)..].to_vec(),
        _ => tokens.to_vec(),
    }
}

/// Arguments, at the commas outside of `<…>`.
fn split(tokens: &TokenStream) -> Vec<Vec<TokenTree>> {
    let mut depth = 0;
    let mut arguments = vec![Vec::new()];
    for token in tokens.clone() {
        depth += i32::from(is(&token, "<")) - i32::from(is(&token, ">"));
        if is(&token, ",") && depth == 0 {
            arguments.push(Vec::new());
        } else if let Some(last) = arguments.last_mut() {
            last.push(token);
        }
    }
    arguments
}

/// The names of a macro's variables, in order, and what each stands for.
fn variables(matcher: &TokenStream) -> Vec<(String, String)> {
    let mut names = Vec::new();
    let tokens: Vec<TokenTree> = matcher.clone().into_iter().collect();
    for at in 0..tokens.len() {
        match &tokens[at..] {
            [dollar, TokenTree::Ident(name), _, kind, ..] if is(dollar, "$") => {
                names.push((name.to_string(), kind.to_string()))
            }
            [dollar, TokenTree::Group(repeated), ..] if is(dollar, "$") => names.extend(variables(&repeated.stream())),
            _ => {}
        }
    }
    names
}

/// A path as people write it: without the modules before each name, lifetimes and blanks; variables replaced where they are known.
fn short(tokens: &[TokenTree], bindings: &Bindings) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [dollar, TokenTree::Ident(name), ..] if is(dollar, "$") => {
                let name = name.to_string();
                parts.push(bindings.get(&name).cloned().unwrap_or(format!("${name}")));
                at += 1;
            }
            [quote, TokenTree::Ident(_), ..] if is(quote, "'") => at += 1,
            [first, second, ..] if is(first, ":") && is(second, ":") => {
                parts.pop_if(|part| part.starts_with(|letter: char| letter.is_alphanumeric() || "$_".contains(letter)));
                at += 1;
            }
            [TokenTree::Group(group), ..] => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let inside = short(&inside, bindings);
                parts.push(match group.delimiter() {
                    Delimiter::Bracket => format!("[{inside}]"),
                    Delimiter::Parenthesis => format!("({inside})"),
                    _ => inside,
                });
            }
            [token, ..] => parts.push(token.to_string()),
            [] => {}
        }
        at += 1;
    }
    parts.concat().replace("<>", "")
}

/// Without generics.
fn base(path: &str) -> &str {
    path.split('<').next().unwrap_or(path)
}
