//! The configuration file as it is written. Everything may be absent here; what must not be, `build` asks for.

mod carrier;
mod line;
mod rule;
mod server;
mod spam;
mod tag;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

pub(super) use carrier::{Bandwidth, Carrier, Pbx, Plivo, SignalWire, Telnyx, Twilio, Vonage};
pub(super) use line::{Line, Menu, Route, RouteWhen};
pub(super) use rule::{Rule, When};
pub(super) use server::{Acme, Certificate, Limits, Log, Server, Timeouts};
pub(super) use spam::Spam;
pub(super) use tag::{Tag, TagWhen};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "dni-edge configuration")]
pub(super) struct File {
    pub server: Option<Server>,
    pub log: Option<Log>,
    pub ledger: Option<Ledger>,
    pub recordings: Option<Recordings>,
    pub report: Option<Report>,
    #[serde(default)]
    #[schemars(with = "Vec<Site>")]
    pub site: Vec<Spanned<Site>>,
    pub carrier: Option<Carrier>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ledger {
    /// How much of calls' events waits in a file while the ledger is away.
    #[schemars(with = "Option<String>")]
    pub spool: Option<Spanned<String>>,
    /// Sessions, leases and calls older than this are removed.
    #[schemars(with = "Option<String>")]
    pub keep: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Recordings {
    /// The folder that recordings are fetched to.
    #[schemars(with = "Option<String>")]
    pub dir: Option<Spanned<String>>,
    /// Older ones are removed.
    #[schemars(with = "Option<String>")]
    pub keep: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    /// What money is in, ISO 4217.
    #[schemars(with = "Option<String>")]
    pub currency: Option<Spanned<String>>,
    /// A CSV file of what was spent: from, to, source, medium, campaign, cost.
    #[schemars(with = "Option<String>")]
    pub cost: Option<Spanned<String>>,
}

/// Secrets are named, never written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretSource {
    pub env: Option<String>,
    pub file: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub hosts: Vec<Spanned<String>>,
    /// Where the website is: "http://HOST:PORT" or "https://HOST", or a list of them.
    #[schemars(with = "Option<OneOrMany>")]
    pub origin: Option<Spanned<OneOrMany>>,
    /// A PEM file with the authorities that sign https origins' certificates; the system's by default.
    #[schemars(with = "Option<String>")]
    pub origin_ca: Option<Spanned<String>>,
    /// What is spoken to the origin: http1 or h2.
    #[schemars(with = "Option<String>")]
    pub origin_protocol: Option<Spanned<String>>,
    /// How several origins are asked whether they are well.
    pub health: Option<Health>,
    /// How national numbers on its pages are read: an ISO 3166-1 code.
    #[schemars(with = "Option<String>")]
    pub country: Option<Spanned<String>>,
    /// none, observe or react
    #[schemars(with = "Option<String>")]
    pub hydration: Option<Spanned<String>>,
    /// What a prefetch without a session is answered with: canonical or refuse.
    #[schemars(with = "Option<String>")]
    pub prefetch: Option<Spanned<String>>,
    /// An edited tel: link keeps the canonical number in data-nap.
    pub mark: Option<bool>,
    pub session: Option<Session>,
    pub cdn: Option<Cdn>,
    #[schemars(with = "Option<Consent>")]
    pub consent: Option<Spanned<Consent>>,
    pub exclude: Option<Exclude>,
    #[serde(default)]
    #[schemars(with = "Vec<Line>")]
    pub line: Vec<Spanned<Line>>,
    #[serde(default)]
    #[schemars(with = "Vec<Pool>")]
    pub pool: Vec<Spanned<Pool>>,
    #[serde(default, rename = "static")]
    #[schemars(with = "Vec<Static>")]
    pub statics: Vec<Spanned<Static>>,
    #[serde(default)]
    #[schemars(with = "Vec<Rule>")]
    pub rule: Vec<Spanned<Rule>>,
    #[serde(default)]
    #[schemars(with = "Vec<Tag>")]
    pub tag: Vec<Spanned<Tag>>,
    pub spam: Option<Spam>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    #[schemars(with = "Option<String>")]
    pub cookie: Option<Spanned<String>>,
    /// A domain whose hosts share the session.
    #[schemars(with = "Option<String>")]
    pub cookie_domain: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    pub cookie_life: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    pub idle: Option<Spanned<String>>,
    /// Hosts that send visitors back and never bring any, besides the payment gateways that are known.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub ignore_referrers: Vec<Spanned<String>>,
    /// Parameters that name the source where no utm_source does, such as "ref".
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub source_parameters: Vec<Spanned<String>>,
}

/// A request that a healthy origin answers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Health {
    /// "/" by default.
    #[schemars(with = "Option<String>")]
    pub path: Option<Spanned<String>>,
    /// 5 seconds by default.
    #[schemars(with = "Option<String>")]
    pub every: Option<Spanned<String>>,
}

/// What the site takes for consent to be known again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Consent {
    /// The cookie in which the site's consent tool keeps the answer.
    #[schemars(with = "Option<String>")]
    pub cookie: Option<Spanned<String>>,
    /// A glob on its value, raw or percent-decoded, that says yes.
    #[schemars(with = "Option<String>")]
    pub allows: Option<Spanned<String>>,
    /// static or canonical
    #[schemars(with = "Option<String>")]
    pub without: Option<Spanned<String>>,
    /// What Sec-GPC: 1 is treated as: without or ignore
    #[schemars(with = "Option<String>")]
    pub gpc: Option<Spanned<String>>,
}

/// People who are no visitors.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Exclude {
    /// Addresses and networks.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub addresses: Vec<Spanned<String>>,
    /// Globs on the User-Agent.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub user_agents: Vec<Spanned<String>>,
    /// Whoever has a cookie of this name.
    #[schemars(with = "Option<String>")]
    pub cookie: Option<Spanned<String>>,
}

/// What a CDN before this tells of the visitor; believed from trusted_proxies only.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Cdn {
    /// How numbers come into pages: stream, or script where the CDN keeps pages for all visitors.
    #[schemars(with = "Option<String>")]
    pub numbers: Option<Spanned<String>>,
    /// The header with the visitor's country, ISO 3166-1.
    #[schemars(with = "Option<String>")]
    pub country: Option<Spanned<String>>,
    /// The header with the visitor's state or province, ISO 3166-2, or area code.
    #[schemars(with = "Option<String>")]
    pub region: Option<Spanned<String>>,
    /// The header with the visitor's address; X-Forwarded-For by default.
    #[schemars(with = "Option<String>")]
    pub client: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pool {
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    pub line: Option<Spanned<String>>,
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub numbers: Vec<Spanned<String>>,
    /// A file with one number a line; "#" begins a comment.
    #[schemars(with = "Option<String>")]
    pub numbers_file: Option<Spanned<String>>,
    /// The area code of its numbers, so that rules may prefer them for visitors from there.
    #[schemars(with = "Option<String>")]
    pub area: Option<Spanned<String>>,
    /// What the numbers can receive: voice, sms, whatsapp.
    #[schemars(with = "Option<Vec<String>>")]
    pub carries: Option<Vec<Spanned<String>>>,
    #[schemars(with = "Option<String>")]
    pub hold: Option<Spanned<String>>,
    /// The hold of a session that has not shown its cookie again.
    #[schemars(with = "Option<String>")]
    pub provisional_hold: Option<Spanned<String>>,
    /// Numbers that such sessions of one network (/24, /48) may hold; 0: any.
    pub provisional_per_network: Option<u16>,
    /// canonical, static:NAME or oldest
    #[schemars(with = "Option<String>")]
    pub overflow: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Static {
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    pub line: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    pub number: Option<Spanned<String>>,
    #[schemars(with = "Option<Vec<String>>")]
    pub carries: Option<Vec<Spanned<String>>>,
    /// Where callers of this number come from: channel, source, medium, campaign.
    pub source: Option<StaticSource>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StaticSource {
    #[schemars(with = "Option<String>")]
    pub channel: Option<Spanned<String>>,
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
}

/// A time, as text or as TOML's own.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Moment {
    Text(String),
    Time(toml::value::Datetime),
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Moment::Text(text) => f.write_str(text),
            Moment::Time(time) => time.fmt(f),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub fn as_slice(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}
