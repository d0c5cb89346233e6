//! How HTTP is spoken with clients: what they may send, and how much at once.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;

use crate::config::Server;

/// Which versions of HTTP a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// HTTP/1.1, or HTTP/2 where the client begins with its preface (RFC 9113 §3.3, §3.4).
    Either,
    Http2,
}

/// Requests that a client may have under way on one connection; RFC 9113 §6.5.2 asks for 100 at least.
const STREAMS: u32 = 128;

/// Requests that a client may take back before anybody has looked at them; who takes back more has its connection ended, for so
/// work is made for nothing (CVE-2023-44487).
const TAKEN_BACK: usize = 20;

/// Requests that break the rules, likewise.
const BROKEN: usize = 256;

/// A connection that is silent is asked after this long whether anybody is there, and ended where nobody answers as long.
const PING: Duration = Duration::from_secs(20);

/// Bytes of one upload that may come before the website has taken them; of all on a connection four times as many.
const WINDOW: u32 = 256 << 10;

/// Bytes of one answer that wait for their client.
const SEND_BUFFER: usize = 64 << 10;

/// hyper has room for as much more than a head may have, so that it is we who say that it is too long.
const SPARE: usize = 64 << 10;

/// As this configuration has it.
pub(super) fn builder(spoken: Spoken, server: &Server) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        // The time that a head may take is kept where a 408 can be answered: hyper would hang up.
        .header_read_timeout(None)
        .max_buf_size(server.limits.header_bytes.saturating_add(SPARE));
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(TAKEN_BACK)
        .max_local_error_reset_streams(BROKEN)
        .max_header_list_size(u32::try_from(server.limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(4 * WINDOW)
        .max_send_buf_size(SEND_BUFFER);
    match spoken {
        Spoken::Either => http,
        Spoken::Http2 => http.http2_only(),
    }
}
