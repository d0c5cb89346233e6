//! People who are no visitors: staff, and others whom a site does not count.

use std::net::IpAddr;

use http::{HeaderMap, header};
use ipnet::IpNet;

use super::cookie;
use super::rule::{Pattern, take_in};
use super::visitor::Visitor;

/// Whom a site does not count. Nothing is leased for them and nothing is kept of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusion {
    pub addresses: Vec<IpNet>,
    /// Globs on the User-Agent.
    pub user_agents: Vec<Pattern>,
    /// Whoever has a cookie of this name.
    pub cookie: Option<String>,
}

impl Exclusion {
    /// Who makes a request, by its headers and by what the site says of its own people. `because`, where given, receives the
    /// reasons.
    pub fn visitor(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
        mut because: Option<&mut Vec<String>>,
    ) -> Visitor {
        let visitor = Visitor::of(headers, because.as_deref_mut());
        let reason = visitor.may_have_session().then(|| self.reason(headers, address));
        match reason.flatten() {
            Some(reason) => {
                because.into_iter().for_each(|because| because.push(reason.clone()));
                Visitor::Excluded
            }
            None => visitor,
        }
    }

    /// Why a request is not counted, if it isn't.
    fn reason(&self, headers: &HeaderMap, address: IpAddr) -> Option<String> {
        let address = address.to_canonical();
        if let Some(network) = self.addresses.iter().find(|network| network.contains(&address)) {
            return Some(format!("the site excludes the address {address}, by {network}"));
        }
        if !self.user_agents.is_empty() {
            let user_agent = headers.get(header::USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
            if take_in(&self.user_agents, &String::from_utf8_lossy(user_agent)) {
                return Some("the site excludes this User-Agent".to_owned());
            }
        }
        let cookie = self.cookie.as_deref()?;
        cookie::values(headers, cookie)
            .next()
            .map(|_| format!("the site excludes whoever has the cookie {cookie}"))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn staff_are_known_by_address_user_agent_or_cookie() {
        let exclusion = Exclusion {
            addresses: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            user_agents: vec![Pattern::new("*InternalMonitor*")],
            cookie: Some("staff".to_owned()),
        };
        let headers = |name: header::HeaderName, value: &'static str| {
            HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
        };
        let outside: IpAddr = "198.51.100.7".parse().unwrap();
        let excluded = |headers: &HeaderMap, address| exclusion.reason(headers, address).is_some();
        let nothing = HeaderMap::new();
        assert!(excluded(&nothing, "192.0.2.9".parse().unwrap()));
        assert!(excluded(&nothing, "::ffff:192.0.2.9".parse().unwrap()), "mapped into IPv6");
        assert!(excluded(&nothing, "2001:db8::1".parse().unwrap()) && !excluded(&nothing, outside));
        assert!(excluded(&headers(header::USER_AGENT, "Mozilla/5.0 internalmonitor/2"), outside));
        assert!(!excluded(&headers(header::USER_AGENT, "Mozilla/5.0"), outside));
        let bytes = HeaderValue::from_bytes(b"InternalMonitor \xe9").unwrap();
        assert!(excluded(&HeaderMap::from_iter([(header::USER_AGENT, bytes)]), outside));
        assert!(excluded(&headers(header::COOKIE, "a=1; staff="), outside));
        assert!(!excluded(&headers(header::COOKIE, "notstaff=1"), outside));
        assert_eq!(Exclusion::default().reason(&nothing, outside), None);
    }
}
