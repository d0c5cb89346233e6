//! Which trace a request says that it is part of: `traceparent` and `tracestate` (W3C Trace Context).

use http::{HeaderMap, HeaderName};
use opentelemetry::trace::{SpanId, TraceId, TraceState};

pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(super) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// "The caller may have recorded trace data" (Level 1 §3.2.2.5.1).
pub(super) const SAMPLED: u8 = 0b01;

/// The trace's id is random (Level 2 §3.2.2.5.2): said on by whoever keeps the id.
pub(super) const RANDOM: u8 = 0b10;

/// Bytes of a version 00 header: versions to come may go on behind these.
const LENGTH: usize = 55;

/// The caller's own part of the trace.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parent {
    pub trace: TraceId,
    pub span: SpanId,
    /// [`SAMPLED`] and [`RANDOM`]; what others there may be is not passed on.
    pub flags: u8,
    pub state: TraceState,
}

impl Parent {
    /// None: a trace begins here. So it does where the header stands there twice, or is none (Level 1 §4.3).
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(TRACEPARENT).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return None };
        let (trace, span, flags) = read(line.to_str().ok()?)?;
        // What is wrong with the state is nothing to the trace (Level 1 §4.3).
        let state = headers.get_all(TRACESTATE).iter().filter_map(|line| line.to_str().ok());
        let state = state.collect::<Vec<_>>().join(",").parse().unwrap_or_default();
        Some(Parent { trace, span, flags, state })
    }
}

/// Level 1 §3.2.2
fn read(line: &str) -> Option<(TraceId, SpanId, u8)> {
    let mut parts = line.split('-');
    let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let lengths = [version.len(), trace.len(), span.len(), flags.len()];
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if lengths != [2, 32, 16, 2] || version == "ff" || ![version, trace, span, flags].into_iter().all(is_hex)
    {
        return None;
    }
    if version == "00" && line.len() != LENGTH {
        return None;
    }
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let flags = u8::from_str_radix(flags, 16).ok()? & (SAMPLED | RANDOM);
    (trace != TraceId::INVALID && span != SpanId::INVALID).then_some((trace, span, flags))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn parent(parents: &[&str], states: &[&str]) -> Option<Parent> {
        let mut headers = HeaderMap::new();
        for (name, lines) in [(TRACEPARENT, parents), (TRACESTATE, states)] {
            for line in lines {
                headers.append(&name, HeaderValue::from_str(line).unwrap());
            }
        }
        Parent::of(&headers)
    }

    #[test]
    fn a_header_is_read_as_the_recommendation_writes_it() {
        for (flags, kept) in [("01", 1), ("00", 0), ("03", 3), ("02", 2), ("ff", 3), ("fd", 1)] {
            let read = parent(&[&format!("00-{TRACE}-{SPAN}-{flags}")], &[]).unwrap();
            assert_eq!((read.trace.to_string(), read.span.to_string()), (TRACE.to_owned(), SPAN.to_owned()));
            assert_eq!(read.flags, kept, "{flags}");
        }
        assert!(parent(&[&format!("cc-{TRACE}-{SPAN}-01-what-is-to-come")], &[]).is_some());
        assert!(parent(&[&format!("cc-{TRACE}-{SPAN}-01")], &[]).is_some());
    }

    #[test]
    fn what_is_none_begins_a_trace() {
        for wrong in [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("cc-{TRACE}-{SPAN}-01more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{}-01", SPAN.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-0g"),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
        ] {
            assert_eq!(parent(&[&wrong], &["a=1"]), None, "{wrong}");
        }
        let right = format!("00-{TRACE}-{SPAN}-01");
        assert_eq!(parent(&[&right, &right], &[]), None);
        assert_eq!(parent(&[], &["a=1"]), None);
    }

    #[test]
    fn the_state_is_one_list_over_all_lines_and_a_broken_one_is_left_out() {
        let right = format!("00-{TRACE}-{SPAN}-01");
        let state = |lines: &[&str]| parent(&[&right], lines).unwrap().state.header();
        assert_eq!(state(&["a=1, b=2", "c@v=3"]), "a=1,b=2,c@v=3");
        assert_eq!(state(&["no list"]), "");
    }
}
