//! Whether a person lets a site know them again. Asked at every request: who withdraws is a stranger at once.

use http::{HeaderMap, HeaderName};

use super::cookie;
use super::rule::Pattern;

const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// What a site takes for consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The cookie in which the site's consent tool keeps the answer.
    pub cookie: String,
    /// What the cookie says where it is yes, raw or percent-decoded.
    pub allows: Pattern,
    /// What is shown without it.
    pub without: Without,
    /// Global Privacy Control (`Sec-GPC: 1`) is no, whatever the cookie says.
    pub heeds_gpc: bool,
}

/// What somebody is shown who has not consented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// The static number of the visit's source.
    Static,
    Canonical,
}

impl Consent {
    /// Why a person is not to be known again; none where they consent.
    pub fn withheld(&self, headers: &HeaderMap) -> Option<&'static str> {
        if self.heeds_gpc && headers.get(SEC_GPC).is_some_and(|value| value.as_bytes().trim_ascii() == b"1") {
            return Some("Global Privacy Control is on: consent is withheld");
        }
        let mut answers = cookie::values(headers, &self.cookie).peekable();
        if answers.peek().is_none() {
            return Some("there is no consent cookie: consent is withheld");
        }
        let is_yes = answers.flat_map(cookie::readings).any(|answer| self.allows.matches(&answer));
        (!is_yes).then_some("the consent cookie does not allow it")
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn consent_is_what_the_cookie_says_raw_or_encoded_and_gpc_is_no() {
        let consent = Consent {
            cookie: "consent".to_owned(),
            allows: Pattern::new("*marketing:true*"),
            without: Without::Static,
            heeds_gpc: true,
        };
        let given = |cookie: &'static str, gpc: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            headers.extend(gpc.map(|value| (SEC_GPC, HeaderValue::from_static(value))));
            consent.withheld(&headers).is_none()
        };
        assert!(given("a=b; consent=necessary:true,marketing:true", None));
        assert!(given("consent=%7Bmarketing%3Atrue%7D", Some("0")));
        assert!(!given("consent=marketing:false", None) && !given("other=marketing:true", None));
        assert!(!given("consent=marketing:true", Some("1")));
        assert!(consent.withheld(&HeaderMap::new()).is_some());
    }
}
