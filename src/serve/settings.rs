//! How `whyspan serve` is set up. Every setting has one name: in the file, as a flag (`--segment-bytes`) and as a variable of the
//! environment (`WHYSPAN_SEGMENT_BYTES`).

use crate::analyze::exception_rules::ExceptionRules;
use crate::judge::exceptions_file::rules_of_toml;
use crate::serve::door::Protocol;
use crate::serve::quantity::{duration, size};
use crate::serve::tls::acceptor;
use crate::serve::token::{Scope, Tokens};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// When what is written is made safe from a loss of power. A process that dies loses nothing under any of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sync {
    /// Before each answer, once for all that wait.
    Each,
    /// Some time after the answer.
    Interval,
    /// When the system sees fit.
    Off,
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where OTLP/gRPC is received.
    pub grpc: SocketAddr,
    /// Where OTLP/HTTP is received and questions are answered.
    pub http: SocketAddr,
    /// The folder of the store.
    pub store: PathBuf,
    /// When what is written is made safe from a loss of power.
    pub sync: Sync,
    /// The longest that it is unsafe with `sync = "interval"`.
    pub sync_interval: Duration,
    /// How large a segment grows, in bytes.
    pub segment_bytes: u64,
    /// How old a segment grows.
    pub segment_age: Duration,
    /// How old a complete segment grows before it is packed.
    pub pack_age: Duration,
    /// How many bytes of complete segments are packed at once.
    pub pack_bytes: u64,
    /// How long all requests are kept.
    pub keep_raw: Duration,
    /// How many bytes of segments that hold all requests are kept.
    pub keep_raw_bytes: u64,
    /// How long anything is kept.
    pub keep_age: Duration,
    /// How many bytes of anything are kept.
    pub keep_bytes: u64,
    /// How long nothing may come of a trace before it is analysed.
    pub quiet: Duration,
    /// How far back live answers look.
    pub window: Duration,
    /// What the user says about exceptions, beside the rules that are built in.
    pub exceptions: ExceptionRules,
    /// How many bytes requests and live analysis may take, about.
    pub memory: u64,
    /// The longest request, in bytes, before and after decompression.
    pub request_bytes: u64,
    /// How many requests are received at once.
    pub requests_at_once: u64,
    /// How many connections there may be.
    pub connections: u64,
    /// How long a client may take for the head of a request.
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request.
    pub body_timeout: Duration,
    /// How long a stop may take.
    pub grace: Duration,
    /// The certificate that is shown, with those that lead to its authority, in PEM; connections are then encrypted.
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, in PEM.
    pub tls_key: Option<PathBuf>,
    /// The authorities of clients, in PEM: whoever shows no certificate of theirs cannot connect.
    pub tls_client_ca: Option<PathBuf>,
    /// Who may do what.
    pub tokens: Tokens,
    /// Whether others than this machine may send and ask without a token.
    pub insecure: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            grpc: local(4317),
            http: local(4318),
            store: PathBuf::from("whyspan-store"),
            sync: Sync::Each,
            sync_interval: Duration::from_millis(200),
            segment_bytes: 64 << 20,
            segment_age: Duration::from_secs(600),
            pack_age: Duration::from_secs(3600),
            pack_bytes: 512 << 20,
            keep_raw: Duration::from_secs(7 * 86_400),
            keep_raw_bytes: 15 << 30,
            keep_age: Duration::from_secs(30 * 86_400),
            keep_bytes: 20 << 30,
            quiet: Duration::from_secs(10),
            window: Duration::from_secs(900),
            exceptions: ExceptionRules::default(),
            memory: 1 << 30,
            request_bytes: 16 << 20,
            requests_at_once: 128,
            connections: 1024,
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(20),
            tls_certificate: None,
            tls_key: None,
            tls_client_ca: None,
            tokens: Tokens::default(),
            insecure: false,
        }
    }
}

/// Every setting with what it means; the flags and the documentation are made of it.
pub const SETTINGS: [(&str, &str); 29] = [
    ("grpc", "Where OTLP/gRPC is received [default: 127.0.0.1:4317]"),
    ("http", "Where OTLP/HTTP is received and questions are answered [default: 127.0.0.1:4318]"),
    ("store", "The folder in which what was received is kept [default: whyspan-store]"),
    (
        "sync",
        "When what was received is safe from a loss of power: each (before the answer), interval, off [default: each]",
    ),
    ("sync-interval", "The longest that it is unsafe with sync=interval [default: 200ms]"),
    ("segment-bytes", "How large a file of the store grows [default: 64MiB]"),
    ("segment-age", "How old a file of the store grows before the next is begun [default: 10m]"),
    ("pack-age", "How old a complete file of the store grows before it is compressed with others [default: 1h]"),
    ("pack-bytes", "How much of complete files is compressed together, at the latest [default: 512MiB]"),
    ("keep-raw", "How long all that was received is kept; then failing, typical and slow traces [default: 7d]"),
    ("keep-raw-bytes", "How much of the store may hold all that was received [default: 15GiB]"),
    ("keep-age", "How long anything is kept [default: 30d]"),
    ("keep-bytes", "How much is kept of anything [default: 20GiB]"),
    ("quiet", "How long nothing may come of a trace before it is analysed [default: 10s]"),
    ("window", "How far back live answers look [default: 15m]"),
    (
        "exceptions",
        "A file in TOML that says whose code a call is, and which failures are the same (docs/signature.md)",
    ),
    ("memory", "How much memory requests and live analysis may take, about [default: 1GiB]"),
    ("request-bytes", "The longest request, before and after decompression [default: 16MiB]"),
    ("requests-at-once", "How many requests are received at once [default: 128]"),
    ("connections", "How many connections each address takes [default: 1024]"),
    ("header-timeout", "How long a client may take for the head of a request [default: 30s]"),
    ("body-timeout", "How long a client may take for the body of a request [default: 30s]"),
    ("grace", "How long a stop may take [default: 20s]"),
    ("tls-certificate", "A certificate, with those that lead to its authority, in PEM: connections are encrypted"),
    ("tls-key", "The private key of the certificate, in PEM"),
    ("tls-client-ca", "Authorities of clients, in PEM: whoever shows no certificate of theirs cannot connect"),
    ("ingest-token-file", "A file of tokens, one a line, that allow sending"),
    ("read-token-file", "A file of tokens, one a line, that allow asking"),
    ("admin-token-file", "A file of tokens, one a line, that allow everything"),
];

impl Settings {
    /// Sets one setting to what `text` says.
    ///
    /// # Errors
    ///
    /// When there is no such setting, or the text is none of its values; in words.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        match name {
            "grpc" => self.grpc = address(text)?,
            "http" => self.http = address(text)?,
            "store" => self.store = PathBuf::from(text),
            "sync" => {
                self.sync = match text {
                    "each" => Sync::Each,
                    "interval" => Sync::Interval,
                    "off" => Sync::Off,
                    _ => return Err(format!("{text:?} is none of each, interval, off")),
                }
            }
            "sync-interval" => self.sync_interval = duration(text)?,
            "segment-bytes" => {
                // The one that was being written is held in memory while it is looked at after a crash.
                let bytes = at_least(size(text)?, 1 << 16, "64KiB")?;
                self.segment_bytes =
                    if bytes <= 1 << 30 { bytes } else { return Err("too much; the most is 1GiB".to_owned()) };
            }
            "segment-age" => self.segment_age = duration(text)?,
            "pack-age" => self.pack_age = duration(text)?,
            "pack-bytes" => self.pack_bytes = size(text)?,
            "keep-raw" => self.keep_raw = duration(text)?,
            "keep-raw-bytes" => self.keep_raw_bytes = size(text)?,
            "keep-age" => self.keep_age = duration(text)?,
            "keep-bytes" => self.keep_bytes = size(text)?,
            "quiet" => self.quiet = duration(text)?,
            "window" => self.window = duration(text)?,
            "exceptions" => self.exceptions = exception_rules(text)?,
            "memory" => self.memory = at_least(size(text)?, 64 << 20, "64MiB")?,
            "request-bytes" => self.request_bytes = size(text)?.clamp(1 << 10, u64::from(u32::MAX)),
            "requests-at-once" => self.requests_at_once = number(text)?,
            "connections" => self.connections = number(text)?,
            "header-timeout" => self.header_timeout = duration(text)?,
            "body-timeout" => self.body_timeout = duration(text)?,
            "grace" => self.grace = duration(text)?,
            "tls-certificate" => self.tls_certificate = Some(PathBuf::from(text)),
            "tls-key" => self.tls_key = Some(PathBuf::from(text)),
            "tls-client-ca" => self.tls_client_ca = Some(PathBuf::from(text)),
            "ingest-token-file" => self.tokens.add(Scope::Ingest, &token_file(text)?),
            "read-token-file" => self.tokens.add(Scope::Read, &token_file(text)?),
            "admin-token-file" => self.tokens.add(Scope::Admin, &token_file(text)?),
            "insecure" => self.insecure = text.parse().map_err(|_| format!("{text:?} is none of true, false"))?,
            _ => return Err("there is no such setting".to_owned()),
        }
        Ok(())
    }

    /// Sets what a file in TOML says: `name = value`, names with `_` in place of `-`.
    ///
    /// # Errors
    ///
    /// When it is no TOML, or a setting is not known or wrong; in words, with the name.
    pub fn set_from_toml(&mut self, text: &str) -> Result<(), String> {
        let table = toml::Table::from_str(text).map_err(|error| error.to_string())?;
        for (key, value) in table {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(yes) => yes.to_string(),
                _ => return Err(format!("{key}: expected a text or a number")),
            };
            self.set(&key.replace('_', "-"), &text).map_err(|error| format!("{key}: {error}"))?;
        }
        Ok(())
    }

    /// Whether these settings can be served with.
    ///
    /// # Errors
    ///
    /// When others could send or ask without a token or a certificate, and nobody said that they may; when the certificates
    /// cannot be used.
    pub fn check(&self) -> Result<(), String> {
        acceptor(self, Protocol::Http)?;
        let foreign = [self.grpc, self.http].into_iter().find(|address| !address.ip().is_loopback());
        match foreign {
            Some(address) if self.tokens.is_empty() && self.tls_client_ca.is_none() && !self.insecure => Err(format!(
                "{address} can be reached by others, and there is no token: give --ingest-token-file, --read-token-file or \
                 --admin-token-file, or --tls-client-ca, or say --insecure"
            )),
            _ => Ok(()),
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is no address; write it as 127.0.0.1:4317 or [::1]:4317"))
}

fn number(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..=1_000_000) => Ok(number),
        _ => Err(format!("{text:?} is no number from 1 to 1000000")),
    }
}

fn at_least(number: u64, least: u64, shown: &str) -> Result<u64, String> {
    if number >= least { Ok(number) } else { Err(format!("too little; the least is {shown}")) }
}

fn token_file(path: &str) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: the tokens cannot be read: {error}"))?;
    if text.trim().is_empty() { Err(format!("{path}: there is no token in it")) } else { Ok(text) }
}

fn exception_rules(path: &str) -> Result<ExceptionRules, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("{path}: the rules cannot be read: {error}. Check the path"))?;
    rules_of_toml(&text).map_err(|told| format!("{path}: {told}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_that_is_told_can_be_set() {
        for (name, _) in SETTINGS {
            let told = Settings::default().set(name, "\u{1}").err();
            assert_ne!(told.as_deref(), Some("there is no such setting"), "{name}");
        }
        assert!(Settings::default().set("colour", "red").is_err());
    }

    #[test]
    fn a_file_sets_what_it_names() {
        let mut settings = Settings::default();
        let file = "grpc = \"127.0.0.1:1\"\nsync = \"off\"\nconnections = 7\nkeep_age = \"2h\"\ninsecure = true\n";
        assert_eq!(settings.set_from_toml(file), Ok(()));
        assert_eq!((settings.grpc.port(), settings.sync, settings.connections), (1, Sync::Off, 7));
        assert_eq!((settings.keep_age, settings.insecure), (Duration::from_secs(7200), true));
        for wrong in ["port = 1", "sync = \"often\"", "sync = 1.5", "connections = 0", "=", "memory = \"1MiB\""] {
            assert!(settings.set_from_toml(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn others_need_a_token() {
        let mut settings = Settings::default();
        assert_eq!(settings.check(), Ok(()));
        settings.set("http", "0.0.0.0:4318").expect("an address");
        assert!(settings.check().is_err());
        let insecure = Settings { insecure: true, ..settings.clone() };
        assert_eq!(insecure.check(), Ok(()));
        settings.tokens.add(Scope::Read, "secret");
        assert_eq!(settings.check(), Ok(()));
    }
}
