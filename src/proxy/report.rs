//! What is told of a visit, to whoever wants to know.

use std::fmt;

/// A visit and why it was shown what it was shown.
#[derive(Clone, Debug)]
pub struct VisitReport {
    pub site: String,
    pub page: String,
    /// As in `person` or `crawler`.
    pub visitor: &'static str,
    /// As in `google / cpc`; none for who isn't a visitor.
    pub source: Option<String>,
    pub channel: Option<&'static str>,
    /// From 1; none where no rule matched.
    pub rule: Option<usize>,
    pub shown: Vec<ShownLine>,
    pub because: Vec<String>,
}

/// What a line showed.
#[derive(Clone, Debug)]
pub struct ShownLine {
    pub line: String,
    /// E.164
    pub number: String,
    /// As in `pool:ads`.
    pub from: String,
}

impl fmt::Display for VisitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.visitor, escape(&self.page))?;
        if let (Some(source), Some(channel)) = (&self.source, self.channel) {
            write!(f, " · {} ({channel})", escape(source))?;
        }
        match self.rule {
            Some(rule) => write!(f, " · rule {rule}")?,
            None => write!(f, " · no rule")?,
        }
        match &self.shown[..] {
            [] => write!(f, " · no tracking number")?,
            shown => shown.iter().try_for_each(|line| write!(f, " · {} from {}", line.number, line.from))?,
        }
        self.because.iter().try_for_each(|sentence| write!(f, "\n      because {}", escape(sentence)))
    }
}

/// What comes from outside must not speak to the terminal.
fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}
