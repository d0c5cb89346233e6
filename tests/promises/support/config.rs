//! A configuration, as its file is written: a plumber with one line, a pool for ads and a number on a flyer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

#[derive(Clone, Debug)]
pub struct Config {
    /// As TOML: a URL, or a list of them.
    origin: String,
    server: String,
    ledger: String,
    secret: String,
    timeouts: BTreeMap<String, String>,
    site: String,
    numbers: Vec<String>,
    pool: String,
    strangers: usize,
    rules: String,
    routes: String,
    more: String,
}

/// The business's own number.
pub const CANONICAL: &str = "+12125550100";

/// The number on the flyer.
pub const FLYER: &str = "+12125550190";

const RULES: &str = r#"
[[site.rule]]
when = { medium = "print" }
show = ["static:flyer"]
[[site.rule]]
when = { channel = ["Paid Search", "Paid Social"] }
show = ["pool:ads"]
"#;

/// The nth tracking number.
pub fn tracking(n: usize) -> String {
    format!("+1646555{n:04}")
}

impl Config {
    pub fn of(origin: SocketAddr) -> Self {
        Config {
            origin: format!("\"http://{origin}\""),
            server: String::new(),
            ledger: "sqlite:ledger.db".to_owned(),
            secret: "secret".to_owned(),
            // A disk that is busy with other tests makes nobody's number canonical.
            timeouts: BTreeMap::from([("lease".to_owned(), "20s".to_owned())]),
            site: String::new(),
            numbers: Vec::new(),
            pool: String::new(),
            // All visitors of a test come from one address.
            strangers: 0,
            rules: RULES.to_owned(),
            routes: String::new(),
            more: String::new(),
        }
        .numbers(4)
    }

    /// With the website at these addresses.
    pub fn origins<U: AsRef<str>>(mut self, urls: &[U]) -> Self {
        let urls: Vec<_> = urls.iter().map(AsRef::as_ref).collect();
        self.origin = format!("{urls:?}");
        self
    }

    /// With a further line in `[server]`.
    pub fn server(mut self, line: &str) -> Self {
        self.server += &format!("{line}\n");
        self
    }

    /// With the ledger in another place.
    pub fn ledger(mut self, place: &str) -> Self {
        place.clone_into(&mut self.ledger);
        self
    }

    pub fn ledger_place(&self) -> String {
        self.ledger.clone()
    }

    /// With the secret in another file.
    pub fn secret(mut self, file: &Path) -> Self {
        self.secret = file.to_str().unwrap().to_owned();
        self
    }

    pub fn timeout(mut self, key: &str, duration: &str) -> Self {
        self.timeouts.insert(key.to_owned(), duration.to_owned());
        self
    }

    /// With a further line in `[[site]]`.
    pub fn site(mut self, line: &str) -> Self {
        self.site += &format!("{line}\n");
        self
    }

    /// With so many numbers in the pool.
    pub fn numbers(self, count: usize) -> Self {
        self.with_numbers(0..count)
    }

    /// With these tracking numbers in the pool.
    pub fn with_numbers(mut self, numbers: impl IntoIterator<Item = usize>) -> Self {
        self.numbers = numbers.into_iter().map(tracking).collect();
        self
    }

    /// With a further line in the pool.
    pub fn pool(mut self, line: &str) -> Self {
        self.pool += &format!("{line}\n");
        self
    }

    /// With so many numbers for those of one network who have shown no cookie yet.
    pub fn strangers(mut self, count: usize) -> Self {
        self.strangers = count;
        self
    }

    /// With these rules instead of the usual ones.
    pub fn rules(mut self, rules: &str) -> Self {
        self.rules = rules.to_owned();
        self
    }

    /// With these routes of the line.
    pub fn routes(mut self, routes: &str) -> Self {
        self.routes += routes;
        self
    }

    /// With further tables at the end: of this site, until another begins.
    pub fn more(mut self, tables: &str) -> Self {
        self.more += tables;
        self
    }

    pub fn to_toml(&self) -> String {
        let Config {
            origin,
            server,
            ledger,
            secret,
            timeouts,
            site,
            numbers,
            pool,
            strangers,
            rules,
            routes,
            more,
        } = self;
        let timeouts: String =
            timeouts.iter().map(|(key, duration)| format!("{key} = {duration:?}\n")).collect();
        format!(
            r#"[server]
listen = ["127.0.0.1:0"]
admin = "127.0.0.1:0"
threads = 2
ledger = "{ledger}"
secret = {{ file = "{secret}" }}
{server}
[server.timeouts]
{timeouts}
[[site]]
name = "plumber"
hosts = ["www.example.com"]
origin = {origin}
country = "US"
{site}
[[site.line]]
name = "main"
canonical = "{CANONICAL}"
{routes}
[[site.static]]
name = "flyer"
line = "main"
number = "{FLYER}"
[[site.pool]]
name = "ads"
line = "main"
numbers = {numbers:?}
provisional_per_network = {strangers}
{pool}
{rules}
{more}"#
        )
    }
}
