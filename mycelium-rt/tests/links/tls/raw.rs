//! A hand-written peer that uses TLS correctly, and lies within it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::TlsPath;
use super::certificates::Authority;
use crate::raw::{Raw, RawPath};

/// A client that is given its bytes at once, and sends them when its handshake is done.
pub(super) struct RawTls {
    connection: ClientConnection,
    stream: TcpStream,
}

impl RawTls {
    /// A client with a certificate of this authority, or without one.
    pub(super) fn connect(path: &TlsPath, signer: Option<&Authority>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(super::AUTHORITY.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13]);
        let config = config.unwrap().with_root_certificates(roots);
        let config = match signer {
            None => config.with_no_client_auth(),
            Some(signer) => {
                let (certificate, key) = signer.sign("raw.test", |_| {});
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                config.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap()
            }
        };
        let connection = ClientConnection::new(Arc::new(config), "feed.test".try_into().unwrap()).unwrap();
        let stream = TcpStream::connect(&path.0.0).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { connection, stream }
    }

    /// Continues the handshake, and sends what is to be written.
    fn advance(&mut self) -> io::Result<()> {
        match self.connection.complete_io(&mut self.stream) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }
}

impl Read for RawTls {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.advance()?;
        self.connection.reader().read(space)
    }
}

impl Write for RawTls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.connection.writer().write(bytes)?;
        self.advance()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.advance()
    }
}

impl RawPath for TlsPath {
    fn connect(&self) -> Raw {
        Raw::of(RawTls::connect(self, Some(&super::AUTHORITY)))
    }
}
