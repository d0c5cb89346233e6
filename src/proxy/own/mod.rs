//! The addresses that the proxy keeps for itself, on every host of a site: `/.dni/…`. The website never hears of them.

mod numbers;
mod same_origin;
pub(super) mod script;

use std::sync::Arc;

use http::{Method, Response};

use super::body::Body;
use super::failure::Failure;
use super::inbound::Inbound;
use super::{Edge, SiteState};

/// Where our script is served.
pub(crate) const SCRIPT: &str = "/.dni/swap.js";

const NUMBERS: &str = "/.dni/numbers";

/// Where it asks for the numbers of a page that brought none.
pub(crate) const VISIT: &str = "/.dni/visit";

impl Edge {
    /// Answers a request for one of them.
    ///
    /// # Errors
    /// [`Failure`] where there is nothing, or nothing for this request.
    pub(super) async fn own(
        self: &Arc<Self>,
        site: &Arc<SiteState>,
        inbound: Inbound,
    ) -> Result<Response<Body>, Failure> {
        let head_only = *inbound.method() == Method::HEAD;
        let mut response = match (inbound.path(), inbound.method()) {
            (SCRIPT, &Method::GET | &Method::HEAD) => script::response(inbound.headers()),
            (NUMBERS, &Method::GET | &Method::HEAD) => self.numbers(site, &inbound).await?,
            (VISIT, &Method::POST) => self.visit_by_script(site, inbound).await?,
            (SCRIPT | NUMBERS, _) => return Err(Failure::NotAllowed("GET, HEAD")),
            (VISIT, _) => return Err(Failure::NotAllowed("POST")),
            _ => return Err(Failure::NotOurs),
        };
        if head_only {
            *response.body_mut() = Body::Whole(None);
        }
        Ok(response)
    }
}
