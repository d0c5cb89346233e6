//! Crawlers that say they are Google's or Bing's, and whether their addresses bear that out.
//!
//! It owns the claim and what proves it, and asks nobody itself: a name server answers too late for a page.

use std::io;
use std::net::IpAddr;

use crate::visit::text::{contains, is_of_domain};

/// Whose crawler somebody says to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    Google,
    Bing,
}

/// What the address says to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// It is one of theirs.
    Theirs,
    /// It is somebody else's.
    Others,
    /// No name server could tell.
    Unknown,
}

impl Claim {
    /// What the User-Agent of a machine claims; none where it claims nothing that could be checked.
    pub fn of(user_agent: &[u8]) -> Option<Self> {
        let says = |words: &[&str]| words.iter().any(|word| contains(user_agent, word.as_bytes()));
        if says(&["google"]) {
            Some(Claim::Google)
        } else if says(&["bingbot", "bingpreview", "adidxbot", "msnbot", "microsoftpreview"]) {
            Some(Claim::Bing)
        } else {
            None
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Claim::Google => "google",
            Claim::Bing => "bing",
        }
    }

    /// Domains that the names of their crawlers' addresses lie below (Google Search Central, "Verify requests from Google
    /// crawlers and fetchers"; Bing Webmaster Tools, "Verify Bingbot").
    fn domains(self) -> &'static [&'static str] {
        match self {
            Claim::Google => &["googlebot.com", "google.com", "gae.googleusercontent.com"],
            Claim::Bing => &["search.msn.com"],
        }
    }

    /// Looks the address up, and the name that it has: the address is theirs if the name lies below one of their domains, and
    /// leads back to the address. Anybody may give an address of his own somebody else's name.
    pub fn verify(
        self,
        address: IpAddr,
        name_of: impl FnOnce(IpAddr) -> io::Result<String>,
        addresses_of: impl FnOnce(&str) -> io::Result<Vec<IpAddr>>,
    ) -> Address {
        let Ok(name) = name_of(address) else { return Address::Unknown };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let is_below =
            |domain: &&str| !name.starts_with('.') && name != **domain && is_of_domain(&name, domain);
        if !self.domains().iter().any(is_below) {
            return Address::Others;
        }
        match addresses_of(&name) {
            Ok(addresses) if addresses.contains(&address) => Address::Theirs,
            Ok(_) => Address::Others,
            Err(_) => Address::Unknown,
        }
    }
}

impl Address {
    pub fn name(self) -> &'static str {
        match self {
            Address::Theirs => "theirs",
            Address::Others => "others",
            Address::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_what_a_machine_says_of_itself() {
        let of = |user_agent: &str| Claim::of(user_agent.as_bytes());
        assert_eq!(
            of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
            Some(Claim::Google)
        );
        assert_eq!(of("AdsBot-Google (+http://www.google.com/adsbot.html)"), Some(Claim::Google));
        assert_eq!(
            of("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
            Some(Claim::Bing)
        );
        assert_eq!(of("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"), None);
    }

    #[test]
    fn an_address_is_theirs_if_its_name_leads_there_and_back() {
        let [theirs, others]: [IpAddr; 2] = ["66.249.66.1".parse().unwrap(), "192.0.2.7".parse().unwrap()];
        let verify = |claim: Claim, address: IpAddr, name: Option<&str>, back: Option<IpAddr>| {
            let lost = || io::Error::from(io::ErrorKind::TimedOut);
            let name_of = |_| name.map(str::to_owned).ok_or_else(lost);
            claim.verify(address, name_of, |_| back.map(|address| vec![address]).ok_or_else(lost))
        };
        let crawl = Some("crawl-66-249-66-1.googlebot.com.");
        for (claim, address, name, back, verdict) in [
            (Claim::Google, theirs, crawl, Some(theirs), Address::Theirs),
            (Claim::Google, others, crawl, Some(theirs), Address::Others),
            (Claim::Google, theirs, crawl, None, Address::Unknown),
            (Claim::Google, theirs, None, Some(theirs), Address::Unknown),
            (Claim::Google, others, Some("host.example.org"), Some(others), Address::Others),
            (Claim::Google, others, Some("notgooglebot.com"), Some(others), Address::Others),
            (Claim::Google, others, Some(".googlebot.com"), Some(others), Address::Others),
            (Claim::Google, others, Some(""), Some(others), Address::Others),
            // A machine that anybody may rent.
            (
                Claim::Google,
                others,
                Some("7.2.0.192.bc.googleusercontent.com"),
                Some(others),
                Address::Others,
            ),
            (Claim::Bing, theirs, Some("msnbot-1.search.msn.com"), Some(theirs), Address::Theirs),
            (Claim::Bing, theirs, crawl, Some(theirs), Address::Others),
        ] {
            assert_eq!(verify(claim, address, name, back), verdict, "{claim:?} {name:?} {back:?}");
        }
    }
}
