//! A website that speaks HTTP/2 alone, and says what it was asked.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use super::PAGE;

/// It answers everything with [`PAGE`], and a trailer; `/long` with 16 MB of nothing, and `/headers` with 48 KB of them.
pub struct Http2Origin {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<(Request<()>, Vec<u8>)>>,
    connections: AtomicUsize,
}

impl Http2Origin {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), Arc::<Shared>::default());
        let serving = Arc::clone(&shared);
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                serving.connections.fetch_add(1, Ordering::Relaxed);
                let serving = Arc::clone(&serving);
                let service = service_fn(move |request| answer(request, Arc::clone(&serving)));
                let http = http2::Builder::new(TokioExecutor::new());
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        Http2Origin { address, shared, _runtime: runtime }
    }

    /// Each request and its body.
    pub fn received(&self) -> Vec<(Request<()>, Vec<u8>)> {
        self.shared.received.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<
    Response<StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>>,
    Infallible,
> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let path = head.uri.path().to_owned();
    shared.received.lock().unwrap().push((Request::from_parts(head, ()), body));
    let mut trailers = HeaderMap::new();
    trailers.insert("x-trailer", HeaderValue::from_static("last"));
    let (part, times) = match path.as_str() {
        "/long" => (&[0; 1 << 16][..], 256),
        _ => (PAGE.as_bytes(), 1),
    };
    let data = (0..times).map(|_| Ok(Frame::data(Bytes::from_static(part))));
    let frames: Vec<_> = data.chain([Ok(Frame::trailers(trailers))]).collect();
    let mut response = Response::new(StreamBody::new(stream::iter(frames)));
    if path == "/headers" {
        let long = HeaderValue::from_str(&"x".repeat(4 << 10)).unwrap();
        for _ in 0..12 {
            response.headers_mut().append("x-long", long.clone());
        }
    }
    response.headers_mut().insert("trailer", HeaderValue::from_static("x-trailer"));
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(response)
}
