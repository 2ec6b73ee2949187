//! The TLS identity of this process, and the authorities that it trusts.

use std::fmt::{self, Debug, Formatter};
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{Error, RootCertStore};

use super::files;

/// The certificates and the key of a process that speaks TLS. Needs the feature `tls`.
///
/// A process has one identity for all its links and inputs. Both ends of a connection present their certificate, and each accepts what its own
/// authorities have signed. So anyone with a certificate of such an authority can connect to an input: use an authority that signs nothing
/// else.
///
/// All three are PEM, and are read when a router is opened. Renewed files are read at the next start.
///
/// ```no_run
/// use mycelium_rt::{Config, link::Tls};
///
/// let config = Config::new().tls(Tls::from_files("ca.pem", "desk.pem", "desk.key"));
/// ```
#[derive(Clone)]
pub struct Tls {
    authorities: Pem,
    certificate: Pem,
    key: Pem,
}

#[derive(Clone)]
enum Pem {
    File(PathBuf),
    Text(String),
}

/// The parsed certificates and key.
pub(crate) struct Identity {
    pub(crate) authorities: Arc<RootCertStore>,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Tls {
    /// Takes all three from files: the certificates of the authorities that sign the peers' certificates; the certificate of this process,
    /// followed by intermediate ones, if any; and its private key.
    pub fn from_files(
        authorities: impl Into<PathBuf>,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        let (authorities, certificate, key) = (authorities.into(), certificate.into(), key.into());
        Self { authorities: Pem::File(authorities), certificate: Pem::File(certificate), key: Pem::File(key) }
    }

    /// Takes the contents of such files, if they are stored elsewhere.
    pub fn from_pem(authorities: impl Into<String>, certificate: impl Into<String>, key: impl Into<String>) -> Self {
        let (authorities, certificate, key) = (authorities.into(), certificate.into(), key.into());
        Self { authorities: Pem::Text(authorities), certificate: Pem::Text(certificate), key: Pem::Text(key) }
    }

    /// Reads and checks all three. The error says which one is invalid, and why.
    pub(crate) fn read(&self) -> Result<Identity, String> {
        let mut authorities = RootCertStore::empty();
        for authority in certificates(&self.authorities, "the authorities")? {
            authorities.add(authority).map_err(|error| self.authorities.wrong("the authorities", error))?;
        }
        let chain = certificates(&self.certificate, "the certificate")?;
        let key = PrivateKeyDer::from_pem_slice(&self.key.bytes("the key")?).map_err(|error| match error {
            PemError::NoItemsFound => self.key.wrong("the key", "no `-----BEGIN PRIVATE KEY-----` in it"),
            error => self.key.wrong("the key", error),
        })?;
        Ok(Identity { authorities: Arc::new(authorities), chain, key })
    }

    /// The text for rustls's error about the certificate or the key.
    pub(crate) fn unfit(&self, error: &Error) -> String {
        match error {
            Error::InconsistentKeys(_) => self.key.wrong("the key", "it does not belong to the certificate"),
            Error::General(_) => {
                self.key.wrong("the key", "this kind of key is not supported: use ECDSA, Ed25519 or RSA")
            }
            error => self.certificate.wrong("the certificate", error),
        }
    }
}

fn certificates(pem: &Pem, what: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = pem.bytes(what)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|error| pem.wrong(what, error))?;
    match found.is_empty() {
        true => Err(pem.wrong(what, "no `-----BEGIN CERTIFICATE-----` in it")),
        false => Ok(found),
    }
}

impl Pem {
    fn bytes(&self, what: &str) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => files::read(path).map_err(|error| self.wrong(what, error)),
            Self::Text(text) => Ok(text.clone().into_bytes()),
        }
    }

    fn wrong(&self, what: &str, error: impl fmt::Display) -> String {
        match self {
            Self::File(path) => format!("{what} in `{}`: {error}", path.display()),
            Self::Text(_) => format!("{what}: {error}"),
        }
    }
}

/// Without the contents of PEM texts: one is the key.
impl Debug for Tls {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { authorities, certificate, key } = self;
        f.debug_struct("Tls")
            .field("authorities", authorities)
            .field("certificate", certificate)
            .field("key", key)
            .finish()
    }
}

impl Debug for Pem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => Debug::fmt(path, f),
            Self::Text(text) => write!(f, "{} bytes", text.len()),
        }
    }
}
