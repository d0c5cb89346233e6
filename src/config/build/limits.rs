//! `[server.limits]` and `[server.timeouts]`.

use std::time::Duration;

use toml::Spanned;

use super::Builder;
use crate::config::finding::At;
use crate::config::{Limits, Timeouts, written};

/// hyper reads a request's head into no less.
const LEAST_HEADER_BYTES: u64 = 8 << 10;

impl Builder<'_, '_> {
    pub(super) fn limits(&mut self, written: Option<&written::Limits>) -> Limits {
        let none = written::Limits::default();
        let written = written.unwrap_or(&none);
        let uri_bytes = self.size(written.uri_bytes.as_ref(), "server.limits.uri_bytes", 16 << 10);
        let header_bytes = self.size(written.header_bytes.as_ref(), "server.limits.header_bytes", 64 << 10);
        if let Some(size) = written.header_bytes.as_ref().filter(|_| header_bytes < LEAST_HEADER_BYTES) {
            let at = At::new(size.span(), "server.limits.header_bytes");
            self.findings.error(at, "is less than requests have", "allow 8KB at least");
        }
        let body_bytes = self.size(written.body_bytes.as_ref(), "server.limits.body_bytes", 0);
        let connections = self.at_least_one(
            written.connections.as_ref(),
            "server.limits.connections",
            10_000,
            "nobody could connect",
        );
        let decompression_ratio = self.at_least_one(
            written.decompression_ratio.as_ref(),
            "server.limits.decompression_ratio",
            200,
            "no compressed page could be read",
        );
        let count = |written: Option<&Spanned<u32>>| written.map(|n| *n.get_ref()).filter(|n| *n > 0);
        Limits {
            connections: connections as usize,
            connections_per_address: count(written.connections_per_address.as_ref()).map(|n| n as usize),
            uri_bytes: usize::try_from(uri_bytes).unwrap_or(usize::MAX),
            header_bytes: usize::try_from(header_bytes).unwrap_or(usize::MAX),
            body_bytes: Some(body_bytes).filter(|size| *size > 0),
            requests_per_second: count(written.requests_per_second.as_ref()),
            page_bytes: self.size(written.page_bytes.as_ref(), "server.limits.page_bytes", 10 << 20),
            decompression_ratio,
        }
    }

    /// A limit of 0 would be none elsewhere; here it leaves nothing.
    fn at_least_one(
        &mut self,
        written: Option<&Spanned<u32>>,
        key: &str,
        default: u32,
        otherwise: &str,
    ) -> u32 {
        let Some(written) = written else { return default };
        if *written.get_ref() == 0 {
            self.findings.error(At::new(written.span(), key), otherwise, "allow 1 at least");
        }
        *written.get_ref()
    }

    pub(super) fn timeouts(&mut self, written: Option<&written::Timeouts>) -> Timeouts {
        let mut timeout = |key: &str, pick: fn(&written::Timeouts) -> Option<&Spanned<String>>, seconds| {
            let (key, written) = (format!("server.timeouts.{key}"), written.and_then(pick));
            let timeout = self.duration(written, &key, Duration::from_secs(seconds));
            if let Some(written) = written.filter(|_| timeout.is_zero()) {
                let message = "is no time at all, and everything would be late";
                self.findings.error(At::new(written.span(), key), message, "give some, such as \"10s\"");
            }
            timeout
        };
        Timeouts {
            header: timeout("header", |t| t.header.as_ref(), 10),
            idle: timeout("idle", |t| t.idle.as_ref(), 75),
            body: timeout("body", |t| t.body.as_ref(), 30),
            connect: timeout("connect", |t| t.connect.as_ref(), 3),
            lease: timeout("lease", |t| t.lease.as_ref(), 1),
            origin: timeout("origin", |t| t.origin.as_ref(), 60),
        }
    }
}
