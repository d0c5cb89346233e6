//! A gate before hyper's reader of requests, for what hyper keeps from whoever it reads for: a request that had both a length and
//! chunks (RFC 9112 §6.1), and lines behind a body that end without CR, where hyper takes the next request for more of them.
//!
//! Follows the messages on a connection of HTTP/1, and stops such a one in the middle, so that it is answered with 400 and the
//! connection is closed. Refuses nothing else: where it can't follow, bytes pass as they are.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is read in the place of the end of a line that must not be there: it makes the lines ones that nobody accepts.
const NO_LINE: &[u8] = b"\0\r\n\r\n";

/// Of a line so much is looked at, in bytes: more than what matters has.
const LOOKED_AT: usize = 64;

/// A connection whose requests have passed the gate.
pub(super) struct Gate<S> {
    stream: S,
    messages: Messages,
    /// What is still to be read instead, once a request was stopped.
    instead: Option<&'static [u8]>,
    /// Another protocol is spoken by now, which is nothing to be followed.
    is_tunnel: Arc<AtomicBool>,
}

impl<S> Gate<S> {
    pub fn before(stream: S, is_tunnel: Arc<AtomicBool>) -> Self {
        Gate { stream, messages: Messages::default(), instead: None, is_tunnel }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.instead.is_none() {
            let before = into.filled().len();
            ready!(Pin::new(&mut self.stream).poll_read(cx, into))?;
            if self.is_tunnel.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            let Some(passed) = self.messages.stops_at(&into.filled()[before..]) else {
                return Poll::Ready(Ok(()));
            };
            into.set_filled(before + passed);
            self.instead = Some(NO_LINE);
        }
        let instead = self.instead.unwrap_or_default();
        let (now, later) = instead.split_at(instead.len().min(into.remaining()));
        into.put_slice(now);
        self.instead = Some(later);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// The requests on a connection, as far as they have come.
#[derive(Debug, Default)]
struct Messages {
    place: Place,
    /// The line that is being read, up to [`LOOKED_AT`].
    line: Vec<u8>,
    /// The last byte of it that has come.
    last: u8,
}

/// Where in a request the next byte stands.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    #[default]
    FirstLine,
    Head(Framing),
    /// So many bytes of the body are still to come.
    Body(u64),
    ChunkSize,
    /// So many bytes of a chunk, with its end.
    Chunk(u64),
    Trailers,
    /// What comes isn't followed any more.
    Unknown,
}

/// What a head has said of the body so far.
#[derive(Clone, Copy, Debug, Default)]
struct Framing {
    length: Option<u64>,
    chunked: bool,
    /// Whoever reads it refuses it.
    is_last: bool,
}

impl Messages {
    /// Follows the next bytes. Says how many of them may pass, where one is the end of a line that must not be there.
    fn stops_at(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match &mut self.place {
                Place::Unknown => return None,
                Place::Body(left) | Place::Chunk(left) => {
                    let there = (bytes.len() - at) as u64;
                    at += (*left).min(there) as usize;
                    *left -= (*left).min(there);
                    match self.place {
                        Place::Body(0) => self.place = Place::FirstLine,
                        Place::Chunk(0) => self.place = Place::ChunkSize,
                        _ => {}
                    }
                }
                _ => {
                    let end = memchr::memchr(b'\n', &bytes[at..]).map(|len| at + len);
                    let of_line = &bytes[at..end.unwrap_or(bytes.len())];
                    let room = LOOKED_AT - self.line.len();
                    self.line.extend(&of_line[..of_line.len().min(room)]);
                    self.last = of_line.last().copied().unwrap_or(self.last);
                    let end = end?;
                    if matches!(self.place, Place::Trailers) && self.last != b'\r' {
                        return Some(end);
                    }
                    self.place = self.behind_line();
                    self.line.clear();
                    self.last = 0;
                    if matches!(self.place, Place::Head(Framing { length: Some(_), chunked: true, .. })) {
                        return Some(end);
                    }
                    at = end + 1;
                }
            }
        }
        None
    }

    /// Where the next line stands, or the body.
    fn behind_line(&self) -> Place {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        match self.place {
            // Empty lines before a request are skipped (RFC 9112 §2.2).
            Place::FirstLine if line.is_empty() => Place::FirstLine,
            // HTTP/2 from here on (RFC 9113 §3.4), or a request that is refused.
            Place::FirstLine if line == b"PRI * HTTP/2.0" || line.starts_with(b"CONNECT ") => Place::Unknown,
            Place::FirstLine => Place::Head(Framing::default()),
            Place::Head(framing) if line.is_empty() => framing.behind_head(),
            Place::Head(framing) => Place::Head(framing.and(line, self.line.len() == LOOKED_AT)),
            Place::ChunkSize => chunk(line),
            Place::Trailers if line.is_empty() => Place::FirstLine,
            place => place,
        }
    }
}

impl Framing {
    /// With what this line says, which may be longer than what is looked at.
    fn and(mut self, line: &[u8], is_cut: bool) -> Self {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = (&line[..colon], line.get(colon + 1..).unwrap_or_default().trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            self.is_last |=
                is_cut || length.is_none() || self.length.is_some_and(|before| Some(before) != length);
            self.length = Some(length.unwrap_or_default());
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.is_last |= is_cut || self.chunked || !value.eq_ignore_ascii_case(b"chunked");
            self.chunked = true;
        }
        self
    }

    fn behind_head(self) -> Place {
        match self {
            Framing { is_last: true, .. } => Place::Unknown,
            Framing { chunked: true, .. } => Place::ChunkSize,
            Framing { length: None | Some(0), .. } => Place::FirstLine,
            Framing { length: Some(length), .. } => Place::Body(length),
        }
    }
}

/// What stands behind the line that opens a chunk (RFC 9112 §7.1): its bytes and their line end, or the trailers.
fn chunk(line: &[u8]) -> Place {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits == LOOKED_AT {
        return Place::Unknown; // there may be more of them
    }
    let size = std::str::from_utf8(&line[..digits]).ok().and_then(|size| u64::from_str_radix(size, 16).ok());
    match size.map(|size| size.checked_add(2)) {
        Some(Some(2)) => Place::Trailers,
        Some(Some(size)) => Place::Chunk(size),
        _ => Place::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// What is read of these bytes, taken so many at a time.
    fn read(bytes: &str, step: usize) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut gate = Gate::before(bytes.as_bytes(), Arc::default());
            let (mut read, mut part) = (Vec::new(), vec![0; step]);
            while let len @ 1.. = gate.read(&mut part).await.unwrap() {
                read.extend(&part[..len]);
            }
            String::from_utf8(read).unwrap()
        })
    }

    const CHUNKS: &str = "5;a=b\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n";

    #[test]
    fn a_length_beside_chunks_makes_a_head_that_nobody_accepts() {
        let before = format!(
            "\r\nPOST / HTTP/1.1\r\nContent-Length: 35\r\n\r\nTransfer-Encoding: chunked\r\n\r\nabcde\
             PUT / HTTP/1.1\nX: {}\ntransfer-encoding:chunked\n\n{CHUNKS}\
             GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "y".repeat(1000)
        );
        for [first, second] in [
            ["Content-Length: 5\r\n", "Transfer-Encoding: chunked"],
            ["TRANSFER-encoding: x\r\nA: b\r\n", "content-length:+9"],
        ] {
            let bytes = format!("{before}POST / HTTP/1.1\r\n{first}{second}\r\nX: y\r\n\r\n0\r\n\r\n");
            let passed = format!("{before}POST / HTTP/1.1\r\n{first}{second}\r\0\r\n\r\n");
            for step in [1, 2, 3, 7, 64, 4096] {
                assert_eq!(read(&bytes, step), passed, "{step}");
            }
        }
    }

    #[test]
    fn a_line_behind_a_body_that_ends_without_cr_makes_one_that_nobody_accepts() {
        for line in ["X: y", "", &"z".repeat(LOOKED_AT)] {
            let begun = format!("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n{line}");
            for step in [1, 2, 3, 7, 64, 4096] {
                assert_eq!(
                    read(&format!("{begun}\n\r\nGET / HTTP/1.1\r\n\r\n"), step),
                    format!("{begun}\0\r\n\r\n")
                );
            }
        }
    }

    #[test]
    fn nothing_that_a_request_says_ends_the_watch_over_those_that_follow() {
        let both = "P / H\r\nContent-Length: 5\r\nTransfer-Encoding: chunked";
        let long = format!("0;{}\r\n\r\n", "a".repeat(LOOKED_AT));
        for before in [
            "GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n",
            "PRI /x HTTP/1.1\r\n\r\n",
            &format!("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{long}"),
        ] {
            for step in [1, 7, 4096] {
                let stopped = format!("{before}{both}\r\0\r\n\r\n");
                assert_eq!(read(&format!("{before}{both}\r\n\r\n0\r\n\r\n"), step), stopped);
            }
        }
    }

    #[test]
    fn what_is_said_in_another_protocol_passes_as_it_is() {
        let bytes = "P / H\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(async {
            let mut gate = Gate::before(bytes.as_bytes(), Arc::new(AtomicBool::new(true)));
            let mut read = String::new();
            gate.read_to_string(&mut read).await.unwrap();
            read
        });
        assert_eq!(read, bytes);
    }

    #[test]
    fn everything_else_passes_as_it_is() {
        let both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
        for bytes in [
            format!("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}GET / HTTP/1.1\r\n\r\n"),
            format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\nP / H\r\n{both}", both.len() + 7),
            format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nP / H\r\n{both}"),
            format!("GET / HTTP/1.1\r\nContent-Length: {}9\r\n\r\nP / H\r\n{both}", " ".repeat(46) + "12"),
            format!("GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nP / H\r\n{both}"),
            format!("P / H\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nP / H\r\n{both}"),
            format!("P / H\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nP / H\r\n{both}"),
        ] {
            for step in [1, 2, 3, 7, 64, 4096] {
                assert_eq!(read(&bytes, step), bytes, "{step}");
            }
        }
    }
}
