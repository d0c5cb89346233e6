//! A person with a browser, which keeps cookies.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::client::{Client, Response};
use super::edge::Edge;
use super::http::Head;
use super::request::Request;

#[derive(Clone, Debug)]
pub struct Visitor {
    address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
}

/// Where a visitor from an ad lands.
pub const AD: &str = "/?utm_source=google&utm_medium=cpc";

impl Visitor {
    pub fn at(edge: &Edge) -> Self {
        Visitor { address: edge.address(), cookies: BTreeMap::new() }
    }

    /// The proxy has another address after it was started again.
    pub fn returns_to(&mut self, edge: &Edge) {
        self.address = edge.address();
    }

    /// Opens a page, as by typing its address.
    pub fn open(&mut self, target: &str) -> Response {
        self.send(&Request::navigation(target))
    }

    /// Opens a page by a link on another one.
    pub fn follow(&mut self, referrer: &str, target: &str) -> Response {
        let request = Request::navigation(target).with("Referer", referrer);
        self.send(&request.with("Sec-Fetch-Site", "cross-site"))
    }

    /// Sends a request with the visitor's cookies, on a connection of its own, and keeps what cookies come back.
    pub fn send(&mut self, request: &Request) -> Response {
        let mut client = self.begin(request);
        let response = client.response(&request.method);
        self.keep_cookies(&response.head);
        response
    }

    /// Sends a request, the answer to which the test reads.
    pub fn begin(&self, request: &Request) -> Client {
        let mut client = Client::connect(self.address);
        client.send(self.with_cookies(request).to_bytes());
        client
    }

    /// The same while the proxy may die at any time: none where it is dead.
    pub fn try_begin(&self, request: &Request) -> Option<Client> {
        let mut client = Client::try_connect(self.address)?;
        client.try_send(self.with_cookies(request).to_bytes()).ok()?;
        Some(client)
    }

    pub fn with_cookies(&self, request: &Request) -> Request {
        match self.cookies.is_empty() {
            true => request.clone(),
            false => {
                let pairs: Vec<_> =
                    self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request.clone().with("Cookie", &pairs.join("; "))
            }
        }
    }

    pub fn keep_cookies(&mut self, head: &Head) {
        for line in head.all("Set-Cookie") {
            let pair = line.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The value of the session's cookie.
    pub fn session(&self) -> &str {
        &self.cookies["dni"]
    }
}
