//! A page as its site's origin sends it to a person: asked for directly, with no proxy between. Of several origins it is the first
//! that can be connected to.
//!
//! Owns the request, the redirects that it follows within the site, and the limits on bytes and time.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_compression::tokio::bufread::GzipDecoder;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use url::Url;

use crate::cli::explain::BROWSER;
use crate::cli::host_of;
use crate::config::{Config, Finding, Severity, Site};
use crate::proxy::{AskError, Route, chain};

/// A page and its redirects take no longer than this.
const LONGEST: Duration = Duration::from_secs(30);

/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// Scripts that are asked for beside a page.
const SCRIPTS: usize = 10;

/// Asks the sites' origins for pages.
pub(super) struct Fetcher<'a> {
    config: &'a Config,
    /// To the origins of each site, by its name.
    routes: HashMap<&'a str, Vec<Route>>,
}

/// A page that has come.
pub(super) struct Fetched {
    pub site: Arc<Site>,
    /// Where it was found, after redirects.
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Without its coding, where that is gzip.
    pub body: Vec<u8>,
    /// Whether there was more than the limit on bytes.
    pub cut: bool,
    /// A coding that the page is still in.
    pub coding: Option<String>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("it is no URL: {0}")]
    NoUrl(#[from] url::ParseError),
    #[error("{0}: addresses are no web page's")]
    Scheme(String),
    #[error("{0} can't be asked for: {1}")]
    Unaskable(Url, #[source] http::Error),
    #[error("no site is served as {host:?}; there is {served}")]
    UnknownHost { host: String, served: String },
    #[error("the origin {origin} can't be reached: {because}")]
    Unreachable { origin: String, because: String },
    #[error("the origin's answer breaks off: {0}")]
    BrokeOff(String),
    #[error("the origin takes longer than {0:?}")]
    Silent(Duration),
    #[error("it redirects more than {REDIRECTS} times, at last to {0}")]
    Redirects(Url),
    #[error("it redirects to {0}, which is no page of this site")]
    Elsewhere(String),
    #[error("the origin answers {0}")]
    Status(StatusCode),
}

impl<'a> Fetcher<'a> {
    pub fn new(config: &'a Config) -> Self {
        let patience = config.server.timeouts.connect;
        let routes = config.sites.iter().map(|site| (&*site.name, Route::to_all_of(site, patience)));
        Fetcher { config, routes: routes.collect() }
    }

    /// The page at a URL whose host names the site.
    ///
    /// # Errors
    /// [`Failed`] where there is no such page, or none in time.
    pub async fn fetch(&self, url: &str) -> Result<Fetched, Failed> {
        let url = Url::parse(url)?;
        let host = host_of(&url);
        let site = self.config.site(&host).ok_or_else(|| {
            let hosts = self.config.sites.iter().flat_map(|site| site.hosts.iter().map(String::as_str));
            Failed::UnknownHost { host, served: hosts.collect::<Vec<_>>().join(", ") }
        })?;
        timeout(LONGEST, self.follow(site, url)).await.unwrap_or(Err(Failed::Silent(LONGEST)))
    }

    /// The page's scripts at these addresses, as far as they are the site's own and can be had in time.
    pub async fn scripts(&self, page: &Fetched, addresses: &[String]) -> Vec<String> {
        let own = |address: &String| {
            let url = page.url.join(&address.replace("&amp;", "&")).ok()?;
            page.site.hosts.contains(&host_of(&url)).then_some(url)
        };
        let mut scripts = Vec::new();
        let asked = async {
            for url in addresses.iter().filter_map(own).take(SCRIPTS) {
                let Ok(script) = self.follow(&page.site, url).await else { continue };
                scripts.push(String::from_utf8_lossy(&script.body).into_owned());
            }
        };
        // What has come by then is read all the same.
        let _ = timeout(LONGEST, asked).await;
        scripts
    }

    async fn follow(&self, site: &Arc<Site>, mut url: Url) -> Result<Fetched, Failed> {
        for _ in 0..=REDIRECTS {
            let answer = self.ask(site, &url).await?;
            let location =
                answer.headers().get(header::LOCATION).filter(|_| answer.status().is_redirection());
            let Some(location) = location else { return self.take(site, url, answer).await };
            let location = String::from_utf8_lossy(location.as_bytes());
            let next = url.join(&location).ok().filter(|next| site.hosts.contains(&host_of(next)));
            url = next.ok_or_else(|| Failed::Elsewhere(location.escape_debug().to_string()))?;
        }
        Err(Failed::Redirects(url))
    }

    async fn ask(&self, site: &Site, url: &Url) -> Result<Response<Incoming>, Failed> {
        let (question, patience) = (question(url)?, self.config.server.timeouts.origin);
        let mut failed = None;
        for route in self.routes.get(&*site.name).into_iter().flatten() {
            match timeout(patience, route.ask(question.clone())).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => {
                    let goes_on = matches!(error, AskError::Connect(_));
                    let because = chain(&error);
                    failed.get_or_insert(Failed::Unreachable { origin: route.name.to_string(), because });
                    if !goes_on {
                        break;
                    }
                }
                Err(_) => return Err(Failed::Silent(patience)),
            }
        }
        Err(failed.expect("a site has an origin"))
    }

    async fn take(&self, site: &Arc<Site>, url: Url, answer: Response<Incoming>) -> Result<Fetched, Failed> {
        let (parts, body) = answer.into_parts();
        if !parts.status.is_success() {
            return Err(Failed::Status(parts.status));
        }
        let limit = self.config.server.limits.page_bytes;
        let (mut body, mut cut) = read(body, limit).await?;
        let coding = parts
            .headers
            .get(header::CONTENT_ENCODING)
            .map(|coding| String::from_utf8_lossy(coding.as_bytes()).trim().to_ascii_lowercase());
        let mut coding = coding.filter(|coding| !coding.is_empty() && coding != "identity");
        if coding.as_deref().is_some_and(|coding| matches!(coding, "gzip" | "x-gzip")) {
            (body, cut) = unzip(&body, limit, cut).await?;
            coding = None;
        }
        Ok(Fetched {
            site: Arc::clone(site),
            url,
            status: parts.status,
            headers: parts.headers,
            body,
            cut,
            coding,
        })
    }
}

/// A person's navigation, as the proxy would pass it on.
fn question(url: &Url) -> Result<Parts, Failed> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failed::Scheme(url.scheme().to_owned()));
    }
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut request = Request::builder()
        .uri(format!("{}{query}", url.path()))
        .header(header::HOST, host)
        .header("x-forwarded-host", host)
        .header("x-forwarded-proto", url.scheme())
        .body(())
        .map_err(|error| Failed::Unaskable(url.clone(), error))?;
    for (name, value) in [
        ("user-agent", BROWSER),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("accept-language", "en"),
        ("accept-encoding", "identity"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-site", "none"),
        ("sec-fetch-user", "?1"),
        ("upgrade-insecure-requests", "1"),
    ] {
        request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(request.into_parts().0)
}

/// A body up to a limit, and whether there was more.
async fn read(mut body: Incoming, limit: u64) -> Result<(Vec<u8>, bool), Failed> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failed::BrokeOff(deepest(&error)))?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if bytes.len() > limit {
            bytes.truncate(limit);
            return Ok((bytes, true));
        }
    }
    Ok((bytes, false))
}

async fn unzip(zipped: &[u8], limit: u64, cut: bool) -> Result<(Vec<u8>, bool), Failed> {
    let mut bytes = Vec::new();
    let unzipped = GzipDecoder::new(zipped).take(limit.saturating_add(1)).read_to_end(&mut bytes).await;
    match unzipped {
        Err(error) if !cut => return Err(Failed::BrokeOff(error.to_string())),
        _ => {}
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let cut = cut || bytes.len() > limit;
    bytes.truncate(limit);
    Ok((bytes, cut))
}

/// What lies at the bottom of an error: what is above it says only that there was one.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(below) = cause.source() {
        cause = below;
    }
    cause.to_string()
}

impl Failed {
    pub fn finding(&self, url: &str) -> Finding {
        let (key, remedy) = match self {
            Failed::NoUrl(_) | Failed::Scheme(_) | Failed::Unaskable(..) => {
                ("URL", "write it as https://HOST/PATH")
            }
            Failed::UnknownHost { .. } => {
                ("site.hosts", "add the host to its site, or ask for a host of the list")
            }
            Failed::Unreachable { .. } => ("site.origin", "start the origin, or correct its address"),
            Failed::BrokeOff(_) => ("site.origin", "look for the cause in the origin's log"),
            Failed::Silent(_) => ("site.origin", "look why the origin is slow: visitors wait as long"),
            Failed::Redirects(_) => ("Location", "look where the redirects lead in a circle"),
            Failed::Elsewhere(_) => {
                ("Location", "ask for the page where it stands, or add that host to site.hosts")
            }
            Failed::Status(_) => ("status", "ask for a page that the origin has"),
        };
        Finding {
            severity: Severity::Error,
            file: url.to_owned(),
            line: 1,
            key: key.to_owned(),
            value: String::new(),
            message: self.to_string(),
            remedy: remedy.to_owned(),
        }
    }
}
