//! What is wrong with a configuration, for the people who mend it.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde::Serialize;

/// Something wrong, or likely to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    pub file: String,
    /// From 1.
    pub line: usize,
    /// As in `site.pool.numbers`.
    pub key: String,
    pub value: String,
    pub message: String,
    pub remedy: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The configuration can't be used.
    Error,
    /// It can be used, and probably isn't what was meant.
    Warning,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}: {severity}: {}", self.file, self.line, self.key)?;
        if !self.value.is_empty() {
            write!(f, " = {}", self.value)?;
        }
        write!(f, ": {}; {}", self.message, self.remedy)
    }
}

/// Collects findings about one file.
pub(super) struct Findings<'a> {
    text: &'a str,
    file: String,
    list: Vec<Finding>,
    /// Where the errors stand.
    errors: Vec<Range<usize>>,
}

/// Where in the file a finding is, and under which key.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub span: Range<usize>,
    pub key: String,
}

impl At {
    pub fn new(span: Range<usize>, key: impl Into<String>) -> Self {
        At { span, key: key.into() }
    }
}

impl<'a> Findings<'a> {
    pub fn new(text: &'a str, path: &Path) -> Self {
        Findings { text, file: path.display().to_string(), list: Vec::new(), errors: Vec::new() }
    }

    pub fn error(&mut self, at: At, message: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, at, message.into(), remedy.into());
    }

    pub fn warning(&mut self, at: At, message: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Warning, at, message.into(), remedy.into());
    }

    /// What the file has in this place.
    pub fn written(&self, span: &Range<usize>) -> &'a str {
        self.text.get(span.clone()).unwrap_or_default().trim()
    }

    /// The line that a place is on, from 1.
    pub fn line(&self, place: usize) -> usize {
        let before = self.text.get(..place).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    /// Whether something in this part of the file is an error: its meaning is not what was meant.
    pub fn has_error_within(&self, span: &Range<usize>) -> bool {
        self.errors.iter().any(|error| span.start <= error.start && error.end <= span.end)
    }

    /// Whether something has been said of a key already.
    pub fn names(&self, key: &str) -> bool {
        self.list.iter().any(|finding| finding.key == key)
    }

    /// In the order of the file.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.line);
        self.list
    }

    fn add(&mut self, severity: Severity, at: At, message: String, remedy: String) {
        if severity == Severity::Error {
            self.errors.push(at.span.clone());
        }
        self.list.push(Finding {
            severity,
            file: self.file.clone(),
            line: self.line(at.span.start),
            key: at.key,
            value: self.excerpt(at.span),
            message,
            remedy,
        });
    }

    /// The value as written, on one line and not too long. A table has none.
    fn excerpt(&self, span: Range<usize>) -> String {
        let written = self.text.get(span).unwrap_or_default();
        let is_header = written.trim_start_matches('[').starts_with(|c: char| c.is_ascii_lowercase())
            && !written.contains(['"', ',', '\'']);
        if is_header && written.starts_with('[') && written.ends_with(']') {
            return String::new();
        }
        let mut line: String = written.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((cut, _)) = line.char_indices().nth(60) {
            line.truncate(cut);
            line.push('…');
        }
        line
    }
}
