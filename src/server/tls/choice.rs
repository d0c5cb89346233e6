//! Which certificate a client is shown, by the host that it names.

use std::collections::HashMap;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::sign::CertifiedKey;

use super::pair::Pair;

/// Certificates by the names that they are for.
#[derive(Debug, Default)]
pub(super) struct Choice {
    all: Vec<Arc<CertifiedKey>>,
    /// For one host each.
    hosts: HashMap<String, Vec<Arc<CertifiedKey>>>,
    /// For all hosts one label below a domain.
    domains: HashMap<String, Vec<Arc<CertifiedKey>>>,
}

impl Choice {
    /// Of these pairs; earlier ones come first.
    pub fn of<'p>(pairs: impl Iterator<Item = &'p Pair>) -> Self {
        let mut choice = Choice::default();
        for pair in pairs {
            choice.all.push(Arc::clone(&pair.key));
            for name in &pair.names {
                let known = match name.strip_prefix("*.") {
                    Some(domain) => choice.domains.entry(domain.to_owned()),
                    None => choice.hosts.entry(name.clone()),
                };
                known.or_default().push(Arc::clone(&pair.key));
            }
        }
        choice
    }

    /// The certificate for a client that names this host, in lower case, and understands these signatures: one for the very
    /// host before one for its domain (RFC 9525 §6.3). Where there is none, and where no host is named, the first of all.
    pub fn for_client(
        &self,
        host: Option<&str>,
        understood: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let host = host.map(|host| host.trim_end_matches('.'));
        let of_host = host.and_then(|host| self.hosts.get(host));
        let of_domain = || host.and_then(|host| self.domains.get(host.split_once('.')?.1));
        let named = of_host.or_else(of_domain).unwrap_or(&self.all);
        let is_understood = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(understood).is_some();
        named.iter().find(is_understood).or(named.first()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SignatureAlgorithm};

    use super::*;
    use crate::config::Certificate;

    fn pair(names: &[&str], algorithm: &'static SignatureAlgorithm) -> Pair {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
        let files = Certificate { cert: PathBuf::from("cert.pem"), key: PathBuf::from("key.pem"), line: 1 };
        Pair::of_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes(), &files).unwrap()
    }

    const ALL: [SignatureScheme; 2] = [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ED25519];

    /// Which of these pairs a client is shown.
    fn shown<const N: usize>(pairs: &[Pair; N], host: Option<&str>, understood: &[SignatureScheme]) -> usize {
        let chosen = Choice::of(pairs.iter()).for_client(host, understood).unwrap();
        pairs.iter().position(|pair| Arc::ptr_eq(&pair.key, &chosen)).unwrap()
    }

    #[test]
    fn a_host_comes_before_its_domain_and_the_first_stands_in_for_all() {
        let ecdsa = &PKCS_ECDSA_P256_SHA256;
        let pairs = [
            pair(&["first.example"], ecdsa),
            pair(&["*.example.com"], ecdsa),
            pair(&["example.com", "www.example.com"], ecdsa),
            pair(&["www.example.com"], ecdsa),
        ];
        for (host, expected) in [
            ("www.example.com", 2),
            ("www.example.com.", 2),
            ("shop.example.com", 1),
            ("example.com", 2),
            ("a.b.example.com", 0),
            ("example.org", 0),
            ("com", 0),
        ] {
            assert_eq!(shown(&pairs, Some(host), &ALL), expected, "{host}");
        }
        assert_eq!(shown(&pairs, None, &ALL), 0);
    }

    #[test]
    fn of_two_for_a_host_a_client_is_shown_one_whose_signature_it_understands() {
        let names = ["www.example.com"];
        let pairs = [pair(&names, &PKCS_ED25519), pair(&names, &PKCS_ECDSA_P256_SHA256)];
        assert_eq!(shown(&pairs, Some("www.example.com"), &ALL), 0);
        assert_eq!(shown(&pairs, Some("www.example.com"), &ALL[..1]), 1);
        assert_eq!(shown(&pairs, None, &ALL[..1]), 1);
        assert_eq!(shown(&pairs, None, &[]), 0);
    }
}
