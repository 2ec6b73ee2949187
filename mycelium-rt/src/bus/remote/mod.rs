//! Links and inputs of a bus: to and from other processes and hosts.
//!
//! Each link and each input has a thread of its own, which sleeps while there is nothing to do.

/// The setters that the builders of both ends share.
macro_rules! both_ends {
    () => {
        /// Sets the name of the schema that both sides must agree on; without, only the messages count.
        pub fn schema(mut self, schema: &'static str) -> Self {
            self.spec.schema = schema;
            self
        }

        /// Allows TCP beyond loopback without encryption.
        pub fn insecure(mut self) -> Self {
            self.spec.insecure = true;
            self
        }

        /// Uses TLS, over TCP only. Needs the feature `tls`, and an identity in the [`Config`].
        pub fn tls(mut self) -> Self {
            self.spec.tls = true;
            self
        }
    };
}

mod attachment;
mod ends;
mod input;
mod link;

pub use attachment::Attachment;
pub use input::InputBuilder;
pub use link::LinkBuilder;

use std::io;

use super::{Bus, BusError};
use crate::link::{Address, LinkError};
use crate::{Message, MessageInfo};

/// Why a link or an input could not be attached to a bus.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// The bus can't carry the messages.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The link or the input can't be opened.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The thread, or what wakes it, can't be made.
    #[error("can't start a thread for `{name}`: {source}")]
    Thread {
        /// The name of the link or the input.
        name: &'static str,
        /// The error of the operating system. The text contains it, so `source()` does not return it.
        // `r#`, since thiserror would return a field called `source`.
        r#source: io::Error,
    },
}

/// Whether these include `M`, by id and name.
fn is_listed<M: Message>(messages: &[MessageInfo]) -> bool {
    messages.iter().any(|message| (message.id, message.name) == (M::ID, M::NAME))
}

impl Bus {
    /// Sends messages that are published in this process to another one: a [`LinkBuilder`] says which.
    ///
    /// ```
    /// use contracts::{Bar, Signal};
    /// use mycelium_rt::Config;
    /// use mycelium_rt::bus::Bus;
    /// use mycelium_rt::link::Address;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let path = std::env::temp_dir().join(format!("mycelium-bus-doc-{}.sock", std::process::id()));
    /// let config = Config::new().address("desk", &path.to_string_lossy());
    /// let here = Address::unix("/run/mycelium/desk.sock");
    ///
    /// // One process:
    /// let desk = Bus::new();
    /// let mut signals = desk.subscribe::<Signal>()?;
    /// let _input = desk.input("desk", here.clone()).accept::<Signal>().open(&config)?;
    ///
    /// // Another one:
    /// let strategy = Bus::new();
    /// let link = strategy.link("desk", here).forward::<Signal>().open(&config)?;
    /// strategy.publisher()?.publish(&Signal::default());
    ///
    /// assert_eq!(signals.recv().await, Ok(Signal::default()));
    /// assert_eq!(link.close(std::time::Duration::from_secs(1)).sent, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn link(&self, name: &'static str, address: Address) -> LinkBuilder {
        LinkBuilder::new(self, name, address)
    }

    /// Publishes on this bus what other processes send: an [`InputBuilder`] says which messages. See [`link`](Self::link) for an
    /// example.
    pub fn input(&self, name: &'static str, address: Address) -> InputBuilder {
        InputBuilder::new(self, name, address)
    }
}
