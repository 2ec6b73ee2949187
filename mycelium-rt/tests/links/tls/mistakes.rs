//! Identities that do not fit: each side reports what is wrong, and what to do.

use std::time::Instant;

use mycelium_rt::Config;
use mycelium_rt::link::{
    Address, ConfigError, InputSpec, LinkError, LinkSpec, OnFull, Status, StreamInput, StreamLink, Tls,
};

use super::certificates::{Authority, early, expired, for_clients, for_servers};
use super::{AUTHORITY, RECEIVER, SENDER, TlsPath};
use crate::path::{BOTH, DEADLINE, Options, Path, Receiver, Sender, until};
use crate::streams::quick;

/// Connects two identities until both have counted a refusal; returns what the link reports.
#[track_caller]
fn refused(receiver: &Tls, sender: &Tls) -> String {
    let path = TlsPath::new();
    let mut input = path.open(quick(false), receiver, BOTH);
    let mut link = path.link(quick(false), sender, Options::default());
    until("both refuse", || {
        assert_eq!(input.take(&mut Vec::new()), 0);
        link.poll();
        input.stats().refused > 0 && link.stats().refused > 0
    });
    assert_eq!((link.status(), input.peers()), (Status::Refused, 0));
    assert_eq!((input.stats().connects, input.stats().corrupt), (0, 0));
    link.refusal().unwrap().to_string()
}

#[test]
fn certificates_that_do_not_fit_are_refused_by_both_sides_with_a_reason() {
    let strangers = Authority::new();
    let receiver = |change: fn(&mut _)| AUTHORITY.identity("feed.test", change);
    let sender = |change: fn(&mut _)| AUTHORITY.identity("desk.test", change);
    let stranger = |name| {
        let (certificate, key) = strangers.sign(name, |_| {});
        Tls::from_pem(AUTHORITY.pem(), certificate, key)
    };
    for (receiver, sender, words) in [
        (stranger("feed.test"), sender(|_| {}), "no authority in `tls_ca` has signed it"),
        (receiver(expired), sender(|_| {}), "renew it, and check the clocks"),
        (receiver(early), sender(|_| {}), "not valid yet"),
        (receiver(for_clients), sender(|_| {}), "one for both uses names both, or none"),
        (
            AUTHORITY.identity("other.test", |_| {}),
            sender(|_| {}),
            "give the link the name that it has by `server_name`",
        ),
        (receiver(|_| {}), stranger("desk.test"), "put the authority into its `tls_ca`"),
        (receiver(|_| {}), sender(expired), "this side's certificate is not valid at this time"),
        (receiver(|_| {}), sender(early), "this side's certificate is not valid at this time"),
        (receiver(|_| {}), sender(for_servers), "does not accept this side's certificate"),
    ] {
        let said = refused(&receiver, &sender);
        assert!(said.starts_with("TLS: ") && said.contains(words), "{said}");
    }
}

#[test]
fn a_certificate_for_one_use_is_valid_for_that_use() {
    let (server, client) = (AUTHORITY.identity("feed.test", for_servers), AUTHORITY.identity("x.test", for_clients));
    let path = TlsPath::new();
    let mut input = path.open(quick(false), &server, BOTH);
    let mut link = path.link(quick(false), &client, Options::default());
    crate::path::connect(&mut link, &mut input);
}

#[test]
fn the_peer_is_the_one_that_the_address_or_the_configuration_names() {
    let spec = LinkSpec { tls: true, ..LinkSpec::new("desk", Address::tcp("localhost:1"), "test", BOTH) };
    let address = TlsPath::new().0.0;
    let (host, _) = address.split_once(':').unwrap();
    for (name, declared, configured, accepted) in [
        (host, None, None, true),
        ("feed.test", None, None, false),
        ("feed.test", Some("feed.test"), None, true),
        ("feed.test", Some("other.test"), Some("feed.test"), true),
        ("feed.test", Some("feed.test"), Some("other.test"), false),
    ] {
        let path = TlsPath(super::TcpPath(address.clone()));
        let mut input = path.open(quick(false), &AUTHORITY.identity(name, |_| {}), BOTH);
        let mut config = quick(false).tls(SENDER.clone()).address("desk", &address);
        if let Some(name) = configured {
            config = config.server_name("Desk", name);
        }
        let mut link = StreamLink::open(LinkSpec { server_name: declared, ..spec.clone() }, &config).unwrap();
        until("it is decided", || {
            input.take(&mut Vec::new());
            matches!(link.poll(), Status::Connected | Status::Refused)
        });
        assert_eq!(link.status() == Status::Connected, accepted, "{name} {declared:?} {configured:?}");
    }
}

#[test]
fn waiting_for_a_peer_ends_at_once_when_it_refuses() {
    let path = TlsPath::new();
    let mut input = path.open(quick(false), &RECEIVER, BOTH);
    let (certificate, key) = Authority::new().sign("desk.test", |_| {});
    let stranger = Tls::from_pem(AUTHORITY.pem(), certificate, key);
    let mut link = path.link(quick(false), &stranger, Options::default());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let error = link.wait_for_peer(Instant::now() + DEADLINE).unwrap_err();
            (error.to_string(), link.send_number(1).unwrap_err().to_string())
        });
        until("it gives up", || {
            input.take(&mut Vec::new());
            waiting.is_finished()
        });
        let (error, send_error) = waiting.join().unwrap();
        assert!(error.starts_with("link `desk`: TLS: the peer ended the handshake"), "{error}");
        assert_eq!(send_error, "the peer refused the handshake");
    });
}

/// One side uses TLS and the other does not.
#[track_caller]
fn count_failures_of_both(link: &mut StreamLink, input: &mut StreamInput) {
    until("both notice", || {
        assert_eq!(input.take(&mut Vec::new()), 0);
        assert_ne!(link.poll(), Status::Connected);
        input.stats().corrupt > 0 && link.stats().corrupt > 0
    });
    assert_eq!(input.peers(), 0);
}

#[test]
fn tls_and_plain_tcp_do_not_connect_and_both_sides_notice() {
    let options = Options { on_full: OnFull::DropNewest, ..Options::default() };
    let path = TlsPath::new();
    count_failures_of_both(&mut path.0.sender(options), &mut path.receiver(BOTH));
    let path = TlsPath::new();
    count_failures_of_both(&mut path.sender(options), &mut path.0.receiver(BOTH));
}

#[test]
fn tls_is_enough_beyond_loopback() {
    let spec = InputSpec { tls: true, ..InputSpec::new("feed", Address::tcp("0.0.0.0:0"), "test", BOTH) };
    assert!(StreamInput::open(spec, &Config::new().tls(RECEIVER.clone())).is_ok());
}

/// The error that `open` returns.
fn error_of<T>(result: Result<T, LinkError>) -> String {
    match result {
        Err(LinkError::Config(error @ ConfigError::Tls { .. })) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opens"),
    }
}

fn input_with(config: Config) -> Result<StreamInput, LinkError> {
    let spec = InputSpec::new("feed", Address::tcp("127.0.0.1:0"), "test", BOTH);
    StreamInput::open(InputSpec { tls: true, ..spec }, &config)
}

#[test]
fn without_an_identity_nothing_is_opened() {
    let spec = LinkSpec { tls: true, ..LinkSpec::new("desk", Address::tcp("127.0.0.1:1"), "test", BOTH) };
    let said = error_of(StreamLink::open(spec, &Config::new()));
    assert_eq!(
        said,
        "link `desk`: TLS needs certificates and a key: give `Config::tls`, or name the files by `MYCELIUM_TLS_CA`, \
         `MYCELIUM_TLS_CERT`, `MYCELIUM_TLS_KEY` in the environment"
    );
    let vars = [("MYCELIUM_TLS_CA", "ca.pem"), ("MYCELIUM_TLS_KEY", "feed.key")];
    let config = Config::from_vars(vars.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let said = error_of(input_with(config));
    assert!(said.ends_with("name the files by `MYCELIUM_TLS_CERT` in the environment"), "{said}");
}

#[test]
fn errors_name_the_files_that_are_not_an_identity() {
    let folder = crate::streams::Folder::new();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.0.join(name), text).unwrap();
        folder.0.join(name)
    };
    let (certificate, key) = AUTHORITY.sign("feed.test", |_| {});
    let (_, other_key) = AUTHORITY.sign("feed.test", |_| {});
    let (authority, certificate) = (file("ca.pem", &AUTHORITY.pem()), file("feed.pem", &certificate));
    let (key, other_key) = (file("feed.key", &key), file("other.key", &other_key));
    let (none, broken) = (file("none", "hello"), file("broken", "-----BEGIN CERTIFICATE-----\n???"));
    let absent = folder.0.join("absent");
    for (authorities, certificate, key, wrong, words) in [
        (&none, &certificate, &key, "none", "no `-----BEGIN CERTIFICATE-----` in it"),
        (&authority, &none, &key, "none", "no `-----BEGIN CERTIFICATE-----` in it"),
        (&authority, &certificate, &certificate, "feed.pem", "no `-----BEGIN PRIVATE KEY-----` in it"),
        (&authority, &certificate, &other_key, "other.key", "it does not belong to the certificate"),
        (&broken, &certificate, &key, "broken", ""),
        (&authority, &absent, &key, "absent", "No such file"),
    ] {
        let tls = Tls::from_files(authorities, certificate, key);
        let said = error_of(input_with(Config::new().tls(tls)));
        assert!(said.starts_with("link `feed`: the ") && said.contains(wrong) && said.contains(words), "{said}");
    }
    // The same files, as named by a deployment.
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let names = ["MYCELIUM_TLS_CA", "MYCELIUM_TLS_CERT", "MYCELIUM_TLS_KEY"].map(str::to_owned);
    let vars = names.into_iter().zip([text(&authority), text(&certificate), text(&key)]);
    let config = Config::from_vars(vars);
    assert!(config.check_names(&["feed"]).is_ok());
    assert!(input_with(config).is_ok());
    let lines = format!("tls_ca={}\ntls_cert={}\ntls_key={}\n", text(&authority), text(&certificate), text(&key));
    let config = Config::new().file(file("links.conf", &lines)).unwrap();
    assert!(config.check_names(&["feed"]).is_ok());
    assert!(input_with(config).is_ok());
}

#[test]
fn contradictory_options_are_refused() {
    let config = || Config::new().tls(SENDER.clone());
    let open = |spec: LinkSpec, config: &Config| error_of(StreamLink::open(spec, config));
    let tcp = || LinkSpec::new("desk", Address::tcp("127.0.0.1:1"), "test", BOTH);
    let both = LinkSpec { tls: true, insecure: true, ..tcp() };
    assert!(open(both, &config()).contains("contradict each other"));
    let unix = LinkSpec { tls: true, ..LinkSpec::new("desk", Address::unix("/nowhere/s"), "test", BOTH) };
    assert!(open(unix, &config()).contains("this path never leaves the host"));
    let named = config().server_name("desk", "feed.test");
    assert!(open(tcp(), &named).contains("leave the server name out"));
    let unnamed = LinkSpec { tls: true, server_name: Some("no name"), ..tcp() };
    assert!(open(unnamed, &config()).contains("expected a host name or an IP address"));
    assert!(config().server_name("disk", "feed.test").check_names(&["desk"]).is_err());
}

#[test]
fn a_key_is_never_shown() {
    let (certificate, key) = AUTHORITY.sign("feed.test", |_| {});
    let config = Config::new().tls(Tls::from_pem(AUTHORITY.pem(), certificate, key.clone()));
    let shown = format!("{config:?}");
    assert!(key.lines().all(|line| !shown.contains(line)));
}
