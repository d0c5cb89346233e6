//! The sample business's website: a few pages on a port of their own, and behind them the demo's telephone.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use async_compression::tokio::write::GzipEncoder;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::telephone::{ADDRESS, Telephone};

const HTML: &str = "text/html; charset=utf-8";

/// Path, type, and content of what the website has.
const FILES: [(&str, &str, &str); 6] = [
    ("/index.html", HTML, include_str!("../../../fixtures/demo/index.html")),
    ("/contact.html", HTML, include_str!("../../../fixtures/demo/contact.html")),
    ("/about.html", HTML, include_str!("../../../fixtures/demo/about.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../../../fixtures/demo/style.css")),
    ("/services.html", HTML, include_str!("../../../fixtures/demo/services.html")),
    ("/call.js", "text/javascript; charset=utf-8", include_str!("call.js")),
];

/// Sent compressed to whoever takes that.
const COMPRESSED: &str = "/services.html";

/// Bytes of what is asked of the telephone.
const LONGEST_QUESTION: usize = 4 << 10;

/// The website, before it serves: who asks by then waits.
pub(super) struct Website {
    listener: TcpListener,
    pub address: SocketAddr,
}

struct Pages {
    zipped: Bytes,
    telephone: Telephone,
}

impl Website {
    pub async fn bind() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok(Website { listener, address })
    }

    /// Serves for as long as the process lives.
    pub async fn serve(self, telephone: Telephone) -> std::io::Result<()> {
        let zipped = zip(FILES[4].2).await?;
        let pages = Arc::new(Pages { zipped, telephone });
        tokio::spawn(async move {
            while let Ok((stream, _)) = self.listener.accept().await {
                let pages = Arc::clone(&pages);
                let service = service_fn(move |request| {
                    let pages = Arc::clone(&pages);
                    async move { Ok::<_, Infallible>(pages.answer(request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ok(())
    }
}

async fn zip(text: &str) -> std::io::Result<Bytes> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(text.as_bytes()).await?;
    encoder.shutdown().await?;
    Ok(encoder.into_inner().into())
}

impl Pages {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.uri().path() == ADDRESS {
            return self.call(request).await;
        }
        if let Some(recording) = self.telephone.recording(request.uri().path()) {
            return found("audio/wav", recording);
        }
        self.page(&request)
    }

    fn page(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = match request.uri().path() {
            "/" => "/index.html",
            path => path,
        };
        let Some((_, content_type, content)) = FILES.iter().find(|(known, ..)| *known == path) else {
            return plain(StatusCode::NOT_FOUND, "There is no such page.");
        };
        let accepted =
            request.headers().get(header::ACCEPT_ENCODING).and_then(|accepted| accepted.to_str().ok());
        let zip = path == COMPRESSED && accepted.is_some_and(|accepted| accepted.contains("gzip"));
        let content = if zip { self.zipped.clone() } else { Bytes::from_static(content.as_bytes()) };
        let mut response = found(content_type, content);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if zip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }

    /// Dials a number, for `demo call` and for the button on the page.
    async fn call(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() != Method::POST || !is_from_here(request.headers()) {
            return plain(StatusCode::FORBIDDEN, "Only this website's own pages and `demo call` may call.");
        }
        let read = Limited::new(request.into_body(), LONGEST_QUESTION).collect().await;
        let asked = match read.map(|body| serde_json::from_slice(&body.to_bytes())) {
            Ok(Ok(asked)) => asked,
            Ok(Err(error)) => return plain(StatusCode::UNPROCESSABLE_ENTITY, error),
            Err(error) => return plain(StatusCode::UNPROCESSABLE_ENTITY, error),
        };
        match self.telephone.dial(asked).await {
            Ok(told) => {
                if let Some(line) = &told.line {
                    let _ = super::say(line);
                }
                found("application/json", serde_json::to_vec(&told).unwrap_or_default().into())
            }
            Err(error) => plain(StatusCode::UNPROCESSABLE_ENTITY, error),
        }
    }
}

/// Another website's page can't send JSON without asking first (Fetch standard, "CORS-preflight request"), which nobody answers;
/// and a browser says whose page it is (Fetch Metadata Request Headers, section 2.3).
fn is_from_here(headers: &HeaderMap) -> bool {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    is_json && headers.get_all("sec-fetch-site").iter().all(|site| site == "same-origin")
}

fn found(content_type: &'static str, content: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn plain(status: StatusCode, text: impl std::fmt::Display) -> Response<Full<Bytes>> {
    let mut response = found("text/plain; charset=utf-8", format!("{text}\n").into());
    *response.status_mut() = status;
    response
}
