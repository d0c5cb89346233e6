//! The addresses that the proxy keeps for itself, on every host of a site: `/.dni/…`. The website never hears of them.

mod numbers;
mod posted;
mod same_origin;
pub(super) mod script;
mod tap;

use std::sync::Arc;

use http::{Method, Response};

use super::body::Body;
use super::failure::Failure;
use super::inbound::Inbound;
use super::{Edge, SiteState};

pub(super) use tap::Taps;

/// Where our script is served.
pub(crate) const SCRIPT: &str = "/.dni/swap.js";

/// Where the small one beside it is, which tells of taps.
pub(crate) const TAP_SCRIPT: &str = "/.dni/tap.js";

const NUMBERS: &str = "/.dni/numbers";

/// Where it asks for the numbers of a page that brought none.
pub(crate) const VISIT: &str = "/.dni/visit";

/// Where taps on telephone links are told.
pub(crate) const TAP: &str = "/.dni/tap";

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
            (SCRIPT, &Method::GET | &Method::HEAD) => {
                script::response(site.script.as_deref().unwrap_or(&*script::SWAP), inbound.headers())
            }
            (TAP_SCRIPT, &Method::GET | &Method::HEAD) => script::response(&script::TAP, inbound.headers()),
            (NUMBERS, &Method::GET | &Method::HEAD) => self.numbers(site, &inbound).await?,
            (VISIT, &Method::POST) => self.visit_by_script(site, inbound).await?,
            (TAP, &Method::POST) => self.tap(site, inbound).await?,
            (SCRIPT | TAP_SCRIPT | NUMBERS, _) => return Err(Failure::NotAllowed("GET, HEAD")),
            (VISIT | TAP, _) => return Err(Failure::NotAllowed("POST")),
            _ => return Err(Failure::NotOurs),
        };
        if head_only {
            *response.body_mut() = Body::Whole(None);
        }
        Ok(response)
    }
}
