//! `[site.spam]`: what becomes of calls that may be spam.

use toml::Spanned;

use super::Builder;
use crate::call::spam::{Blocked, Policy, Spam, THRESHOLD};
use crate::config::finding::At;
use crate::config::written;
use crate::number::Country;

impl Builder<'_, '_> {
    pub(super) fn spam(&mut self, written: Option<&written::Spam>, country: Country) -> Spam {
        let Some(written) = written else { return Spam::default() };
        let policies = [("allow", Policy::Allow), ("challenge", Policy::Challenge), ("block", Policy::Block)];
        Spam {
            policy: self.word(written.policy.as_ref(), "site.spam.policy", policies),
            threshold: self.threshold(written.threshold.as_ref()),
            blocked: self.blocked(&written.blocked_callers, country),
        }
    }

    fn threshold(&mut self, written: Option<&Spanned<f64>>) -> f64 {
        let Some(written) = written else { return THRESHOLD };
        let (threshold, at) = (*written.get_ref(), At::new(written.span(), "site.spam.threshold"));
        if threshold == 0.0 {
            self.findings.error(at, "every call would be spam", "give a score that is more than 0");
        } else if !(0.0..=1.0).contains(&threshold) {
            self.findings.error(at, "is no score", "give a number from 0 to 1");
        }
        threshold
    }

    fn blocked(&mut self, written: &[Spanned<String>], country: Country) -> Vec<Blocked> {
        let mut all = Vec::new();
        for caller in written {
            let at = At::new(caller.span(), "site.spam.blocked_callers");
            match Blocked::parse(caller.get_ref(), country) {
                Ok(blocked) => {
                    let home = format!("+{}", country.calling_code());
                    if matches!(&blocked, Blocked::Prefix(prefix) if home.starts_with(&**prefix)) {
                        let message = "blocks every caller from the site's own country";
                        self.findings.warning(at, message, "write more of what their numbers begin with");
                    }
                    all.push(blocked);
                }
                Err(error) => {
                    let remedy = "write \"+19005550123\", \"+1900*\" or \"withheld\"";
                    self.findings.error(at, error.to_string(), remedy);
                }
            }
        }
        all
    }
}
