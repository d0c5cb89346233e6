//! A client's connection as hyper reads and writes it, attended: heads that are too long or too slow are answered here, before hyper
//! has anything to answer, and a connection is not closed on who is still sending.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use ::http::StatusCode;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::presence::Presence;
use crate::proxy::Refusal;

pub(super) struct Attended<S> {
    stream: S,
    presence: Arc<Presence>,
    ending: Ending,
}

/// How far the connection has come with ending.
enum Ending {
    NotYet,
    /// This is still to be written.
    Answering(Vec<u8>),
    /// Nothing more will be.
    Closing,
    /// What comes is thrown away until the client has closed too (RFC 9112 §9.6).
    Lingering,
    Ended,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Attended<S> {
    pub fn new(stream: S, presence: Arc<Presence>) -> Self {
        Attended { stream, presence, ending: Ending::NotYet }
    }

    /// Ends in order, up to the client's own end. To hyper it looks as if the client had hung up.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.ending {
                Ending::NotYet | Ending::Ended => return Poll::Ready(Ok(())),
                Ending::Answering(answer) if answer.is_empty() => {
                    ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
                    self.ending = Ending::Closing;
                }
                Ending::Answering(answer) => {
                    let written = ready!(Pin::new(&mut self.stream).poll_write(cx, answer))?;
                    answer.drain(..written);
                }
                Ending::Closing => {
                    ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
                    self.ending = Ending::Lingering;
                }
                Ending::Lingering if self.presence.is_over() => self.ending = Ending::Ended,
                Ending::Lingering => {
                    let mut thrown_away = [0; 4096];
                    let mut thrown_away = ReadBuf::new(&mut thrown_away);
                    ready!(Pin::new(&mut self.stream).poll_read(cx, &mut thrown_away))?;
                    if thrown_away.filled().is_empty() {
                        self.ending = Ending::Ended;
                    }
                }
            }
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        let is_in_the_way = self.presence.is_blocked();
        self.ending = if is_in_the_way { Ending::Closing } else { Ending::Answering(answer(refusal)) };
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Attended<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Some(refusal) = this.presence.refused() {
            this.refuse(refusal);
        }
        if !matches!(this.ending, Ending::NotYet) {
            return this.poll_end(cx);
        }
        let read = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        if let Err(refusal) = this.presence.has_read(&buf.filled()[read..]) {
            buf.set_filled(read);
            this.refuse(refusal);
            return this.poll_end(cx);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Attended<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.presence.has_written(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.presence.has_written(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        // TLS takes what it is given, and keeps what the client doesn't take.
        self.presence.has_written(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Ending::NotYet = self.ending {
            if !self.presence.ends() {
                return Pin::new(&mut self.stream).poll_shutdown(cx);
            }
            self.ending = Ending::Closing;
        }
        self.poll_end(cx)
    }
}

/// The answer to a request that hasn't come whole, like those that others get.
fn answer(refusal: Refusal) -> Vec<u8> {
    let (status, why) = match refusal {
        Refusal::UriBytes => (StatusCode::URI_TOO_LONG, "the target is too long"),
        Refusal::HeaderBytes => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too long"),
        _ => (StatusCode::REQUEST_TIMEOUT, "the request doesn't come in time"),
    };
    let page = format!("{status}: {why}\n");
    let date =
        DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff::Timestamp::now()).unwrap_or_default();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\nconnection: close\r\n\
         content-length: {}\r\ndate: {date}\r\n\r\n{page}",
        page.len()
    )
    .into_bytes()
}
