//! What a link and an input need to encrypt their connections.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, SupportedProtocolVersion};

use super::encrypted::{Encrypted, MAX_RECORD};
use crate::link::{Config, ConfigError};
use crate::sys::Descriptor;

const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13];

/// The smallest record that is worth its overhead, unless a sender holds even less.
const MIN_RECORD: usize = 512;

/// Makes encrypted connections to one peer.
#[derive(Debug)]
pub(crate) struct Client {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    record: usize,
}

/// Encrypts connections that were accepted.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<ServerConfig>);

impl Client {
    /// For connections to `address`, a text `host:port`. The peer's certificate must be for the host, unless another name is
    /// given.
    pub(crate) fn new(link: &str, address: &str, name: Option<&str>, config: &Config) -> Result<Self, ConfigError> {
        let unfit = |reason| ConfigError::Tls { link: link.to_owned(), reason };
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let name = server_name(name.unwrap_or(host)).map_err(unfit)?;
        let tls = config.identity(link)?;
        let identity = tls.read().map_err(unfit)?;
        let builder = ClientConfig::builder_with_provider(provider());
        let builder = builder.with_protocol_versions(VERSIONS).map_err(|error| unfit(error.to_string()))?;
        let builder = builder.with_root_certificates(identity.authorities);
        let mut client =
            builder.with_client_auth_cert(identity.chain, identity.key).map_err(|e| unfit(tls.unfit(&e)))?;
        // Each connection presents its certificate again.
        client.resumption = Resumption::disabled();
        // A record in progress can no longer be dropped by the sender, so it takes at most half of what the sender holds.
        let record = (config.get_limits().send_buffer / 2).clamp(MIN_RECORD, MAX_RECORD);
        Ok(Self { config: Arc::new(client), name, record })
    }

    pub(crate) fn connect(&self, descriptor: Descriptor) -> io::Result<Encrypted> {
        let connection =
            ClientConnection::new(Arc::clone(&self.config), self.name.clone()).map_err(io::Error::other)?;
        Ok(Encrypted::new(connection.into(), descriptor, self.record))
    }
}

impl Server {
    pub(crate) fn new(input: &str, config: &Config) -> Result<Self, ConfigError> {
        let unfit = |reason| ConfigError::Tls { link: input.to_owned(), reason };
        let tls = config.identity(input)?;
        let identity = tls.read().map_err(unfit)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(identity.authorities, provider());
        let verifier = verifier.build().map_err(|error| unfit(error.to_string()))?;
        let builder = ServerConfig::builder_with_provider(provider());
        let builder = builder.with_protocol_versions(VERSIONS).map_err(|error| unfit(error.to_string()))?;
        let builder = builder.with_client_cert_verifier(verifier);
        let mut server = builder.with_single_cert(identity.chain, identity.key).map_err(|e| unfit(tls.unfit(&e)))?;
        server.send_tls13_tickets = 0;
        Ok(Self(Arc::new(server)))
    }

    pub(crate) fn accept(&self, descriptor: Descriptor) -> io::Result<Encrypted> {
        let connection = ServerConnection::new(Arc::clone(&self.0)).map_err(io::Error::other)?;
        Ok(Encrypted::new(connection.into(), descriptor, MAX_RECORD))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The name or address of a peer, which may be in brackets.
fn server_name(text: &str) -> Result<ServerName<'static>, String> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(address.into());
    }
    ServerName::try_from(bare.to_owned())
        .map_err(|_| format!("`{bare}` is not valid in a certificate: expected a host name or an IP address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_name_is_the_host_of_the_address() {
        for (text, expected) in
            [("desk.example", "desk.example"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("::1", "::1")]
        {
            assert_eq!(server_name(text).unwrap().to_str(), expected);
        }
        for text in ["", "-", "a b", "desk_1/x"] {
            assert!(server_name(text).unwrap_err().contains("expected a host name"), "{text}");
        }
    }
}
