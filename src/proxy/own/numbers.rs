//! What a page's script is told of the visitor's numbers, and how it gets them where the page brought none.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response};
use serde::Deserialize;
use serde_json::json;
use url::{Position, Url};

use super::{posted, same_origin, script};
use crate::config::{Line, Numbers};
use crate::proxy::body::Body;
use crate::proxy::failure::Failure;
use crate::proxy::identify::Visit;
use crate::proxy::inbound::{Inbound, Opening};
use crate::proxy::showing::Showing;
use crate::proxy::{Edge, SiteState, filled};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A page's address and its referrer's are no longer than that, in bytes.
const LONGEST_BODY: usize = 32 << 10;

/// What a script says of the page that it runs in.
#[derive(Deserialize)]
struct Opened {
    url: String,
    #[serde(default)]
    referrer: Option<String>,
}

impl Edge {
    /// The numbers that the visitor's session holds. Nothing is leased.
    ///
    /// # Errors
    /// [`Failure`] where another origin asks.
    pub(super) async fn numbers(
        self: &Arc<Self>,
        site: &Arc<SiteState>,
        inbound: &Inbound,
    ) -> Result<Response<Body>, Failure> {
        same_origin::require(inbound)?;
        let visit = self.identify_script(site, inbound, None).await;
        let mut showing = Showing::new(Arc::clone(self), Arc::clone(site), &visit);
        showing.decide_all().await;
        Ok(told(site, &visit, &showing))
    }

    /// The visit of a page that printed a number only once it was in the browser: the session begins if there is none, and
    /// its numbers are leased.
    ///
    /// # Errors
    /// [`Failure`] where another origin asks, or what it says is no visit of this site's.
    pub(super) async fn visit_by_script(
        self: &Arc<Self>,
        site: &Arc<SiteState>,
        mut inbound: Inbound,
    ) -> Result<Response<Body>, Failure> {
        same_origin::require(&inbound)?;
        let body = posted::whole(inbound.request.body_mut(), LONGEST_BODY).await?;
        let opened: Opened = serde_json::from_slice(&body)
            .map_err(|_| Failure::BadRequest("the body is not {\"url\": …, \"referrer\": …} in JSON"))?;
        let url = Url::parse(&opened.url).map_err(|_| Failure::BadRequest("\"url\" is no address"))?;
        let is_ours = |host: &str| host.trim_matches(['[', ']']).trim_end_matches('.') == inbound.host;
        if !matches!(url.scheme(), "http" | "https") || !url.host_str().is_some_and(is_ours) {
            return Err(Failure::BadRequest("\"url\" is no page of this host"));
        }
        let opening = Opening {
            path: url.path(),
            query: url.query(),
            referrer: opened.referrer.as_deref().filter(|referrer| !referrer.is_empty()),
        };
        let mut visit = self.identify_script(site, &inbound, Some(opening)).await;
        let mut showing = Showing::new(Arc::clone(self), Arc::clone(site), &visit);
        showing.begin_report(url[Position::BeforePath..].to_owned(), &visit);
        showing.decide_all().await;
        visit.is_recorded(site.edition.server.timeouts.lease).await;
        self.prove(site, &showing, inbound.hop.tls, &mut visit);
        if site.site.cdn.numbers == Numbers::Script {
            site.counts.visit(visit.visitor);
        }
        Ok(told(site, &visit, &showing))
    }
}

/// What each line shows: for whoever asks, and in the script's own words.
fn told(site: &SiteState, visit: &Visit, showing: &Showing) -> Response<Body> {
    let line = |(place, line): (usize, &Line)| {
        let shown = showing.shown(place);
        let number = shown.map_or(line.canonical.e164(), |shown| shown.number.e164());
        let canonical = line.canonical.e164();
        let swap = shown.map_or_else(|| script::stay(line), |shown| script::swap(line, shown));
        json!({ "line": line.name, "canonical": canonical, "number": number, "swap": swap })
    };
    let lines: Vec<_> = site.site.lines.iter().enumerate().map(line).collect();
    let mut response = Response::new(Body::Whole(Some(Bytes::from(json!({ "lines": lines }).to_string()))));
    keep_to_this_origin(response.headers_mut());
    if let Some(cookie) = &visit.set_cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

fn keep_to_this_origin(headers: &mut HeaderMap) {
    filled::keep_private(headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}
