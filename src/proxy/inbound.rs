//! A request as it is accepted: for which host, over which scheme, by whom.
//!
//! Owns the reading of Host and of what trusted proxies say. Refuses what two parties could read differently.

use std::net::IpAddr;
use std::sync::Arc;

use http::uri::{Authority, Scheme};
use http::{HeaderMap, Method, Request, Uri, Version, header};
use hyper::body::Incoming;
use ipnet::IpNet;
use url::Url;

use super::cookies;
use super::failure::Failure;
use super::framing;
use super::tunnel::Asked;
use crate::observe::Correlation;
use crate::visit::referrer;

/// Addresses that the proxy keeps for itself, on every host.
const OURS: &str = "/.dni/";

const X_FORWARDED_FOR: header::HeaderName = header::HeaderName::from_static("x-forwarded-for");

const CLOUDFRONT_VIEWER_ADDRESS: header::HeaderName =
    header::HeaderName::from_static("cloudfront-viewer-address");

/// Who is at the other end of the connection, and how they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Of whoever connected, or as a proxy that is believed told it by the PROXY protocol.
    pub address: IpAddr,
    /// None: they came without TLS.
    pub tls: Option<Tls>,
}

/// What was agreed before the first request (RFC 8446).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The host that the client named: in lower case, without a final dot (RFC 6066 §3).
    pub server_name: Option<Arc<str>>,
}

/// A request that has been accepted.
pub(super) struct Inbound {
    pub request: Request<Incoming>,
    /// In lower case, without port.
    pub host: String,
    pub hop: Hop,
}

/// The way the request came: what the origin is told of it.
pub(super) struct Hop {
    /// Host and port, as the visitor named them.
    pub authority: String,
    pub peer: Peer,
    /// The peer is a proxy whose word is believed.
    pub trusted: bool,
    /// The visitor came over TLS.
    pub tls: bool,
    pub version: Version,
    /// What the visitor would rather speak than HTTP.
    pub asked: Option<Asked>,
    pub correlation: Correlation,
}

impl Inbound {
    /// Accepts a request.
    ///
    /// # Errors
    /// [`Failure`] for a request without one host (RFC 9112 §3.2), for CONNECT and TRACE, for one whose body ends nobody knows
    /// where, that expects what nobody does, or that has come round in a circle.
    pub fn accept(mut request: Request<Incoming>, peer: Peer, trusted: &[IpNet]) -> Result<Self, Failure> {
        if [Method::CONNECT, Method::TRACE].contains(request.method()) {
            return Err(Failure::Method);
        }
        refuse_loop(request.headers())?;
        framing::refuse_doubtful(request.headers())?;
        refuse_expectation(request.headers())?;
        let authority = authority(&request)?;
        let host = host_of(&authority).ok_or(Failure::BadRequest("the Host header names no host"))?;
        let trusted = trusted.iter().any(|network| network.contains(&peer.address.to_canonical()));
        let forwarded_proto = request.headers().get("x-forwarded-proto").filter(|_| trusted);
        // A chain of proxies lists schemes from the visitor's on.
        let told =
            forwarded_proto.and_then(|proto| proto.to_str().ok()).and_then(|all| all.split(',').next());
        let tls = match told {
            Some(scheme) => scheme.trim().eq_ignore_ascii_case("https"),
            None => peer.tls.is_some(),
        };
        if request.version() == Version::HTTP_2 {
            cookies::join(request.headers_mut());
        }
        let (version, asked) = (request.version(), Asked::of(&request));
        let correlation = Correlation::default();
        let hop = Hop { authority, peer, trusted, tls, version, asked, correlation };
        Ok(Inbound { request, host, hop })
    }

    pub fn is_for_us(&self) -> bool {
        self.path().starts_with(OURS)
    }

    pub fn method(&self) -> &Method {
        self.request.method()
    }

    pub fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    pub fn path(&self) -> &str {
        self.request.uri().path()
    }

    pub fn query(&self) -> Option<&str> {
        self.request.uri().query()
    }

    /// What a CDN says of the visitor in a header of its own; nothing where it isn't to be believed.
    pub fn told_by_cdn(&self, name: Option<&header::HeaderName>) -> Option<&str> {
        let value = self.headers().get(name.filter(|_| self.hop.trusted)?)?.to_str().ok()?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The visitor's address: the last one in X-Forwarded-For, or in the header in which a CDN tells it, that no trusted proxy is;
    /// else the peer's.
    pub fn client(&self, trusted: &[IpNet], told_in: Option<&header::HeaderName>) -> IpAddr {
        let peer = self.hop.peer.address.to_canonical();
        if !self.hop.trusted {
            return peer;
        }
        let usual = X_FORWARDED_FOR;
        let name = told_in.unwrap_or(&usual);
        let address_of = if *name == CLOUDFRONT_VIEWER_ADDRESS { viewer_address_of } else { address_of };
        let lines = self.headers().get_all(name).iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        let mut client = peer;
        for hop in hops.into_iter().rev() {
            let Some(address) = address_of(hop) else { break };
            client = address;
            if !trusted.iter().any(|network| network.contains(&address)) {
                break;
            }
        }
        client
    }

    /// The address of the host's first page, as far as the visitor's scheme is known; none where its authority is no URL's.
    pub fn address(&self) -> Option<Url> {
        let scheme = if self.hop.tls { "https" } else { "http" };
        Url::parse(&format!("{scheme}://{}/", self.hop.authority)).ok()
    }

    /// How the page is opened, if this request opens one.
    pub fn opening(&self) -> Opening<'_> {
        Opening { path: self.path(), query: self.query(), referrer: referrer(self.headers()) }
    }

    /// The page that is asked for, whoever asks: its host and path.
    pub fn page(&self) -> Page {
        Page { host: self.host.clone(), path: self.path().to_owned() }
    }
}

/// A page of this host that somebody opens, and where they come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening<'a> {
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub referrer: Option<&'a str>,
}

/// A page, as far as what it prints goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Page {
    pub host: String,
    pub path: String,
}

/// An address as CloudFront writes it, behind which a port always stands: that of an IPv6 address is in no brackets, so that with the
/// port it may read as another one.
fn viewer_address_of(written: &str) -> Option<IpAddr> {
    let (address, port) = written.trim().rsplit_once(':')?;
    port.parse::<u16>().ok().and_then(|_| address_of(address))
}

/// An address as proxies write it: with or without brackets and port.
fn address_of(written: &str) -> Option<IpAddr> {
    let written = written.trim();
    let plain = written.parse::<IpAddr>().ok();
    let with_port = || written.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || written.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    plain.or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

/// The host and port that the request is for. The target's, where it has one, overrides the Host header; that must stand
/// there exactly once in HTTP/1.1 all the same (RFC 9112 §3.2), and say the same in HTTP/2 (RFC 9113 §8.3.1).
fn authority(request: &Request<Incoming>) -> Result<String, Failure> {
    refuse_target(request)?;
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            Some(host.to_str().map_err(|_| Failure::BadRequest("the Host header is no host"))?)
        }
        (None, _) if request.version() < Version::HTTP_11 => None,
        (None, _) if request.version() > Version::HTTP_11 => None,
        (None, _) => return Err(Failure::BadRequest("the Host header is missing")),
        (Some(_), Some(_)) => return Err(Failure::BadRequest("there are two Host headers")),
    };
    let is_same =
        |authority: &Authority| host.is_none_or(|host| authority.as_str().eq_ignore_ascii_case(host));
    match (request.uri().authority(), host) {
        (Some(authority), _) if request.version() == Version::HTTP_2 => match is_same(authority) {
            true => Ok(authority.as_str().to_owned()),
            false => Err(Failure::BadRequest("the Host header names another host than :authority")),
        },
        (Some(authority), _) => Ok(authority.as_str().to_owned()),
        (None, Some(host)) => Ok(host.to_owned()),
        (None, None) => Err(Failure::BadRequest("the request names no host")),
    }
}

/// A target in a form that its method hasn't (RFC 9112 §3.2), of another scheme, or with credentials (RFC 9110 §4.2.4).
fn refuse_target(request: &Request<Incoming>) -> Result<(), Failure> {
    let uri = request.uri();
    let is_web = uri.scheme().is_some_and(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme));
    match uri.authority() {
        Some(_) if !is_web => Err(Failure::BadRequest("the target is no path and no address of the web")),
        Some(authority) if authority.as_str().contains('@') => {
            Err(Failure::BadRequest("the target has a user in it"))
        }
        None if uri.path() == "*" && request.method() != Method::OPTIONS => {
            Err(Failure::BadRequest("only OPTIONS is about the whole server"))
        }
        _ => Ok(()),
    }
}

/// The host of an authority: in lower case, without port.
pub(super) fn host_of(authority: &str) -> Option<String> {
    if authority.contains('@') {
        return None;
    }
    let uri: Uri = authority.parse().ok()?;
    let host = uri.authority()?.host();
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// What is expected of whoever answers: only that they say when the body is wanted (RFC 9110 §10.1.1).
fn refuse_expectation(headers: &HeaderMap) -> Result<(), Failure> {
    let mut expected = headers.get_all(header::EXPECT).iter();
    match expected.all(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        true => Ok(()),
        false => Err(Failure::Expectation),
    }
}

/// A request that has passed here before has our own token in Via (RFC 9110 §7.6.3). Once is a chain of two; twice is a circle.
fn refuse_loop(headers: &HeaderMap) -> Result<(), Failure> {
    let vias = headers.get_all(header::VIA).iter().filter_map(|via| via.to_str().ok());
    let ours = vias.flat_map(|via| via.split(',')).filter(|hop| {
        hop.split_whitespace().nth(1).is_some_and(|by| by.eq_ignore_ascii_case(super::forwarded::TOKEN))
    });
    match ours.count() {
        0 | 1 => Ok(()),
        _ => Err(Failure::Loop),
    }
}
