//! The address at which a carrier reaches us, as it signs it. It is configured, never taken from a request: whoever asks could
//! write anything there.

use std::fmt;

use url::Url;

/// Scheme and host, with a port and a path before ours where the carrier's address has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Without the slash at its end. As it is written, for that is how it is signed.
    written: String,
    /// The same with the port that is not written, or without the one that is.
    otherwise: String,
}

/// What a text is instead of such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    #[error("is no http:// or https:// address")]
    Address,
    #[error("has a query or a fragment")]
    Query,
    #[error("holds a password, which stands in no configuration")]
    Password,
}

impl PublicUrl {
    /// # Errors
    /// [`PublicUrlError`] where it is not `https://HOST`, or that with a port or a path.
    pub fn parse(written: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(written).map_err(|_| PublicUrlError::Address)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(PublicUrlError::Address);
        }
        if written.contains(['?', '#']) {
            return Err(PublicUrlError::Query);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PublicUrlError::Password);
        }
        let written = written.strip_suffix('/').unwrap_or(written);
        let otherwise = with_port_turned(written).ok_or(PublicUrlError::Address)?;
        Ok(PublicUrl { written: written.to_owned(), otherwise })
    }

    /// The whole address of a request, by its path and query.
    pub fn of(&self, target: &str) -> String {
        format!("{}{target}", self.written)
    }

    /// The same address with the scheme's own port where none is written, and without a port where one is: carriers leave it
    /// out, or put it in, before they sign.
    pub fn otherwise_of(&self, target: &str) -> String {
        format!("{}{target}", self.otherwise)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// None where it isn't written as a web address is: parsers take much that no carrier would sign, such as `https:/host`.
fn with_port_turned(written: &str) -> Option<String> {
    if written.contains(|c: char| !c.is_ascii_graphic() || c == '\\') {
        return None;
    }
    let (scheme, rest) = written.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // The colons of an IPv6 address stand within its brackets (RFC 3986 §3.2.2).
    let host_end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let authority = match authority[host_end..].find(':') {
        Some(colon) => authority[..host_end + colon].to_owned(),
        None if scheme.eq_ignore_ascii_case("https") => format!("{authority}:443"),
        None => format!("{authority}:80"),
    };
    Some(format!("{scheme}://{authority}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_it_is_written_and_known_with_its_port_turned() {
        for (written, of, otherwise) in [
            ("https://www.example.com", "https://www.example.com/a?b", "https://www.example.com:443/a?b"),
            ("https://www.example.com/", "https://www.example.com/a?b", "https://www.example.com:443/a?b"),
            ("http://Example.com", "http://Example.com/a?b", "http://Example.com:80/a?b"),
            ("https://example.com:8443", "https://example.com:8443/a?b", "https://example.com/a?b"),
            ("https://example.com:443", "https://example.com:443/a?b", "https://example.com/a?b"),
            ("https://example.com/dni/", "https://example.com/dni/a?b", "https://example.com:443/dni/a?b"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]/a?b", "https://[2001:db8::1]:443/a?b"),
            ("https://[2001:db8::1]:9/x", "https://[2001:db8::1]:9/x/a?b", "https://[2001:db8::1]/x/a?b"),
        ] {
            let url = PublicUrl::parse(written).unwrap();
            assert_eq!((url.of("/a?b"), url.otherwise_of("/a?b")), (of.to_owned(), otherwise.to_owned()));
        }
    }

    #[test]
    fn what_no_carrier_would_sign_is_no_address() {
        for (written, error) in [
            ("www.example.com", PublicUrlError::Address),
            ("", PublicUrlError::Address),
            ("ftp://example.com", PublicUrlError::Address),
            ("https:/example.com", PublicUrlError::Address),
            ("https:\\\\example.com", PublicUrlError::Address),
            ("https://", PublicUrlError::Address),
            ("https://exa mple.com", PublicUrlError::Address),
            (" https://example.com", PublicUrlError::Address),
            ("https://example.com/ü", PublicUrlError::Address),
            ("mailto:a@example.com", PublicUrlError::Address),
            ("https://example.com/?a=b", PublicUrlError::Query),
            ("https://example.com?", PublicUrlError::Query),
            ("https://example.com/#a", PublicUrlError::Query),
            ("https://me:secret@example.com", PublicUrlError::Password),
        ] {
            assert_eq!(PublicUrl::parse(written), Err(error), "{written}");
        }
    }
}
