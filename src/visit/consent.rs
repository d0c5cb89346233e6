//! Whether a person lets a site know them again. Asked at every request: who withdraws is a stranger at once.

use http::{HeaderMap, HeaderName};

use super::cookie;
use super::rule::Pattern;

const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// What a site takes for consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// None: nobody is asked, and Global Privacy Control alone is heeded.
    pub answer: Option<Answer>,
    /// What is shown without it.
    pub without: Without,
    /// Global Privacy Control (`Sec-GPC: 1`) is no, whatever the cookie says.
    pub heeds_gpc: bool,
}

/// What a person has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The cookie in which the site's consent tool keeps it.
    pub cookie: String,
    /// What the cookie says where it is yes, raw or percent-decoded; with a leading `!`, where it is no.
    pub allows: Pattern,
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
        let answer = self.answer.as_ref()?;
        let mut values = cookie::values(headers, &answer.cookie).peekable();
        if values.peek().is_none() {
            return Some("there is no consent cookie: consent is withheld");
        }
        // One left over from another path or domain must not outlive a no.
        (!values.all(|value| answer.is_yes(value))).then_some("the consent cookie does not allow it")
    }
}

impl Answer {
    fn is_yes(&self, value: &str) -> bool {
        cookie::readings(value).any(|reading| self.allows.matches(&reading)) != self.allows.negated
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn consent_is_what_the_cookie_says_raw_or_encoded_and_gpc_is_no() {
        let consent = consent(Some("*marketing:true*"));
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
        for cookie in ["consent=marketing:true; consent=no", "consent=no; consent=marketing:true"] {
            assert!(!given(cookie, None), "{cookie}");
        }
    }

    #[test]
    fn consent_may_be_whatever_is_not_a_no_and_gpc_may_be_all_that_is_heeded() {
        let withheld = |consent: &Consent, name: HeaderName, value: &'static str| {
            consent.withheld(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))])).is_some()
        };
        let unless_denied = consent(Some("!*deny*"));
        assert!(withheld(&unless_denied, header::COOKIE, "consent=deny"));
        assert!(withheld(&unless_denied, header::COOKIE, "consent=%64eny"));
        assert!(!withheld(&unless_denied, header::COOKIE, "consent=allow"));
        assert!(
            withheld(&unless_denied, header::COOKIE, "other=allow"),
            "who has not answered has not consented"
        );
        let gpc = consent(None);
        assert!(withheld(&gpc, SEC_GPC, "1") && !withheld(&gpc, SEC_GPC, "0"));
        assert!(!withheld(&gpc, header::COOKIE, "consent=deny"));
    }

    fn consent(allows: Option<&str>) -> Consent {
        let answer = |allows| Answer { cookie: "consent".to_owned(), allows: Pattern::new(allows) };
        Consent { answer: allows.map(answer), without: Without::Static, heeds_gpc: true }
    }
}
