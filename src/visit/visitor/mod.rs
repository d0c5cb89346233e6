//! Who makes a request, as far as its headers tell: a person, or one of the machines that read
//! pages; and whether the request opens a page at all. It owns the judgement, and refuses to look
//! at addresses: a header is enough to withhold a number, and no proof of anything.

mod claim;
mod common;
mod navigation;
mod vocabulary;
mod words;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, USER_AGENT};

use crate::visit::text::contains;
pub use claim::{Address, Claim};
pub use navigation::{Navigation, names_pages};
use vocabulary::VOCABULARY;

/// Headers that may announce a prefetch, as they are compared and as they are told.
const PURPOSES: [(&str, &str); 3] =
    [("sec-purpose", "Sec-Purpose"), ("purpose", "Purpose"), ("x-moz", "X-Moz")];

/// Who makes this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visitor {
    Person,
    /// Reads pages for an index, an archive or a study.
    Crawler,
    /// Draws the card of a link somebody shares, or looks behind a link in a letter.
    Preview,
    /// Measures whether the site is up, fast or correct.
    Monitor,
    /// An HTTP library, a script, a browser without a person.
    Tool,
    /// Reads pages to train a model, or to answer somebody who asked one.
    AiFetcher,
    /// A person's browser that fetches ahead of a click which may never come.
    Prefetch,
    /// A person whom the site does not count; never told from headers alone.
    Excluded,
}

impl Visitor {
    /// A person's User-Agent starts with `Mozilla/` or `Opera/`, names an engine, and names no
    /// machine. Everything else is a tool, or the machine it says it is.
    ///
    /// Prefetches come first, for their User-Agent is a person's: `Sec-Purpose` (Fetch standard, "The
    /// `Sec-Purpose` header"), and the older `Purpose` and `X-Moz`. `because`, where given, receives
    /// the reason.
    pub fn of(headers: &HeaderMap, because: Option<&mut Vec<String>>) -> Visitor {
        let (visitor, reason) = judge(headers);
        if let Some(because) = because {
            because.push(reason.sentence());
        }
        visitor
    }

    pub fn is_person(self) -> bool {
        self == Visitor::Person
    }

    /// Whether it is a person's browser, with a person before it or not, and may show a session's cookie.
    pub fn may_have_session(self) -> bool {
        matches!(self, Visitor::Person | Visitor::Prefetch)
    }

    pub fn name(self) -> &'static str {
        match self {
            Visitor::Person => "person",
            Visitor::Crawler => "crawler",
            Visitor::Preview => "preview",
            Visitor::Monitor => "monitor",
            Visitor::Tool => "tool",
            Visitor::AiFetcher => "ai_fetcher",
            Visitor::Prefetch => "prefetch",
            Visitor::Excluded => "excluded",
        }
    }
}

/// Why a visitor is who it is; made into a sentence only for whoever asks.
enum Reason<'h> {
    Purpose(&'static str),
    NoUserAgent,
    NotABrowser,
    NoEngine,
    Says(&'h [u8]),
    Browser,
}

impl Reason<'_> {
    fn sentence(&self) -> String {
        match self {
            Reason::Purpose(header) => format!("the header {header} announces a prefetch"),
            Reason::NoUserAgent => "there is no User-Agent".to_owned(),
            Reason::NotABrowser => "the User-Agent starts with neither Mozilla/ nor Opera/".to_owned(),
            Reason::NoEngine => "the User-Agent names no browser engine".to_owned(),
            Reason::Says(word) => {
                format!("the User-Agent says {:?}", String::from_utf8_lossy(word))
            }
            Reason::Browser => "the User-Agent is a browser's and names no machine".to_owned(),
        }
    }
}

fn judge(headers: &HeaderMap) -> (Visitor, Reason<'_>) {
    if let Some(purpose) = prefetch_purpose(headers) {
        return (Visitor::Prefetch, Reason::Purpose(purpose));
    }
    let user_agent = says(headers, &USER_AGENT).unwrap_or_default();
    if user_agent.is_empty() {
        return (Visitor::Tool, Reason::NoUserAgent);
    }
    let is_opera = user_agent.starts_with(b"Opera/");
    let found = VOCABULARY.read(user_agent);
    match found.machine {
        Some((visitor, word)) => (visitor, Reason::Says(word)),
        None if !is_opera && !user_agent.starts_with(b"Mozilla/") => (Visitor::Tool, Reason::NotABrowser),
        None if !is_opera && !found.engine => (Visitor::Tool, Reason::NoEngine),
        None => (Visitor::Person, Reason::Browser),
    }
}

/// The header that announces a prefetch. One walk over all of them is quicker than to look for three that are hardly ever
/// there.
fn prefetch_purpose(headers: &HeaderMap) -> Option<&'static str> {
    headers.iter().find_map(|(name, value)| {
        let name = PURPOSES.iter().find(|(purpose, _)| *purpose == name.as_str())?.1;
        let value = value.as_bytes();
        (contains(value, b"prefetch") || contains(value, b"prerender")).then_some(name)
    })
}

fn says<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    headers.get(name).map(HeaderValue::as_bytes)
}

#[cfg(test)]
mod tests;
