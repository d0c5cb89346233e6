//! Whose addresses recordings are fetched from: an address comes in a message, and leads to its carrier's own hosts or nowhere.

use url::{Host, Url};

use super::refused::Refused;
use crate::call::CarrierName;

/// One that a carrier keeps recordings at.
enum Pattern {
    /// This host, and those below it.
    Domain(&'static str),
    /// What lies in the buckets of Amazon S3 whose names begin so.
    Bucket(&'static str),
}

/// Where S3 is reached, with the region in between where one is named: `s3.eu-west-1.amazonaws.com`.
const S3: &str = "amazonaws.com";

/// An address that a recording may be fetched from: https, and of its carrier's own.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: Url,
    host: String,
}

impl Address {
    /// # Errors
    /// [`Refused`] where it leads elsewhere. `own`: a further host of the carrier's, as configured.
    pub fn of(carrier: CarrierName, own: Option<&str>, text: &str) -> Result<Self, Refused> {
        Address::at(carrier, own, Url::parse(text).map_err(|_| Refused::NoAddress)?)
    }

    /// Where an answer leads on to.
    ///
    /// # Errors
    /// [`Refused`] where that is elsewhere.
    pub fn leading_to(
        &self,
        carrier: CarrierName,
        own: Option<&str>,
        location: &str,
    ) -> Result<Self, Refused> {
        Address::at(carrier, own, self.url.join(location).map_err(|_| Refused::NoAddress)?)
    }

    fn at(carrier: CarrierName, own: Option<&str>, mut url: Url) -> Result<Self, Refused> {
        let Some(Host::Domain(host)) = url.host() else { return Err(Refused::NoAddress) };
        let host = host.to_ascii_lowercase();
        if url.scheme() != "https" || url.port().is_some() || has_user(&url) {
            return Err(Refused::NoAddress);
        }
        let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(&host))
            || patterns(carrier).iter().any(|pattern| pattern.matches(&host, url.path()));
        if !is_own {
            return Err(Refused::Elsewhere(host));
        }
        url.set_fragment(None);
        Ok(Address { url, host })
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// Path and query, as the request asks for them.
    pub fn target(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }

    /// How the last part of the path goes on behind its last dot.
    pub fn extension(&self) -> Option<&str> {
        let name = self.url.path_segments()?.next_back()?;
        name.rsplit_once('.').map(|(_, extension)| extension).filter(|extension| !extension.is_empty())
    }

    /// The same with this extension, where it has none.
    pub fn with_extension(mut self, extension: &str) -> Self {
        if self.extension().is_none() {
            let path = format!("{}.{extension}", self.url.path());
            self.url.set_path(&path);
        }
        self
    }
}

impl Pattern {
    fn matches(&self, host: &str, path: &str) -> bool {
        match self {
            Pattern::Domain(domain) => host == *domain || is_below(host, domain),
            Pattern::Bucket(start) => match host.strip_suffix(S3).and_then(|host| host.strip_suffix('.')) {
                // The bucket is the first part of the path, or the first of the host's name.
                Some(below) if below == "s3" || below.starts_with("s3.") || below.starts_with("s3-") => {
                    path.trim_start_matches('/').starts_with(start)
                }
                Some(below) => {
                    below.starts_with(start)
                        && below.split_once('.').is_some_and(|(_, rest)| {
                            rest == "s3" || rest.starts_with("s3.") || rest.starts_with("s3-")
                        })
                }
                None => false,
            },
        }
    }
}

/// Whether a carrier's account is named to this host. Recordings elsewhere are signed by their address, or public.
pub(super) fn takes_credentials(carrier: CarrierName, own: Option<&str>, host: &str) -> bool {
    let is_own = || own.is_some_and(|own| own.eq_ignore_ascii_case(host));
    match carrier {
        CarrierName::Twilio => is_api(host, "twilio.com"),
        CarrierName::SignalWire => is_own(),
        CarrierName::Telnyx => host == "api.telnyx.com",
        CarrierName::Plivo => matches!(host, "api.plivo.com" | "media.plivo.com"),
        CarrierName::Vonage => is_api(host, "nexmo.com") || is_api(host, "vonage.com"),
        CarrierName::Bandwidth => host == "voice.bandwidth.com",
        CarrierName::Pbx => false,
    }
}

/// Of the regions that carriers have, each has an API of its own: `api-eu.vonage.com`, `api.dublin.ie1.twilio.com`.
fn is_api(host: &str, domain: &str) -> bool {
    is_below(host, domain) && (host.starts_with("api.") || host.starts_with("api-"))
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|below| below.ends_with('.') && below.len() > 1)
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// SignalWire keeps them at `files.signalwire.com` and at each space; Telnyx in a bucket of Amazon's.
fn patterns(carrier: CarrierName) -> &'static [Pattern] {
    match carrier {
        CarrierName::Twilio => &[Pattern::Domain("twilio.com")],
        CarrierName::SignalWire => &[Pattern::Domain("signalwire.com")],
        CarrierName::Telnyx => &[Pattern::Domain("telnyx.com"), Pattern::Bucket("telephony-recorder-")],
        CarrierName::Plivo => &[Pattern::Domain("plivo.com")],
        CarrierName::Vonage => &[Pattern::Domain("nexmo.com"), Pattern::Domain("vonage.com")],
        CarrierName::Bandwidth => &[Pattern::Domain("bandwidth.com")],
        CarrierName::Pbx => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(carrier: CarrierName, text: &str) -> Option<Refused> {
        Address::of(carrier, None, text).err()
    }

    #[test]
    fn a_recording_is_fetched_from_its_own_carriers_hosts_only() {
        use CarrierName::{Bandwidth, Pbx, Plivo, SignalWire, Telnyx, Twilio, Vonage};
        for (carrier, own) in [
            (Twilio, "https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0"),
            (Twilio, "https://API.Twilio.com/RE0"),
            (Twilio, "https://api.dublin.ie1.twilio.com/RE0"),
            (SignalWire, "https://files.signalwire.com/a/b.mp3"),
            (SignalWire, "https://example.signalwire.com/api/laml/RE0"),
            (Telnyx, "https://api.telnyx.com/v2/recordings/0"),
            (Telnyx, "https://s3.amazonaws.com/telephony-recorder-prod/a/b.wav?X-Amz-Signature=0"),
            (Telnyx, "https://s3.eu-west-1.amazonaws.com/telephony-recorder-eu/b.wav"),
            (Telnyx, "https://telephony-recorder-prod.s3.us-east-1.amazonaws.com/b.wav"),
            (Plivo, "https://media.plivo.com/v1/Account/MA0/Recording/0.mp3"),
            (Vonage, "https://api-eu.vonage.com/v1/files/0"),
            (Vonage, "https://api.nexmo.com/v1/files/0"),
            (Bandwidth, "https://voice.bandwidth.com/api/v2/accounts/0/media"),
        ] {
            assert_eq!(refused(carrier, own), None, "{own}");
        }
        for (carrier, other) in [
            (Twilio, "https://twilio.com.evil.example/RE0"),
            (Twilio, "https://eviltwilio.com/RE0"),
            (Twilio, "https://.twilio.com/RE0"),
            (SignalWire, "https://api.twilio.com/RE0"),
            (Telnyx, "https://s3.amazonaws.com/somebody/telephony-recorder-prod/b.wav"),
            (Telnyx, "https://telephony-recorder-prod.evil.amazonaws.com/b.wav"),
            (Telnyx, "https://telephony-recorder-prod.s3.amazonaws.com.evil.example/b.wav"),
            (Telnyx, "https://somebody.s3.amazonaws.com/telephony-recorder-prod/b.wav"),
            (Pbx, "https://pbx.example.com/b.wav"),
        ] {
            assert!(refused(carrier, other).is_some(), "{other}");
        }
    }

    #[test]
    fn what_is_no_https_address_of_a_host_is_none() {
        for wrong in [
            "RE0",
            "http://api.twilio.com/RE0",
            "https://api.twilio.com:8443/RE0",
            "https://me:you@api.twilio.com/RE0",
            "https://me@api.twilio.com/RE0",
            "https://127.0.0.1/RE0",
            "https://[::1]/RE0",
            "https://0x7f000001/RE0",
            "file:///etc/passwd",
        ] {
            assert_eq!(refused(CarrierName::Twilio, wrong), Some(Refused::NoAddress), "{wrong}");
        }
        let first = Address::of(CarrierName::Twilio, None, "https://api.twilio.com/a/RE0?b=c#d").unwrap();
        assert_eq!(first.target(), "/a/RE0?b=c");
        let next =
            |location| first.leading_to(CarrierName::Twilio, None, location).map(|next| next.url.to_string());
        assert_eq!(next("RE1.mp3"), Ok("https://api.twilio.com/a/RE1.mp3".to_owned()));
        assert_eq!(next("http://api.twilio.com/"), Err(Refused::NoAddress));
        assert_eq!(next("//169.254.169.254/"), Err(Refused::NoAddress));
        assert_eq!(next("https://evil.example/"), Err(Refused::Elsewhere("evil.example".to_owned())));
    }

    #[test]
    fn an_address_without_an_extension_is_given_one() {
        let address = |text| Address::of(CarrierName::Twilio, None, text).unwrap().with_extension("mp3");
        assert_eq!(address("https://api.twilio.com/v1.0/RE0?a=b").target(), "/v1.0/RE0.mp3?a=b");
        assert_eq!(address("https://api.twilio.com/RE0.wav").target(), "/RE0.wav");
    }

    #[test]
    fn an_account_is_named_to_its_carriers_api_alone() {
        use CarrierName::{Plivo, SignalWire, Telnyx, Twilio, Vonage};
        let space = Some("example.signalwire.com");
        for (carrier, host, takes) in [
            (Twilio, "api.twilio.com", true),
            (Twilio, "api.dublin.ie1.twilio.com", true),
            (Twilio, "www.twilio.com", false),
            (SignalWire, "example.signalwire.com", true),
            (SignalWire, "other.signalwire.com", false),
            (Telnyx, "s3.amazonaws.com", false),
            (Plivo, "media.plivo.com", true),
            (Vonage, "api-us.nexmo.com", true),
            (Vonage, "www.vonage.com", false),
        ] {
            assert_eq!(takes_credentials(carrier, space, host), takes, "{host}");
        }
    }
}
