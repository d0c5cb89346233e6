//! Certificates before they are served: whether each can be used, for how long, and whether every host has one.

use std::net::IpAddr;

use crate::clock::Timestamp;
use crate::config::{Acme, Certificate, Config, Finding, Severity};
use crate::server::tls::{Pair, PairError};

const CERTIFICATES: &str = "server.tls.certificates";

/// What is wrong with the certificates that a configuration names.
pub(super) fn findings(config: &Config) -> Vec<Finding> {
    let server = &config.server;
    if server.listen_tls.is_empty() {
        return unused(config).into_iter().collect();
    }
    let read: Vec<_> = server.tls.certificates.iter().map(|files| (files, Pair::load(files))).collect();
    let mut findings = Vec::new();
    for (files, pair) in &read {
        match pair {
            Ok(pair) => findings.extend(of_pair(config, files, pair)),
            Err(error) => findings.push(of_error(config, files, error)),
        }
    }
    let pairs: Vec<&Pair> = read.iter().filter_map(|(_, pair)| pair.as_ref().ok()).collect();
    let all_are_read = pairs.len() == read.len();
    let acme = server.tls.acme.as_ref();
    findings.extend(acme.iter().flat_map(|acme| covered_twice(config, acme, &pairs)));
    findings.extend(uncovered(config, &pairs).filter(|_| all_are_read));
    findings
}

fn unused(config: &Config) -> Option<Finding> {
    let tls = &config.server.tls;
    let line =
        tls.certificates.first().map(|files| files.line).or(tls.acme.as_ref().map(|acme| acme.line))?;
    let message = "is for nobody: no address is listened on for TLS";
    Some(warning(config, line, "server.tls", "", message, "name one: listen_tls = [\"0.0.0.0:443\"]"))
}

fn of_error(config: &Config, files: &Certificate, error: &PairError) -> Finding {
    let said = error.to_string();
    let (message, remedy) = said.rsplit_once("; ").unwrap_or((&said, ""));
    Finding { severity: Severity::Error, ..warning(config, files.line, CERTIFICATES, "", message, remedy) }
}

fn of_pair(config: &Config, files: &Certificate, pair: &Pair) -> Vec<Finding> {
    let now = Timestamp::now();
    let cert = format!("{:?}", files.cert);
    let say = |message: &str, remedy: &str| warning(config, files.line, CERTIFICATES, &cert, message, remedy);
    let mut findings = Vec::new();
    if pair.names.is_empty() {
        let message = "names no host: browsers read its subject alternative names only";
        findings.push(say(message, "have one issued that has them"));
    }
    match pair.ends(now) {
        Some(left) if left.is_zero() => {
            let message = format!("expired on {}: browsers refuse it", pair.not_after);
            findings.push(say(&message, "have it renewed"));
        }
        Some(_) => findings.push(say(&format!("expires on {}", pair.not_after), "have it renewed")),
        None if pair.not_before > now => {
            let message = format!("is not good before {}", pair.not_before);
            findings.push(say(&message, "wait until then, or see whether this machine's clock is right"));
        }
        None => {}
    }
    findings
}

fn covered_twice(config: &Config, acme: &Acme, pairs: &[&Pair]) -> Vec<Finding> {
    let twice = acme.hosts.iter().filter(|host| pairs.iter().any(|pair| pair.covers(host)));
    let say = |host: &String| {
        let message = "has a certificate in a file, and none is asked for";
        let remedy = "take it out of one of the two";
        warning(config, acme.line, "server.tls.acme.hosts", &format!("{host:?}"), message, remedy)
    };
    twice.map(say).collect()
}

/// Hosts that browsers can't come to over TLS.
fn uncovered<'c>(config: &'c Config, pairs: &'c [&Pair]) -> impl Iterator<Item = Finding> + 'c {
    let tls = &config.server.tls;
    let line = tls.certificates.first().map(|files| files.line).or(tls.acme.as_ref().map(|acme| acme.line));
    let hosts = config.sites.iter().flat_map(|site| &site.hosts);
    let is_issued = |host: &String| tls.acme.as_ref().is_some_and(|acme| acme.hosts.contains(host));
    let is_covered = move |host: &String| pairs.iter().any(|pair| pair.covers(host)) || is_issued(host);
    let is_uncovered = move |host: &&String| host.parse::<IpAddr>().is_err() && !is_covered(host);
    hosts.filter(is_uncovered).map(move |host| {
        let message = "no certificate is for it: browsers refuse it over TLS";
        let remedy = format!("name one in {CERTIFICATES}, or the host in server.tls.acme.hosts");
        warning(config, line.unwrap_or(1), CERTIFICATES, &format!("{host:?}"), message, &remedy)
    })
}

fn warning(config: &Config, line: usize, key: &str, value: &str, message: &str, remedy: &str) -> Finding {
    Finding {
        severity: Severity::Warning,
        file: config.file.display().to_string(),
        line,
        key: key.to_owned(),
        value: value.to_owned(),
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}
