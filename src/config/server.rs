//! What the process as a whole is made with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::ledger::Place;

#[derive(Clone, Debug)]
pub struct Server {
    /// For HTTP/1.1, and HTTP/2 with prior knowledge.
    pub listen: Vec<SocketAddr>,
    /// For TLS; there are certificates, or who issues them, where this is not empty.
    pub listen_tls: Vec<SocketAddr>,
    pub tls: Tls,
    /// Where operators ask, and whether the file says so.
    pub admin: SocketAddr,
    pub is_admin_named: bool,
    /// What they must send, where it is wanted.
    pub admin_token: Option<Secret>,
    /// Whose word on the client's address, scheme and host is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// They begin each connection with the PROXY protocol; others must not.
    pub proxy_protocol: bool,
    /// Worker threads; 0: one a core.
    pub threads: usize,
    pub ledger: Place,
    /// What was last seen longer ago is removed from it.
    pub keep: Duration,
    /// Bytes of calls' events that wait in a file while it is away.
    pub spool: u64,
    pub recordings: Recordings,
    pub secret: Secret,
    pub drain: Duration,
    pub limits: Limits,
    pub timeouts: Timeouts,
    pub log: Log,
}

/// Where certificates come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    pub certificates: Vec<Certificate>,
    pub acme: Option<Acme>,
}

/// A certificate's chain and its key, in PEM files.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    pub cert: PathBuf,
    pub key: PathBuf,
    /// Of the configuration's file, where it is named; from 1.
    pub line: usize,
}

/// An authority that issues certificates by itself (RFC 8555).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// Lower case, without port; one at least, each served by a site.
    pub hosts: Vec<String>,
    pub email: Option<String>,
    /// The folder that account and certificates are kept in.
    pub cache: PathBuf,
    pub directory: Url,
    /// Of the configuration's file, where it is named; from 1.
    pub line: usize,
}

/// How much of anything is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Client connections at once; one at least.
    pub connections: usize,
    /// Of one client address; none: any.
    pub connections_per_address: Option<usize>,
    /// Of a request's target.
    pub uri_bytes: usize,
    /// Of a request's line and headers; 8 KB at least.
    pub header_bytes: usize,
    /// Of a request; none: any.
    pub body_bytes: Option<u64>,
    /// Of one client address; none: any.
    pub requests_per_second: Option<u32>,
    /// A page goes on unfilled from this size.
    pub page_bytes: u64,
    /// A page may unpack to so many times its size; one at least.
    pub decompression_ratio: u32,
}

/// How long anything is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To the last byte of a request's headers.
    pub header: Duration,
    /// A kept client connection, from one request to the next.
    pub idle: Duration,
    /// Between two reads of a body, on either side.
    pub body: Duration,
    /// To the origin.
    pub connect: Duration,
    /// A slot's wait for its lease.
    pub lease: Duration,
    /// To the origin's first header byte.
    pub origin: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A filter of `tracing_subscriber::EnvFilter`.
    pub level: String,
    pub access: Access,
    /// Where traces are sent by OTLP, over gRPC.
    pub otlp: Option<Url>,
}

/// How requests are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Off,
    Text,
    Json,
}

/// Where recordings are kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recordings {
    pub dir: PathBuf,
    pub keep: Duration,
}

/// Where a secret comes from: never from the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    Env(String),
    File(PathBuf),
}
