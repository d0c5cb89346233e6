//! A client that speaks HTTP/2 (RFC 9113), by a library; and one's frames byte by byte, to say what no library would.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use super::GUARD;
use super::request::Request;
use super::tls::Hello;

/// One connection.
pub struct Http2 {
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    scheme: &'static str,
}

/// An answer that has come whole.
#[derive(Clone, Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: Option<HeaderMap>,
}

impl Http2 {
    /// In plain, with prior knowledge (§3.3).
    pub fn connect(address: SocketAddr) -> Self {
        let runtime = runtime();
        let sender = runtime.block_on(async { begin(TcpStream::connect(address).await.unwrap()).await });
        Http2 { runtime, sender, scheme: "http" }
    }

    /// Over TLS, as it was agreed on (§3.2).
    pub fn agree(hello: &Hello, address: SocketAddr) -> Self {
        let hello = hello.clone().offering(&["h2"]);
        let runtime = runtime();
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(address).await.unwrap();
            let connector = TlsConnector::from(Arc::new(hello.config()));
            let stream = connector.connect(hello.name(), stream).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            begin(stream).await
        });
        Http2 { runtime, sender, scheme: "https" }
    }

    pub fn exchange(&mut self, request: &Request) -> Answered {
        self.send(request.over_http2(self.scheme))
    }

    /// Sends a request as it is.
    pub fn send(&mut self, request: http::Request<Bytes>) -> Answered {
        self.send_all(vec![request]).remove(0)
    }

    /// Sends requests, all at once.
    pub fn send_all(&mut self, requests: Vec<http::Request<Bytes>>) -> Vec<Answered> {
        let answers = requests.into_iter().map(|request| {
            let answer = self.sender.send_request(request.map(Full::new));
            async move {
                let (parts, body) = answer.await.expect("an answer").into_parts();
                let body = body.collect().await.expect("the answer comes to its end");
                let trailers = body.trailers().cloned();
                Answered {
                    status: parts.status.as_u16(),
                    headers: parts.headers,
                    body: body.to_bytes(),
                    trailers,
                }
            }
        });
        let all = futures_util::future::join_all(answers);
        self.runtime.block_on(async { tokio::time::timeout(GUARD, all).await }).expect("the answers come")
    }
}

impl Answered {
    /// The value of the one line of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(name).iter();
        let line = lines.next();
        assert!(lines.next().is_none(), "{name} stands there more than once: {self:?}");
        line.map(|line| line.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn begin(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> SendRequest<Full<Bytes>> {
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// What a client begins with: its preface, and settings that change nothing (§3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A frame (§4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const GOAWAY: u8 = 7;
    pub const CONTINUATION: u8 = 9;

    /// A whole request without body: END_STREAM and END_HEADERS. Its fields are not compressed (RFC 7541 §6.2.2).
    pub fn request(stream: u32, fields: &[(&str, &str)]) -> Self {
        Frame { kind: Frame::HEADERS, flags: 5, stream, payload: fields.iter().flat_map(literal).collect() }
    }

    /// The end of a stream, for this reason (§7).
    pub fn reset(stream: u32, reason: u8) -> Self {
        Frame { kind: Frame::RST_STREAM, flags: 0, stream, payload: vec![0, 0, 0, reason] }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[self.kind, self.flags], &self.stream.to_be_bytes(), &self.payload].concat()
    }

    /// The next frame; none where the connection has ended.
    pub fn read(from: &mut impl Read) -> Option<Self> {
        let mut head = [0; 9];
        from.read_exact(&mut head).ok()?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap()];
        from.read_exact(&mut payload).ok()?;
        Some(Frame { kind, flags, stream: u32::from_be_bytes(stream), payload })
    }

    /// What the server says to these frames, up to one that is awaited, or its connection's end.
    pub fn converse(address: SocketAddr, frames: &[Frame], awaited: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(GUARD)).unwrap();
        let frames: Vec<u8> = frames.iter().flat_map(Frame::to_bytes).collect();
        // Who has hung up already reads no further.
        let _ = stream.write_all(&[PREFACE, &frames].concat());
        let mut said = Vec::new();
        while let Some(frame) = Frame::read(&mut stream) {
            said.push(frame);
            if said.last().is_some_and(&awaited) {
                break;
            }
        }
        said
    }

    /// Whether it is the last of its stream (§6.1).
    pub fn ends_stream(&self) -> bool {
        matches!(self.kind, Frame::DATA | Frame::HEADERS) && self.flags & 1 != 0
    }
}

fn literal((name, value): &(&str, &str)) -> Vec<u8> {
    let text = |text: &str| [&length(text.len())[..], text.as_bytes()].concat();
    [&[0][..], &text(name), &text(value)].concat()
}

/// An integer with a prefix of seven bits (RFC 7541 §5.1), for a text that is not compressed.
fn length(mut length: usize) -> Vec<u8> {
    if length < 127 {
        return vec![length as u8];
    }
    length -= 127;
    let mut bytes = vec![127];
    while length >= 128 {
        bytes.push((length % 128) as u8 | 128);
        length /= 128;
    }
    bytes.push(length as u8);
    bytes
}
