//! A line of the access log, and the two forms that it takes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use http::{Method, StatusCode};
use serde::{Serialize, Serializer};

use super::ended::End;
use crate::clock::Timestamp;

/// A request and how it was answered. Whatever of it comes from outside is redacted and escaped.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    /// When its head had come.
    #[serde(serialize_with = "to_the_millisecond")]
    pub time: Timestamp,
    pub client: IpAddr,
    #[serde(serialize_with = "by_name")]
    pub method: Method,
    pub host: String,
    #[serde(rename = "path")]
    pub target: String,
    pub version: Version,
    /// http, or https where the client came over TLS.
    pub scheme: &'static str,
    /// None: nobody waited for it.
    pub status: Option<u16>,
    /// Of the body, as it was sent.
    pub bytes: u64,
    /// To the last byte.
    #[serde(rename = "seconds")]
    pub whole: f64,
    /// To the response's head.
    #[serde(rename = "first_byte_seconds")]
    pub first_byte: Option<f64>,
    pub end: Option<End>,
    pub site: Option<Box<str>>,
    /// Host and port.
    pub origin: Option<String>,
    pub origin_status: Option<u16>,
    pub origin_seconds: Option<f64>,
    pub origin_error: Option<&'static str>,
    pub visitor: Option<&'static str>,
    pub channel: Option<&'static str>,
    /// It showed a tracking number.
    pub shown: bool,
    pub carrier: Option<&'static str>,
    pub request_id: String,
    pub trace_id: Option<String>,
}

/// That of HTTP, which the request was made in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) enum Version {
    #[serde(rename = "1.0")]
    Http10,
    #[default]
    #[serde(rename = "1.1")]
    Http11,
    #[serde(rename = "2")]
    Http2,
}

impl Version {
    pub fn of(version: http::Version) -> Self {
        match version {
            http::Version::HTTP_2 => Version::Http2,
            http::Version::HTTP_11 => Version::Http11,
            _ => Version::Http10,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Version::Http10 => "1.0",
            Version::Http11 => "1.1",
            Version::Http2 => "2",
        }
    }
}

impl Line {
    pub fn origin_answered(&mut self, origin: &str, status: StatusCode, after: Duration) {
        self.origin = Some(origin.to_owned());
        self.origin_status = Some(status.as_u16());
        self.origin_seconds = Some(seconds(after));
    }

    pub fn ended(&mut self, end: End, after: Duration, first_byte: Option<Duration>, bytes: u64) {
        self.end = Some(end);
        self.whole = seconds(after);
        self.first_byte = first_byte.map(seconds);
        self.bytes = bytes;
    }
}

impl Default for Line {
    fn default() -> Self {
        Line {
            time: Timestamp::NEVER,
            client: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            method: Method::GET,
            host: String::new(),
            target: String::new(),
            version: Version::default(),
            scheme: "http",
            status: None,
            bytes: 0,
            whole: 0.0,
            first_byte: None,
            end: None,
            site: None,
            origin: None,
            origin_status: None,
            origin_seconds: None,
            origin_error: None,
            visitor: None,
            channel: None,
            shown: false,
            carrier: None,
            request_id: String::new(),
            trace_id: None,
        }
    }
}

/// For people: the common log format, with the time as RFC 3339 has it; behind it names and values, as far as there are any.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} - - [{}] ", self.client, Milliseconds(self.time))?;
        write!(f, "\"{} {} HTTP/{}\" ", self.method, self.target, self.version.name())?;
        match self.status {
            Some(status) => write!(f, "{status} {}", self.bytes)?,
            None => write!(f, "- {}", self.bytes)?,
        }
        write!(f, " scheme={} host={} seconds={:.6}", self.scheme, or_dash(&self.host), self.whole)?;
        named(f, "first_byte", self.first_byte.map(|seconds| format!("{seconds:.6}")))?;
        named(f, "end", self.end.map(End::name))?;
        named(f, "site", self.site.as_ref().map(|site| format!("{site:?}")))?;
        named(f, "origin", self.origin.as_ref())?;
        named(f, "origin_status", self.origin_status)?;
        named(f, "origin_seconds", self.origin_seconds.map(|seconds| format!("{seconds:.6}")))?;
        named(f, "origin_error", self.origin_error)?;
        named(f, "visitor", self.visitor)?;
        named(f, "channel", self.channel.map(|channel| format!("{channel:?}")))?;
        named(f, "shown", self.shown.then_some("yes"))?;
        named(f, "carrier", self.carrier)?;
        named(f, "request_id", Some(&self.request_id).filter(|id| !id.is_empty()))?;
        named(f, "trace_id", self.trace_id.as_ref())
    }
}

fn named(f: &mut fmt::Formatter<'_>, name: &str, value: Option<impl fmt::Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(f, " {name}={value}"))
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// To the microsecond.
fn seconds(duration: Duration) -> f64 {
    Duration::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)).as_secs_f64()
}

/// RFC 3339 in UTC, always with three digits behind the second.
struct Milliseconds(Timestamp);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_millisecond(self.0.0).unwrap_or(jiff::Timestamp::MIN);
        write!(f, "{instant:.3}")
    }
}

fn to_the_millisecond<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Milliseconds(*time))
}

fn by_name<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line() -> Line {
        let mut line = Line {
            time: Timestamp(1_000),
            client: "203.0.113.0".parse().unwrap(),
            host: "www.example.com".to_owned(),
            target: "/contact?gclid=*".to_owned(),
            status: Some(200),
            site: Some("Plumber & Co.".into()),
            visitor: Some("person"),
            channel: Some("Paid Search"),
            shown: true,
            request_id: "7f3c".to_owned(),
            ..Line::default()
        };
        line.origin_answered("127.0.0.1:8000", StatusCode::OK, Duration::from_micros(1_500));
        line.ended(End::Complete, Duration::from_millis(3), Some(Duration::from_millis(2)), 5120);
        line
    }

    #[test]
    fn the_text_begins_as_the_common_log_format_does() {
        let expected = "203.0.113.0 - - [1970-01-01T00:00:01.000Z] \"GET /contact?gclid=* HTTP/1.1\" 200 5120 \
             scheme=http host=www.example.com seconds=0.003000 first_byte=0.002000 end=complete site=\"Plumber & Co.\" \
             origin=127.0.0.1:8000 origin_status=200 origin_seconds=0.001500 visitor=person channel=\"Paid Search\" \
             shown=yes request_id=7f3c";
        assert_eq!(line().to_string(), expected);
        let unanswered = Line { client: "2001:db8::".parse().unwrap(), ..Line::default() }.to_string();
        assert!(unanswered.starts_with("2001:db8:: - - ["), "{unanswered}");
        assert!(
            unanswered.ends_with("\"GET  HTTP/1.1\" - 0 scheme=http host=- seconds=0.000000"),
            "{unanswered}"
        );
    }

    #[test]
    fn in_json_every_name_is_always_there() {
        let value: Value = serde_json::to_value(line()).unwrap();
        let expected = json!({
            "time": "1970-01-01T00:00:01.000Z", "client": "203.0.113.0", "method": "GET", "host": "www.example.com",
            "path": "/contact?gclid=*", "version": "1.1", "scheme": "http", "status": 200, "bytes": 5120, "seconds": 0.003,
            "first_byte_seconds": 0.002, "end": "complete", "site": "Plumber & Co.", "origin": "127.0.0.1:8000",
            "origin_status": 200, "origin_seconds": 0.0015, "origin_error": null, "visitor": "person",
            "channel": "Paid Search", "shown": true, "carrier": null, "request_id": "7f3c", "trace_id": null,
        });
        assert_eq!(value, expected);
        let bare = serde_json::to_value(Line::default()).unwrap();
        assert_eq!(bare.as_object().unwrap().len(), expected.as_object().unwrap().len());
    }
}
