//! Stands in for TLS where the feature `tls` is off: types without values, so that nothing else has to know about the
//! feature.

use std::io;

use crate::link::transport::stream::socket::{Read, SocketError};
use crate::link::{Config, ConfigError};
use crate::sys::{AsFd, BorrowedFd, Descriptor};

#[derive(Debug)]
pub(crate) enum Client {}

#[derive(Clone, Debug)]
pub(crate) enum Server {}

#[derive(Debug)]
pub enum Encrypted {}

impl Client {
    pub(crate) fn new(link: &str, _: &str, _: Option<&str>, _: &Config) -> Result<Self, ConfigError> {
        Err(missing(link))
    }

    pub(crate) fn connect(&self, _: Descriptor) -> io::Result<Encrypted> {
        match *self {}
    }
}

impl Server {
    pub(crate) fn new(input: &str, _: &Config) -> Result<Self, ConfigError> {
        Err(missing(input))
    }

    pub(crate) fn accept(&self, _: Descriptor) -> io::Result<Encrypted> {
        match *self {}
    }
}

impl Encrypted {
    pub(crate) fn read(&mut self, _: &mut [u8]) -> Result<Read, SocketError> {
        match *self {}
    }

    pub(crate) fn write(&mut self, _: &[u8]) -> Result<usize, SocketError> {
        match *self {}
    }

    pub(crate) fn claimed(&self) -> usize {
        match *self {}
    }

    pub(crate) fn has_bytes(&self) -> bool {
        match *self {}
    }

    pub(crate) fn wants_room(&self, _: bool) -> bool {
        match *self {}
    }
}

impl Encrypted {
    pub(crate) fn descriptor(&self) -> &Descriptor {
        match *self {}
    }
}

impl AsFd for Encrypted {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

fn missing(link: &str) -> ConfigError {
    let reason = "the feature `tls` of `mycelium-rt` is needed: turn it on in `Cargo.toml`".to_owned();
    ConfigError::Tls { link: link.to_owned(), reason }
}
