//! The way to the origin and back.
//!
//! [`send`] is the whole of it: one of the site's origins is chosen, and where that can't be reached the next, as long as nothing
//! has been lost. Each step has a file of its own.

mod answered;
mod checks;
mod connection;
mod counts;
mod kept;
mod origin;
mod origins;
mod outgoing;
mod route;
mod standing;
mod tcp;

use std::time::Instant;

use http::{HeaderMap, Response, StatusCode, header};
use hyper::body::Incoming;
use smallvec::SmallVec;

use super::failure::Failure;
use super::identify::Visit;
use super::inbound::Inbound;
use super::renamed::Renamed;
use super::tunnel::Asked;
use super::{SiteState, forwarded, framing};
use crate::config::Timeouts;

pub use answered::Answered;
pub(super) use counts::OriginCounts;
pub(super) use origins::Origins;
pub(crate) use route::{AskError, Route};

use origin::{InHand, Unanswered};
use outgoing::Outgoing;

/// Sends the request to one of the site's origins, and waits for the head of its answer.
///
/// # Errors
/// [`Failure`] where no origin can be reached, or the one that was asked keeps silent.
pub(super) async fn send(
    site: &SiteState,
    inbound: Inbound,
    visit: &Visit,
) -> Result<Response<Answered>, Failure> {
    let timeouts = &site.edition.server.timeouts;
    let renamed = Renamed::new(&site.site.origins, &inbound.hop);
    let outgoing = Outgoing::new(site, inbound, visit)?;
    let asked = outgoing.asked.clone();
    let (mut answer, in_hand) = ask(&site.origins, outgoing, timeouts).await?;
    accept(&mut answer, asked.as_ref(), &renamed)?;
    // Of events there may be none for hours.
    let patience = (!is_event_stream(answer.headers())).then_some(timeouts.body);
    Ok(answer.map(|body| Answered::new(body, patience, in_hand)))
}

/// Asks one origin after another until one answers.
///
/// What no origin has seen is sent to the next, whatever it is. A request that an origin may have seen is repeated once, if that
/// does no more than the first time did (RFC 9110 §9.2.2), and if there is reason to hope: another origin, or a connection that
/// had been kept and turned out to be closed (RFC 9112 §9.3.1).
async fn ask(
    origins: &Origins,
    mut outgoing: Outgoing,
    timeouts: &Timeouts,
) -> Result<(Response<Incoming>, InHand), Failure> {
    let mut may_repeat = outgoing.is_repeatable();
    let mut tried = SmallVec::<[usize; 4]>::new();
    let mut made_since = None;
    let mut place = origins.choose(&tried).expect("a site has an origin");
    loop {
        let (origin, began) = (origins.at(place), Instant::now());
        let unanswered = match origin.ask(&mut outgoing, made_since, timeouts).await {
            Ok(answer) => return Ok(answer),
            Err(unanswered) => unanswered,
        };
        let next = match &unanswered {
            Unanswered::Undelivered(_) => Some(place),
            Unanswered::Unreachable(_) => {
                tried.push(place);
                origins.choose(&tried)
            }
            Unanswered::BrokeOff { reused, .. } if may_repeat => {
                may_repeat = false;
                tried.push(place);
                origins.choose(&tried).or(reused.then_some(place))
            }
            Unanswered::BrokeOff { .. } | Unanswered::Visitor | Unanswered::Silent => None,
        };
        match next {
            Some(next) => (place, made_since) = (next, Some(began)),
            None => return Err(unanswered.failure(origin)),
        }
    }
}

/// Makes an answer what it is for the visitor. To another protocol the website changes only where that was asked for
/// (RFC 9110 §7.8).
fn accept(
    answer: &mut Response<Incoming>,
    asked: Option<&Asked>,
    renamed: &Renamed<'_>,
) -> Result<(), Failure> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        let is_agreed = asked.is_some_and(|asked| asked.is_agreed(answer.headers()));
        return if is_agreed { Ok(()) } else { Err(Failure::OriginSwitched) };
    }
    framing::settle(answer.headers_mut())?;
    forwarded::strip_answer(answer.headers_mut());
    renamed.apply(answer.headers_mut());
    Ok(())
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|line| line.to_str().ok());
    let essence = content_type.and_then(|line| line.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
}
