//! Another protocol in the place of HTTP, a WebSocket most likely (RFC 9110 §7.8): once both sides have agreed on one, their
//! bytes pass as they are.
//!
//! Refuses what would let requests past the proxy: other versions of HTTP.

use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, Version};
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::body::Body;
use super::forwarded;

/// Bytes that are held for a side that takes them slowly, in each direction.
const HELD: usize = 16 << 10;

/// Once one side has said all it had to say, the other one may be silent for so long.
const LINGER: Duration = Duration::from_secs(30);

/// Protocols in which requests would be asked that nobody has looked at (RFC 7540 §3.2, RFC 2817, RFC 9298).
const PAST_THE_PROXY: [&str; 5] = ["h2c", "h2", "http", "tls", "connect-udp"];

/// What a visitor would rather speak.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// In the order of their preference.
    protocols: Vec<String>,
}

impl Asked {
    /// None where nothing is asked for, or nothing that is given: only a request of HTTP/1.1 without a body can become a tunnel.
    pub fn of(request: &Request<Incoming>) -> Option<Self> {
        let headers = request.headers();
        let can_become_one = *request.method() == Method::GET
            && request.version() == Version::HTTP_11
            && request.body().is_end_stream()
            && !headers.contains_key(header::TRANSFER_ENCODING)
            && list(headers, &header::CONNECTION).any(|option| option.eq_ignore_ascii_case("upgrade"));
        let protocols = list(headers, &header::UPGRADE).filter(|protocol| {
            let name = protocol.split('/').next().unwrap_or_default();
            !PAST_THE_PROXY.iter().any(|past| name.eq_ignore_ascii_case(past))
        });
        let protocols: Vec<String> = protocols.map(str::to_owned).collect();
        (can_become_one && !protocols.is_empty()).then_some(Asked { protocols })
    }

    /// Asks the website for the same.
    pub fn ask(&self, headers: &mut HeaderMap) {
        if let Ok(protocols) = HeaderValue::from_str(&self.protocols.join(", ")) {
            headers.insert(header::UPGRADE, protocols);
            forwarded::append_to_list(headers, header::CONNECTION, "upgrade");
        }
    }

    /// Whether this answer, of status 101, agrees to what was asked for, and to nothing else.
    pub fn is_agreed(&self, headers: &HeaderMap) -> bool {
        let mut agreed = list(headers, &header::UPGRADE).peekable();
        agreed.peek().is_some()
            && agreed.all(|protocol| self.protocols.iter().any(|asked| asked.eq_ignore_ascii_case(protocol)))
    }
}

/// The items of a comma-separated list, however many lines it has.
fn list<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|item| !item.is_empty())
}

/// All tunnels that are open.
#[derive(Debug, Default)]
pub struct Tunnels {
    open: watch::Sender<usize>,
    end: Notify,
}

impl Tunnels {
    /// How many are open.
    pub fn open(&self) -> usize {
        *self.open.borrow()
    }

    /// Waits until none is open.
    pub async fn all_ended(&self) {
        // Fails only where nobody can tell any more.
        let _ = self.open.subscribe().wait_for(|open| *open == 0).await;
    }

    /// Ends those that are open now, in the middle of whatever is said.
    pub fn end_all(&self) {
        self.end.notify_waiters();
    }

    /// Opens one between these two, once both have left HTTP.
    pub async fn carry(&self, visitor: OnUpgrade, website: OnUpgrade) {
        let _counted = Counted::one_more(&self.open);
        let told_to_end = self.end.notified();
        tokio::select! {
            () = between(visitor, website) => {}
            () = told_to_end => {}
        }
    }
}

/// Counts for as long as it lives.
struct Counted<'t>(&'t watch::Sender<usize>);

impl<'t> Counted<'t> {
    fn one_more(open: &'t watch::Sender<usize>) -> Self {
        open.send_modify(|open| *open += 1);
        Counted(open)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

/// What the visitor is told of an answer that agrees: it has neither body nor length (RFC 9110 §8.6, RFC 9112 §6.1).
pub(super) fn agreed<B>(mut answer: Response<B>) -> Response<Body> {
    let headers = answer.headers_mut();
    let protocol = headers.get(header::UPGRADE).cloned();
    forwarded::strip_answer(headers);
    for name in [header::CONTENT_LENGTH, header::TRAILER] {
        headers.remove(name);
    }
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    if let Some(protocol) = protocol {
        headers.insert(header::UPGRADE, protocol);
    }
    answer.map(|_| Body::Whole(None))
}

/// Carries bytes both ways, to the end of each. What came behind the heads is among them.
async fn between(visitor: OnUpgrade, website: OnUpgrade) {
    let Ok((visitor, website)) = tokio::try_join!(visitor, website) else { return };
    let (from_visitor, to_visitor) = tokio::io::split(TokioIo::new(visitor));
    let (from_website, to_website) = tokio::io::split(TokioIo::new(website));
    let last_heard = watch::Sender::new(Instant::now());
    let up = one_way(from_visitor, to_website, &last_heard);
    let down = one_way(from_website, to_visitor, &last_heard);
    tokio::pin!(up, down);
    tokio::select! {
        said = &mut up => if said.is_ok() { tokio::select! { _ = down => {}, () = silence(&last_heard) => {} } },
        said = &mut down => if said.is_ok() { tokio::select! { _ = up => {}, () = silence(&last_heard) => {} } },
    }
}

/// Waits until nothing has been said for long.
async fn silence(last_heard: &watch::Sender<Instant>) {
    loop {
        let until = *last_heard.borrow() + LINGER;
        tokio::time::sleep_until(until).await;
        if *last_heard.borrow() + LINGER <= Instant::now() {
            return;
        }
    }
}

/// Carries bytes one way, and its end too.
async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    last_heard: &watch::Sender<Instant>,
) -> std::io::Result<()> {
    let mut held = vec![0; HELD];
    loop {
        let read = from.read(&mut held).await?;
        last_heard.send_replace(Instant::now());
        if read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&held[..read]).await?;
        to.flush().await?;
    }
}
