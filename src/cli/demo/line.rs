//! A call in a line: where it came from, who took it, and how sure that is.

use std::fmt;

use crate::call::log::{Call, Outcome};
use crate::cli::table::{legible, said};

/// As the `demo` tells a call.
pub(super) struct Line<'c>(pub &'c Call);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Line(call) = self;
        let from =
            call.customer_phone_number.as_deref().map_or("who withholds the number".to_owned(), legible);
        write!(f, "call {} from {from}", legible(&call.tracking_phone_number))?;
        match (&call.source, &call.channel) {
            (None, None) => write!(f, " · no source")?,
            (source, channel) => {
                let (source, medium) = (said(source.as_deref()), said(call.medium.as_deref()));
                write!(f, " · {source} / {medium} ({})", said(channel.as_deref()))?;
            }
        }
        let outcome = call.outcome.map_or("going on", Outcome::name);
        match &call.business_phone_number {
            Some(number) if call.answered => write!(f, " · {outcome} by {}", legible(number))?,
            _ => write!(f, " · {outcome}")?,
        }
        write!(f, " · talk {}", super::minutes(call.talk_time))?;
        write!(f, " · {}, confidence {:.2}", call.attribution.how, call.attribution.confidence)?;
        if !call.tags.is_empty() {
            write!(f, " · {}", legible(&call.tags.join(", ")))?;
        }
        call.decisions.iter().try_for_each(|sentence| write!(f, "\n      because {}", legible(sentence)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::log::Attributed;

    #[test]
    fn a_call_is_told_in_a_line_and_nothing_in_it_is_obeyed() {
        let call = Call {
            tracking_phone_number: "+15035550110".to_owned(),
            customer_phone_number: Some("+19715550123".to_owned()),
            source: Some("goo\u{1b}gle".to_owned()),
            medium: Some("cpc".to_owned()),
            channel: Some("Paid Search".to_owned()),
            outcome: Some(Outcome::Answered),
            answered: true,
            business_phone_number: Some("+15035550100".to_owned()),
            talk_time: 95,
            tags: vec!["qualified".to_owned()],
            attribution: Attributed { how: "posterior", confidence: 0.987, candidates: Vec::new() },
            decisions: vec!["it rang".to_owned()],
            ..Call::default()
        };
        assert_eq!(
            Line(&call).to_string(),
            "call +15035550110 from +19715550123 · goo\\u{1b}gle / cpc (Paid Search) · answered by +15035550100 · \
             talk 1:35 · posterior, confidence 0.99 · qualified\n      because it rang"
        );
        let missed = Call { outcome: Some(Outcome::Missed), source: None, channel: None, ..Call::default() };
        let told = Line(&missed).to_string();
        assert!(told.contains("who withholds") && told.contains("no source · missed · talk 0:00"), "{told}");
    }
}
