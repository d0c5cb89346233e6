//! Where a number is at home: the line whose callers it brings. That is kept once it was configured, for a number that left the
//! configuration still connects whoever calls it.

use crate::visit::Described;

/// A number that is, or was, configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// E.164
    pub number: String,
    pub site: String,
    pub line: String,
    pub kind: Kind,
    /// Of its pool, or of the static number.
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Pool,
    /// Its callers come from here.
    Static(Described),
}

impl Kind {
    /// As a row has it.
    pub(in crate::ledger) fn name(&self) -> &'static str {
        match self {
            Kind::Pool => "pool",
            Kind::Static(_) => "static",
        }
    }

    pub(in crate::ledger) fn of_row(kind: &str, source: Described) -> Self {
        if kind == "static" { Kind::Static(source) } else { Kind::Pool }
    }

    /// What a row says of its source.
    pub(in crate::ledger) fn source(&self) -> Described {
        match self {
            Kind::Pool => Described::default(),
            Kind::Static(source) => source.clone(),
        }
    }
}
