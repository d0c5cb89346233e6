//! Whole requests on loopback, over one connection that is kept: to the origin itself, and through the proxy.

#[path = "support/ratios.rs"]
mod ratios;
#[path = "support/website.rs"]
mod website;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use dni_edge::call::Calls;
use dni_edge::call::signature::Verifiers;
use dni_edge::config::{Config, Keys};
use dni_edge::ledger::Ledger;
use dni_edge::observe::Observer;
use dni_edge::proxy::Edge;
use dni_edge::server::{self, Rooms};
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ratios::Line;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

const SUMMARY: [Line; 3] = [
    Line { of: "request/crawler", by: Some("request/origin alone"), limit: None },
    Line { of: "request/filled, a known page", by: Some("request/origin alone"), limit: None },
    Line { of: "request/filled, another page each time", by: Some("request/origin alone"), limit: None },
];

/// Path of the page that changes.
const CHANGING: &str = "/today";

const HOST: &str = "www.example.com";
const CRAWLER: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn main() -> ExitCode {
    ratios::run(&SUMMARY, requests)
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4));
    let page = website::page(&website::ENGLISH);
    group.throughput(Throughput::Bytes(page.len() as u64));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the ledger");
    let servers = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let origin = servers.block_on(origin(page.clone()));
    let proxy = servers.block_on(proxy(folder.path(), origin));

    let mut alone = Client::connect(origin, CRAWLER);
    assert_eq!(alone.page("/").0, page);
    group.bench_function("origin alone", |b| b.iter(|| alone.fetch("/")));

    let mut crawler = Client::connect(proxy, CRAWLER);
    assert_eq!(crawler.page("/").0, page, "a crawler reads the origin's page");
    group.bench_function("crawler", |b| b.iter(|| crawler.fetch("/")));

    let mut person = Client::connect(proxy, PERSON);
    let (filled, cookie) = person.page("/?gclid=spring");
    person.cookie = cookie;
    assert_eq!(filled.matches("+12125550110").count(), 6, "each link is filled");
    assert_eq!(person.page("/").0, filled, "the session keeps its number");
    group.bench_function("filled, a known page", |b| b.iter(|| person.fetch("/")));
    group.bench_function("filled, another page each time", |b| b.iter(|| person.fetch(CHANGING)));
    group.finish();
}

/// A website of two pages, one of which is never the same as the last time.
async fn origin(page: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("a port");
    let changing = |head: usize| page.replacen("</head>", &format!("<!-- {head} --></head>"), 1).into();
    let changing: Arc<[Bytes]> = (0..8).map(changing).collect();
    let (page, asked) = (Bytes::from(page), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (page, changing, asked) = (page.clone(), Arc::clone(&changing), Arc::clone(&asked));
            let answer = service_fn(move |request: Request<Incoming>| {
                let page = match request.uri().path() {
                    CHANGING => &changing[asked.fetch_add(1, Ordering::Relaxed) % changing.len()],
                    _ => &page,
                };
                let mut response = Response::new(Full::new(page.clone()));
                let html = HeaderValue::from_static("text/html; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, html);
                async move { Ok::<_, Infallible>(response) }
            });
            let _ = stream.set_nodelay(true);
            let connection = hyper::server::conn::http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), answer));
        }
    });
    address
}

/// The proxy before it, with a number for whoever comes from an ad.
async fn proxy(folder: &Path, origin: SocketAddr) -> SocketAddr {
    let text = format!(
        r#"
        [server]
        listen = ["127.0.0.1:0"]
        ledger = "sqlite:bench.db"
        secret = {{ file = "bench.secret" }}
        [[site]]
        name = "plumber"
        hosts = ["{HOST}"]
        origin = "http://{origin}"
        country = "US"
        [[site.line]]
        name = "main"
        canonical = "{}"
        [[site.pool]]
        name = "ads"
        line = "main"
        numbers = ["+1 212 555 0110"]
        overflow = "canonical"
        [[site.rule]]
        when = {{ channel = "Paid Search" }}
        show = ["pool:ads"]
        "#,
        website::NUMBER
    );
    let checked = Config::parse(&text, &folder.join("bench.toml"));
    let config = checked.config.unwrap_or_else(|| panic!("{:?}", checked.findings));
    let keys = Keys::load(&config.server.secret).expect("a secret");
    let ledger = Ledger::at(&config.server.ledger, &keys.fingerprint).await.expect("a ledger");
    let listeners = server::bind(&config.server.listen).await.expect("a port");
    let address = listeners[0].local_addr().expect("a port");
    let carriers = Verifiers::load(&config.carriers).expect("no secrets");
    let calls =
        Calls::new(&config, &keys, ledger.clone(), carriers).await.expect("a ledger that can be read");
    let observer = Observer::new(&config.server);
    let edge = Edge::new(config, keys, ledger, None).await.expect("a ledger that can be read");
    tokio::spawn(server::serve(listeners, Rooms { edge, calls, observer }, std::future::pending()));
    address
}

/// A client with one connection and a thread of its own.
struct Client {
    runtime: Runtime,
    connection: SendRequest<Empty<Bytes>>,
    user_agent: &'static str,
    cookie: Option<HeaderValue>,
}

impl Client {
    fn connect(to: SocketAddr, user_agent: &'static str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let connection = runtime.block_on(async {
            let stream = TcpStream::connect(to).await.expect("a server");
            stream.set_nodelay(true).expect("a socket");
            let (sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a server");
            tokio::spawn(connection);
            sender
        });
        Client { runtime, connection, user_agent, cookie: None }
    }

    /// The bytes of an answer, counted.
    fn fetch(&mut self, path: &str) -> usize {
        let request = self.request(path);
        self.runtime.block_on(async {
            let mut body = send(&mut self.connection, request).await.into_body();
            let mut count = 0;
            while let Some(frame) = body.frame().await {
                count += frame.expect("a whole page").data_ref().map_or(0, Bytes::len);
            }
            count
        })
    }

    /// The page, and the cookie that came with it.
    fn page(&mut self, path: &str) -> (String, Option<HeaderValue>) {
        let request = self.request(path);
        self.runtime.block_on(async {
            let response = send(&mut self.connection, request).await;
            let cookie = response.headers().get(header::SET_COOKIE).map(session_cookie);
            let body = response.into_body().collect().await.expect("a whole page").to_bytes();
            (String::from_utf8(body.into()).expect("a page in UTF-8"), cookie)
        })
    }

    fn request(&self, path: &str) -> Request<Empty<Bytes>> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = path.parse().expect("a path");
        let headers = request.headers_mut();
        headers.insert(header::HOST, HeaderValue::from_static(HOST));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(self.user_agent));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.clone());
        }
        request
    }
}

async fn send(
    connection: &mut SendRequest<Empty<Bytes>>,
    request: Request<Empty<Bytes>>,
) -> Response<Incoming> {
    connection.ready().await.expect("a server that keeps the connection");
    connection.send_request(request).await.expect("an answer")
}

/// The pair that a browser sends back.
fn session_cookie(set: &HeaderValue) -> HeaderValue {
    let pair = set.as_bytes().split(|byte| *byte == b';').next().expect("a pair");
    HeaderValue::from_bytes(pair).expect("a pair")
}
