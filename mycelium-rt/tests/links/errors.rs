//! What errors say, and what they leave to their `source()`.

use std::error::Error;
use std::io;

#[cfg(feature = "bus")]
use mycelium_rt::bus::AttachError;
use mycelium_rt::lane::StartError;
use mycelium_rt::link::{ConfigError, LinkError};

/// A printer of error chains would say the cause again if `source()` returned it.
#[test]
fn the_text_of_an_error_contains_its_cause_once() {
    let source = || io::Error::from(io::ErrorKind::PermissionDenied);
    let config = || ConfigError::File { path: "links.conf".into(), source: source() };
    let link = || LinkError::Io {
        link: "desk".to_owned(),
        action: "bind",
        address: "127.0.0.1:1".to_owned(),
        source: source(),
    };
    let errors: Vec<(Box<dyn Error>, &str)> = vec![
        (Box::new(config()), "cannot read `links.conf`: "),
        (Box::new(LinkError::from(config())), "cannot read `links.conf`: "),
        (Box::new(link()), "link `desk`: bind 127.0.0.1:1: "),
        (Box::new(StartError::from(link())), "link `desk`: bind 127.0.0.1:1: "),
        (
            Box::new(StartError::Io { lane: "hot", action: "start a thread", source: source() }),
            "lane `hot`: can't start a thread: ",
        ),
        #[cfg(feature = "bus")]
        (Box::new(AttachError::from(link())), "link `desk`: bind 127.0.0.1:1: "),
        #[cfg(feature = "bus")]
        (Box::new(AttachError::Thread { name: "feed", source: source() }), "can't start a thread for `feed`: "),
    ];
    for (error, text) in errors {
        assert_eq!(error.to_string(), format!("{text}{}", source()));
        assert!(error.source().is_none(), "{error}");
    }
}
