//! The sample business's website: a few pages on a port of their own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use async_compression::tokio::write::GzipEncoder;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const HTML: &str = "text/html; charset=utf-8";

/// Path, type, and content of what the website has.
const FILES: [(&str, &str, &str); 5] = [
    ("/index.html", HTML, include_str!("../../../fixtures/demo/index.html")),
    ("/contact.html", HTML, include_str!("../../../fixtures/demo/contact.html")),
    ("/about.html", HTML, include_str!("../../../fixtures/demo/about.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../../../fixtures/demo/style.css")),
    ("/services.html", HTML, include_str!("../../../fixtures/demo/services.html")),
];

/// Sent compressed to whoever takes that.
const COMPRESSED: &str = "/services.html";

/// The website, serving for as long as the process lives.
pub(super) struct Website {
    pub address: SocketAddr,
}

impl Website {
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let zipped = Arc::new(zip(FILES[4].2).await?);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let zipped = Arc::clone(&zipped);
                let service = service_fn(move |request| {
                    let answer = answer(&request, &zipped);
                    async move { Ok::<_, Infallible>(answer) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ok(Website { address })
    }
}

async fn zip(text: &str) -> std::io::Result<Bytes> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(text.as_bytes()).await?;
    encoder.shutdown().await?;
    Ok(encoder.into_inner().into())
}

fn answer(request: &Request<Incoming>, zipped: &Bytes) -> Response<Full<Bytes>> {
    let path = match request.uri().path() {
        "/" => "/index.html",
        path => path,
    };
    let Some((_, content_type, content)) = FILES.iter().find(|(known, ..)| *known == path) else {
        let mut response = Response::new(Full::from("There is no such page.\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|accepted| accepted.to_str().ok());
    let zip = path == COMPRESSED && accepted.is_some_and(|accepted| accepted.contains("gzip"));
    let content = if zip { zipped.clone() } else { Bytes::from_static(content.as_bytes()) };
    let mut response = Response::new(Full::new(content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if zip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
