//! An authority of the tests' own, and the certificates that it issues.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SignatureAlgorithm, date_time_ymd,
};
use rustls::RootCertStore;

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: rcgen::Certificate,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "The tests' authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        Authority { issuer: Issuer::new(params, key), root }
    }

    /// What clients trust who trust it.
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        roots
    }

    /// Its own certificate, in a file.
    pub fn write_root(&self, path: &Path) {
        std::fs::write(path, self.root.pem()).unwrap();
    }

    /// A certificate for these names, in files called so.
    pub fn issue(&self, folder: &Path, called: &str, names: &[&str]) -> Pair {
        self.issue_as(folder, called, names, |params| params, &rcgen::PKCS_ECDSA_P256_SHA256)
    }

    /// The same of another kind.
    pub fn issue_as(
        &self,
        folder: &Path,
        called: &str,
        names: &[&str],
        change: impl FnOnce(CertificateParams) -> CertificateParams,
        algorithm: &'static SignatureAlgorithm,
    ) -> Pair {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = change(CertificateParams::new(names).unwrap());
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let pair =
            Pair { cert: folder.join(format!("{called}.pem")), key: folder.join(format!("{called}.key")) };
        std::fs::write(&pair.cert, certificate.pem() + &self.root.pem()).unwrap();
        std::fs::write(&pair.key, key.serialize_pem()).unwrap();
        pair
    }
}

/// A certificate that was good for one day, long ago.
pub fn expired(mut params: CertificateParams) -> CertificateParams {
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2020, 1, 2));
    params
}

/// The files of a certificate and its key.
#[derive(Clone, Debug)]
pub struct Pair {
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl Pair {
    /// As a configuration names it.
    pub fn written(&self) -> String {
        format!("{{ cert = {:?}, key = {:?} }}", self.cert, self.key)
    }

    /// What stands in the first file.
    pub fn chain(&self) -> String {
        std::fs::read_to_string(&self.cert).unwrap()
    }
}

/// The server's part of a configuration that listens for TLS with these certificates.
pub fn listening<const N: usize>(pairs: [&Pair; N]) -> String {
    let pairs = pairs.map(Pair::written).join(", ");
    format!("listen_tls = [\"127.0.0.1:0\"]\ntls.certificates = [{pairs}]")
}
