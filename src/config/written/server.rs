//! `[server]` and `[log]` as they are written.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::SecretSource;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Server {
    /// Addresses to listen on, for HTTP/1.1, and HTTP/2 with prior knowledge.
    #[schemars(with = "Option<Vec<String>>")]
    pub listen: Option<Vec<Spanned<String>>>,
    /// Addresses to listen on for TLS; needs certificates.
    #[schemars(with = "Option<Vec<String>>")]
    pub listen_tls: Option<Vec<Spanned<String>>>,
    pub tls: Option<Tls>,
    /// Where operators ask: metrics.
    #[schemars(with = "Option<String>")]
    pub admin: Option<Spanned<String>>,
    /// What they must send as a bearer token; needed unless admin is a loopback address.
    #[schemars(with = "Option<SecretSource>")]
    pub admin_token: Option<Spanned<SecretSource>>,
    /// Addresses and networks whose X-Forwarded-* and PROXY protocol is believed.
    #[schemars(with = "Option<Vec<String>>")]
    pub trusted_proxies: Option<Vec<Spanned<String>>>,
    /// The PROXY protocol, v1 or v2, is required from trusted_proxies, and refused from others.
    #[schemars(with = "Option<bool>")]
    pub proxy_protocol: Option<Spanned<bool>>,
    /// Worker threads; 0: one a core.
    pub threads: Option<u16>,
    /// "sqlite:PATH", or "postgres://USER@HOST/DATABASE" where several nodes share it
    #[schemars(with = "Option<String>")]
    pub ledger: Option<Spanned<String>>,
    /// Of the database's user
    #[schemars(with = "Option<SecretSource>")]
    pub ledger_password: Option<Spanned<SecretSource>>,
    #[schemars(with = "Option<SecretSource>")]
    pub secret: Option<Spanned<SecretSource>>,
    /// How long open requests may take to end after SIGTERM.
    #[schemars(with = "Option<String>")]
    pub drain: Option<Spanned<String>>,
    pub limits: Option<Limits>,
    pub timeouts: Option<Timeouts>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Tls {
    #[serde(default)]
    #[schemars(with = "Vec<Certificate>")]
    pub certificates: Vec<Spanned<Certificate>>,
    #[schemars(with = "Option<Acme>")]
    pub acme: Option<Spanned<Acme>>,
}

/// A certificate's chain and its key: PEM files, which are read again when they change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Certificate {
    pub cert: Option<String>,
    pub key: Option<String>,
}

/// Certificates that an authority issues by itself (RFC 8555), to whoever answers its TLS-ALPN-01 challenge (RFC 8737).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Acme {
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub hosts: Vec<Spanned<String>>,
    /// Where the authority writes to when something is wrong.
    #[schemars(with = "Option<String>")]
    pub email: Option<Spanned<String>>,
    /// The folder that account and certificates are kept in; "acme" by default.
    #[schemars(with = "Option<String>")]
    pub cache: Option<Spanned<String>>,
    /// The authority's directory; Let's Encrypt's by default.
    #[schemars(with = "Option<String>")]
    pub directory: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Limits {
    /// Client connections at once; 10,000 by default.
    #[schemars(with = "Option<u32>")]
    pub connections: Option<Spanned<u32>>,
    /// Of one client address; 0, the default: no limit.
    #[schemars(with = "Option<u32>")]
    pub connections_per_address: Option<Spanned<u32>>,
    /// Of a request's target; 16KB by default.
    #[schemars(with = "Option<String>")]
    pub uri_bytes: Option<Spanned<String>>,
    /// Of a request's line and headers; 64KB by default.
    #[schemars(with = "Option<String>")]
    pub header_bytes: Option<Spanned<String>>,
    /// Of a request; 0, the default: no limit.
    #[schemars(with = "Option<String>")]
    pub body_bytes: Option<Spanned<String>>,
    /// Of one client address; 0, the default: no limit.
    #[schemars(with = "Option<u32>")]
    pub requests_per_second: Option<Spanned<u32>>,
    /// A longer page goes on unfilled from there; 10MB by default.
    #[schemars(with = "Option<String>")]
    pub page_bytes: Option<Spanned<String>>,
    /// A page that unpacks to more than so many times its size is passed on no further; 200 by default.
    #[schemars(with = "Option<u32>")]
    pub decompression_ratio: Option<Spanned<u32>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Timeouts {
    /// To the last byte of a request's headers; 10s by default.
    #[schemars(with = "Option<String>")]
    pub header: Option<Spanned<String>>,
    /// Of a client connection that is kept; 75s by default.
    #[schemars(with = "Option<String>")]
    pub idle: Option<Spanned<String>>,
    /// Between two reads of a body, on either side; 30s by default.
    #[schemars(with = "Option<String>")]
    pub body: Option<Spanned<String>>,
    /// To the origin; 3s by default.
    #[schemars(with = "Option<String>")]
    pub connect: Option<Spanned<String>>,
    /// A slot's wait for its lease; 1s by default.
    #[schemars(with = "Option<String>")]
    pub lease: Option<Spanned<String>>,
    /// To the origin's first header byte; 60s by default.
    #[schemars(with = "Option<String>")]
    pub origin: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Log {
    /// error, warn, info, debug or trace
    #[schemars(with = "Option<String>")]
    pub level: Option<Spanned<String>>,
    /// Of requests: off, text or json
    #[schemars(with = "Option<String>")]
    pub access: Option<Spanned<String>>,
    /// Where traces are sent, by OTLP over gRPC: "http://127.0.0.1:4317"
    #[schemars(with = "Option<String>")]
    pub otlp: Option<Spanned<String>>,
}
