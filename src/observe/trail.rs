//! One request, followed from when it came to when its response has ended or broken off.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;

use super::access::Form;
use super::counts::Traffic;
use super::ended::End;
use super::followed::Followed;
use super::line::{Line, Version};
use super::parent::Parent;
use super::request_id::{self, X_REQUEST_ID};
use super::trace::{Context, Trace};
use super::{Observer, Setting, redacted};
use crate::clock::Timestamp;

/// What is known of a request. Once it is dropped, that is written and counted: a request whose answer nobody waited for too.
pub struct Trail {
    observer: Arc<Observer>,
    began: Instant,
    id: HeaderValue,
    /// Its answer has no body, whatever its headers say (RFC 9110 §9.3.2).
    is_head: bool,
    traffic: Option<Arc<Traffic>>,
    origin: Option<Asked>,
    /// To the response's head.
    first_byte: Option<Duration>,
    bytes: u64,
    end: Option<End>,
    /// None: traces are sent nowhere.
    trace: Option<Box<Trace>>,
    /// What the access log is to say, or a trace; nobody notes it where nobody reads it.
    told: Option<Box<Told>>,
}

/// The origin was asked.
struct Asked {
    at: Instant,
    /// To the head of its answer.
    took: Option<Duration>,
}

/// What they say beside.
struct Told {
    /// None: no access log.
    form: Option<Form>,
    line: Line,
    shown: Arc<AtomicBool>,
}

/// What the origin is told of the request, for its own logs.
#[derive(Debug, Default)]
pub struct Correlation {
    id: Option<HeaderValue>,
    trace: Option<Context>,
}

impl Correlation {
    /// Writes it in place of what others wrote there.
    pub fn write(&self, headers: &mut HeaderMap) {
        if let Some(id) = &self.id {
            headers.insert(X_REQUEST_ID, id.clone());
        }
        if let Some(trace) = &self.trace {
            trace.write(headers);
        }
    }
}

impl Trail {
    pub(super) fn begin<B>(
        observer: Arc<Observer>,
        setting: &Setting,
        request: &Request<B>,
        peer: IpAddr,
        tls: bool,
    ) -> Self {
        let id = request_id::of(request.headers(), setting.trusts(peer));
        let collector = setting.collector.as_ref();
        let trace = collector.map(|collector| Box::new(Trace::of(request.headers(), Arc::clone(collector))));
        let is_told = setting.form.is_some() || trace.as_ref().is_some_and(|trace| trace.is_sampled());
        let told = is_told.then(|| Box::new(Told::of(setting.form, request, &id, trace.as_deref())));
        let mut trail = Trail {
            observer,
            began: Instant::now(),
            id,
            is_head: *request.method() == Method::HEAD,
            traffic: None,
            origin: None,
            first_byte: None,
            bytes: 0,
            end: None,
            trace,
            told,
        };
        trail.client(|| peer, tls);
        trail
    }

    /// Whom it is for: the site of this name.
    pub fn site(&mut self, name: &str) {
        self.traffic = Some(self.observer.traffic(name));
    }

    /// The carrier in whose name it comes.
    pub fn carrier(&mut self, name: Option<&'static str>) {
        if let Some(told) = &mut self.told {
            told.line.carrier = name;
        }
    }

    /// Who makes it: the kind of visitor, and the channel of their session where they have one.
    pub fn visitor(&mut self, kind: &'static str, channel: Option<&'static str>) {
        if let Some(told) = &mut self.told {
            (told.line.visitor, told.line.channel) = (Some(kind), channel);
        }
    }

    /// From which address the client comes, asked for only where it is noted, and whether over TLS: as proxies before us tell it.
    pub fn client(&mut self, address: impl FnOnce() -> IpAddr, tls: bool) {
        if let Some(told) = &mut self.told {
            told.line.client = redacted::network(address());
            told.line.scheme = if tls { "https" } else { "http" };
        }
    }

    /// To be set once the response shows a tracking number; none where nobody is told.
    pub fn shown(&self) -> Option<Arc<AtomicBool>> {
        self.told.as_ref().map(|told| Arc::clone(&told.shown))
    }

    /// The origin is asked from here on, and is to be told this.
    pub fn asks_origin(&mut self) -> Correlation {
        self.origin = Some(Asked { at: Instant::now(), took: None });
        let trace = self.trace.as_mut().map(|trace| trace.asks_origin());
        Correlation { id: Some(self.id.clone()), trace }
    }

    /// The head of its answer has come. `origin`: the host and port of the one that answered.
    pub fn origin_answered(&mut self, origin: &str, status: StatusCode) {
        let Some(asked) = &mut self.origin else { return };
        let took = asked.at.elapsed();
        asked.took = Some(took);
        if let Some(trace) = &mut self.trace {
            trace.origin_ended();
        }
        if let Some(traffic) = &self.traffic {
            traffic.origin_answered(took);
        }
        if let Some(told) = &mut self.told {
            told.line.origin_answered(origin, status, took);
        }
    }

    /// It hasn't answered as it should. `kind`: one of a few words.
    pub fn origin_failed(&mut self, kind: &'static str) {
        if let Some(traffic) = &self.traffic {
            traffic.origin_failed(kind);
        }
        if let Some(trace) = &mut self.trace {
            trace.origin_ended();
        }
        if let Some(told) = &mut self.told {
            told.line.origin_error = Some(kind);
        }
    }

    /// The response is ready, and followed from here on.
    pub fn leads_to<B: Body>(mut self, response: Response<B>) -> Response<Followed<B>> {
        let (status, after) = (response.status(), self.began.elapsed());
        self.first_byte = Some(after);
        if self.traffic.is_none() {
            self.site("");
        }
        if let Some(traffic) = &self.traffic {
            let origin = self.origin.as_ref().and_then(|asked| asked.took);
            traffic.begun(status.as_u16(), after, origin);
        }
        if let Some(told) = &mut self.told {
            told.line.status = Some(status.as_u16());
        }
        if self.is_head || has_no_body(status) {
            self.ends(End::Complete);
        }
        response.map(|body| Followed::new(body, self))
    }

    pub(super) fn sends(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// How it ended first is how it ended.
    pub(super) fn ends(&mut self, end: End) {
        self.end.get_or_insert(end);
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        let (end, after) = (self.end.unwrap_or(End::ClientGone), self.began.elapsed());
        if self.traffic.is_none() {
            self.site("");
        }
        if let Some(traffic) = &self.traffic {
            traffic.ended(end, after, self.bytes);
        }
        if let Some(told) = self.told.take() {
            let Told { form, mut line, shown } = *told;
            line.site = self
                .traffic
                .as_ref()
                .filter(|traffic| !traffic.site.is_empty())
                .map(|traffic| traffic.site.clone());
            line.shown = shown.load(Ordering::Relaxed);
            line.ended(end, after, self.first_byte, self.bytes);
            if let Some(trace) = self.trace.take() {
                trace.ends(&line);
            }
            if let Some(form) = form {
                self.observer.log.write(form, line);
            }
        }
    }
}

impl Told {
    fn of<B>(form: Option<Form>, request: &Request<B>, id: &HeaderValue, trace: Option<&Trace>) -> Self {
        let trace = trace.map(|trace| trace.id);
        let trace = trace.or_else(|| Parent::of(request.headers()).map(|parent| parent.trace));
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = request.uri().authority().map(|authority| authority.as_str()).or(host).unwrap_or_default();
        let line = Line {
            time: Timestamp::now(),
            method: request.method().clone(),
            host: redacted::host(host),
            target: redacted::target(request.uri()),
            version: Version::of(request.version()),
            request_id: id.to_str().unwrap_or_default().to_owned(),
            trace_id: trace.map(|trace| trace.to_string()),
            ..Line::default()
        };
        Told { form, line, shown: Arc::default() }
    }
}

/// RFC 9110 §6.4.1
fn has_no_body(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}
