//! The addresses that a deployment gives to links and inputs: by the program, the environment, or a file, each with its origin.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Address, ConfigError, files};

const PREFIX: &str = "MYCELIUM_";

/// Names in an environment or a file that are not links: the files of a TLS identity. No link can have these names.
const TLS_FILES: [&str; 3] = ["tls_ca", "tls_cert", "tls_key"];

/// Addresses by the names of links and inputs, in lower case. The program goes before the environment, and that before a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Overrides {
    program: Named,
    environment: Named,
    file: Named,
    /// Names that belong to other routers.
    elsewhere: Vec<String>,
}

type Named = BTreeMap<String, Override>;

#[derive(Clone, Debug)]
struct Override {
    text: String,
    origin: String,
}

impl Overrides {
    /// Those of `vars`, which are like environment variables.
    pub(super) fn of_environment(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = vars.into_iter().filter_map(|(name, text)| {
            let link = name.strip_prefix(PREFIX)?.to_lowercase();
            Some((link, Override { text, origin: format!("environment variable {name}") }))
        });
        Self { environment: ours.collect(), ..Self::default() }
    }

    /// Adds those of a file with lines `name = address`.
    ///
    /// # Errors
    /// The file can't be read, or a line is not like that, or names again what another line names.
    pub(super) fn read(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = files::read_text(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        self.file.extend(parse_lines(&path.display().to_string(), &text)?);
        Ok(())
    }

    /// Sets the program's own address of a link.
    pub(super) fn set(&mut self, link: &str, address: &str) {
        let entry = Override { text: address.to_owned(), origin: format!("the program's address of `{link}`") };
        self.program.insert(link.to_lowercase(), entry);
    }

    /// Adds names that belong to other routers.
    pub(super) fn know_elsewhere<'a>(&mut self, links: impl IntoIterator<Item = &'a str>) {
        self.elsewhere.extend(links.into_iter().map(str::to_lowercase));
    }

    /// Refuses a name that is not in `known`, here or among `others`, which are names with their origins.
    pub(super) fn check_names<'a>(
        &'a self,
        known: &[&str],
        others: impl Iterator<Item = (&'a String, String)>,
    ) -> Result<(), ConfigError> {
        let deployed = self.environment.iter().chain(&self.file).filter(|(name, _)| !TLS_FILES.contains(&&***name));
        let addresses = self.program.iter().chain(deployed).map(|(name, entry)| (name, entry.origin.clone()));
        for (name, origin) in addresses.chain(others) {
            if !known.contains(&&**name) && !self.elsewhere.contains(name) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(ConfigError::UnknownLink { origin, name: name.clone(), known });
            }
        }
        Ok(())
    }

    /// The address of `link`, or else `declared`.
    pub(super) fn resolve(&self, link: &str, declared: &Address) -> Result<Address, ConfigError> {
        match [&self.program, &self.environment, &self.file].into_iter().find_map(|named| named.get(link)) {
            Some(entry) => declared.with_text(&entry.origin, &entry.text),
            None => declared.check("routing_config!").map(|()| declared.clone()),
        }
    }

    /// The files of the TLS identity: the authorities, the certificate and the key.
    ///
    /// # Errors
    /// The environment variables that would name those that are missing, for a text.
    #[cfg(feature = "tls")]
    pub(super) fn tls_files(&self) -> Result<[&str; 3], String> {
        let found = TLS_FILES.map(|name| self.environment.get(name).or_else(|| self.file.get(name)));
        if let [Some(authorities), Some(certificate), Some(key)] = found {
            return Ok([&authorities.text, &certificate.text, &key.text]);
        }
        let missing = TLS_FILES.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(name, _)| *name);
        let names: Vec<_> = missing.map(|name| format!("`{PREFIX}{}`", name.to_uppercase())).collect();
        Err(names.join(", "))
    }
}

fn parse_lines(path: &str, text: &str) -> Result<Named, ConfigError> {
    let mut found = Named::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let origin = format!("{path}:{number}");
        let (name, address) = match line.split_once('=') {
            Some((name, address)) if !name.trim().is_empty() => (name.trim().to_lowercase(), address.trim()),
            _ => return Err(ConfigError::Line { origin }),
        };
        let entry = Override { text: address.to_owned(), origin: origin.clone() };
        if found.insert(name.clone(), entry).is_some() {
            return Err(ConfigError::Twice { origin, name });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;

    const DECLARED: Address = Address::tcp("127.0.0.1:1");

    fn with_file(overrides: Overrides, text: &str) -> Overrides {
        Overrides { file: parse_lines("links.conf", text).unwrap(), ..overrides }
    }

    #[test]
    fn program_overrides_environment_overrides_file() {
        let env = [("MYCELIUM_DESK", "127.0.0.1:3"), ("MYCELIUM_FEED", "127.0.0.1:4"), ("PATH", "x")];
        let overrides = Overrides::of_environment(env.map(|(name, value)| (name.into(), value.into())));
        let text = "# all\n\nDesk = 127.0.0.1:5\nfeed=127.0.0.1:6\nrisk = tcp:127.0.0.1:7\n";
        let mut overrides = with_file(overrides, text);
        overrides.set("desk", "127.0.0.1:2");
        for (link, address) in
            [("desk", "127.0.0.1:2"), ("feed", "127.0.0.1:4"), ("risk", "127.0.0.1:7"), ("x", "127.0.0.1:1")]
        {
            assert_eq!(overrides.resolve(link, &DECLARED).unwrap().text(), address, "{link}");
        }
        assert!(overrides.check_names(&["desk", "feed", "risk"], iter::empty()).is_ok());
    }

    #[test]
    fn an_unknown_name_is_an_error_with_its_origin_and_the_known_names() {
        let mut overrides = with_file(Overrides::default(), "\ndisk = 127.0.0.1:5");
        let error = overrides.check_names(&["desk", "feed"], iter::empty()).unwrap_err().to_string();
        assert_eq!(error, "links.conf:2: unknown link `disk`; links are: desk, feed");
        overrides.know_elsewhere(["disk"]);
        assert!(overrides.check_names(&["desk", "feed"], iter::empty()).is_ok());
    }

    #[test]
    fn an_invalid_line_is_an_error_with_its_origin() {
        for (text, error) in [
            ("desk", "f:1: expected `name = address`"),
            (" = x", "f:1: expected `name = address`"),
            ("a = 1\nA = 2", "f:2: `a` already has an address"),
        ] {
            assert_eq!(parse_lines("f", text).unwrap_err().to_string(), error);
        }
        let overrides = with_file(Overrides::default(), "desk = nowhere");
        let error = overrides.resolve("desk", &DECLARED).unwrap_err().to_string();
        assert_eq!(error, "links.conf:1: `nowhere` is not a tcp address: expected `host:port`");
    }
}
