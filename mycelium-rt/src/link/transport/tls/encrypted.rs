//! An encrypted connection that never blocks, and what its errors mean to those who run either side.

use std::io::{self, ErrorKind, Read as _, Write};
use std::mem;

use rustls::{AlertDescription, CertificateError, Connection, Error};

use crate::link::transport::stream::socket::{Read, SocketError, receive, transmit};
use crate::sys::{AsFd, BorrowedFd, Descriptor};
use crate::wire::Refusal;

/// The most that one TLS record carries, in bytes.
pub(super) const MAX_RECORD: usize = 16 * 1024;

/// One end of a connection over TLS. The handshake happens within reads and writes, which transfer nothing until it is done.
///
/// Memory is bounded: one record in either direction, and 64 KiB during the handshake, which is what TLS itself allows.
#[derive(Debug)]
pub struct Encrypted {
    connection: Connection,
    descriptor: Descriptor,
    /// The size of the largest record to send, in bytes.
    record: usize,
    /// Bytes of a record that the kernel has not taken as a whole. They count as written only then: the peer can read
    /// nothing of a record that breaks off.
    claimed: usize,
    /// Decrypted bytes that were not read yet.
    unread: usize,
    /// An error that came after bytes that had to be returned first.
    failure: Option<SocketError>,
}

/// The result of reading from the kernel.
enum Arrival {
    Some,
    Nothing,
    End,
}

impl Encrypted {
    pub(super) fn new(mut connection: Connection, descriptor: Descriptor, record: usize) -> Self {
        connection.set_buffer_limit(Some(record));
        Self { connection, descriptor, record, claimed: 0, unread: 0, failure: None }
    }

    /// Reads as much as there is into `space`.
    pub(crate) fn read(&mut self, space: &mut [u8]) -> Result<Read, SocketError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let mut filled = 0;
        loop {
            filled += self.take(space.get_mut(filled..).unwrap_or_default())?;
            if filled == space.len() {
                return Ok(Read::Bytes(filled));
            }
            let nothing_more = match self.receive_records() {
                Ok(Arrival::Some) => continue,
                Ok(Arrival::Nothing) => Ok(Read::Nothing),
                Ok(Arrival::End) => Ok(Read::End),
                Err(failure) => Err(failure),
            };
            if filled == 0 {
                return nothing_more;
            }
            self.failure = nothing_more.err();
            return Ok(Read::Bytes(filled));
        }
    }

    /// Encrypts and writes records, each once the kernel has taken the one before.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize, SocketError> {
        let mut taken = 0;
        loop {
            match self.send() {
                Ok(true) => {}
                Ok(false) => return Ok(taken),
                // What the kernel has taken may arrive, so it counts; the next write fails again.
                Err(_) if taken > 0 => return Ok(taken),
                Err(error) => return Err(self.reason(error)),
            }
            taken += mem::take(&mut self.claimed);
            let rest = bytes.get(taken..).unwrap_or_default();
            let record = rest.get(..self.record).unwrap_or(rest);
            if record.is_empty() || self.connection.is_handshaking() {
                return Ok(taken);
            }
            self.claimed = self.connection.writer().write(record)?;
        }
    }

    pub(crate) fn claimed(&self) -> usize {
        self.claimed
    }

    pub(crate) fn has_bytes(&self) -> bool {
        self.unread > 0 || self.failure.is_some()
    }

    pub(crate) fn wants_room(&self, unwritten: bool) -> bool {
        self.connection.wants_write() || (unwritten && !self.connection.is_handshaking())
    }

    /// Returns what is decrypted.
    fn take(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.unread == 0 {
            return Ok(0);
        }
        let count = match self.connection.reader().read(space) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            read => read?,
        };
        self.unread -= count.min(self.unread);
        Ok(count)
    }

    /// Takes in what has arrived, and sends what the protocol answers.
    fn receive_records(&mut self) -> Result<Arrival, SocketError> {
        match self.connection.read_tls(&mut RawSocket(self.descriptor.as_fd())) {
            Ok(0) => return Ok(Arrival::End),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // Continues a handshake that had more to send than fitted.
                self.send()?;
                return Ok(Arrival::Nothing);
            }
            Err(error) => return Err(error.into()),
        }
        match self.connection.process_new_packets() {
            Ok(state) => self.unread = state.plaintext_bytes_to_read(),
            Err(error) => {
                // Tells the peer, if it still listens.
                let _ = self.send();
                return Err(explain(&error));
            }
        }
        self.send().map_err(|error| self.reason(error))?;
        Ok(Arrival::Some)
    }

    /// Writes what is encrypted; returns whether the kernel took everything.
    fn send(&mut self) -> io::Result<bool> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut RawSocket(self.descriptor.as_fd())) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Why the peer has closed: it may have said so before.
    fn reason(&mut self, error: io::Error) -> SocketError {
        while self.connection.read_tls(&mut RawSocket(self.descriptor.as_fd())).is_ok_and(|count| count > 0) {
            if let Err(failure) = self.connection.process_new_packets() {
                return explain(&failure);
            }
        }
        error.into()
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        // The rest of the record would arrive although its bytes do not count as written.
        if self.claimed == 0 {
            self.connection.send_close_notify();
            let _ = self.send();
        }
    }
}

impl Encrypted {
    pub(crate) fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
}

impl AsFd for Encrypted {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// The socket, as TLS sees it.
struct RawSocket<'a>(BorrowedFd<'a>);

impl io::Read for RawSocket<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match receive(self.0, space)? {
            Read::Bytes(count) => Ok(count),
            Read::Nothing => Err(ErrorKind::WouldBlock.into()),
            Read::End => Ok(0),
        }
    }
}

impl Write for RawSocket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match transmit(self.0, bytes)? {
            0 if !bytes.is_empty() => Err(ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

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
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "renew it, and check the clocks",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "check the clocks",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "make it for the name in the link's address, or give the link the name that it has by `server_name`"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "a link's is for clients, an input's for servers; one for both uses names both, or none"
        }
        _ => "create a new one",
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
            "this side's certificate is not valid at this time: renew it, and check the clocks"
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
