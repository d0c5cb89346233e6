//! What was decided when the phone rang: where the call goes, whose it is, and why. It stands, whatever comes later.

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::pool::attribution::How;

/// Decided once for each call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// None where the number was never ours.
    pub site: Option<String>,
    pub line: Option<String>,
    pub plan: Plan,
    /// By what the call is attributed; the candidates stand beside the events, so that a session can be erased.
    pub how: How,
    /// From 0 to 1.
    pub confidence: f64,
    /// Calls by the same caller before; none where that can't be known, as of who withholds their number.
    pub prior_calls: Option<u32>,
    /// From 0 to 1.
    pub spam_score: f64,
    pub spam: bool,
    /// Sentences: why this line, this route, this attribution.
    pub because: Vec<String>,
}
