//! What went wrong in TLS, in words for those who run both sides.

use rustls::{AlertDescription, CertificateError, Error};

use crate::link::transport::stream::socket::SocketError;
use crate::wire::Refusal;

/// What an error of the library means here: one side does not accept the other, or the peer does not speak TLS.
pub(super) fn explain(error: &Error) -> SocketError {
    let refused = match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::NoCertificatesPresented => "the peer has no certificate, and each side needs one".to_owned(),
        Error::AlertReceived(alert) => alerted(*alert),
        Error::PeerIncompatible(why) => format!("the peer does not offer what TLS 1.3 needs: {why:?}"),
        Error::InvalidMessage(_) => {
            return SocketError::Corrupt("the peer does not speak TLS: say `tls = true` on both sides".to_owned());
        }
        other => return SocketError::Corrupt(format!("TLS: {other}")),
    };
    SocketError::Refused(Refusal::Tls(refused))
}

/// What is wrong with the peer's certificate.
fn certificate(error: &CertificateError) -> String {
    let help = match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "no authority in `tls_ca` has signed it: each side names the authority of the other's certificate there"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "renew it, and look at the clocks",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "look at the clocks",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "make it for the name in the link's address, or give the link the name that it has by `server_name`"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "a link's is for clients, an input's for servers; one for both uses names both, or none"
        }
        _ => "make another one",
    };
    format!("the peer's certificate is refused: {error}; {help}")
}

/// What the peer says is wrong with this side.
fn alerted(alert: AlertDescription) -> String {
    let help = match alert {
        AlertDescription::UnknownCA | AlertDescription::DecryptError => {
            "it does not know who signed this side's certificate: put the authority into its `tls_ca`"
        }
        AlertDescription::CertificateExpired => {
            "this side's certificate is not valid at this time: renew it, and look at the clocks"
        }
        AlertDescription::CertificateRequired => "it wants a certificate of this side: give `tls_cert` and `tls_key`",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateRevoked
        | AlertDescription::AccessDenied => "it does not accept this side's certificate; its log says why",
        _ => "its log says why",
    };
    format!("the peer ended the handshake ({alert:?}): {help}")
}
