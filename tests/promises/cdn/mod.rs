//! Behind a CDN: pages that it keeps for everybody are everybody's, a page that is somebody's isn't kept, and what it tells of the
//! visitor is understood.

mod in_a_cache;
mod same_for_everybody;
mod told_of_visitors;

use crate::support::{Answer, Config, Edge, Origin, PAGE, plumber};

/// A website whose pages caches may keep, and the proxy before it, which has numbers come by script.
fn by_script(change: impl FnOnce(Config) -> Config) -> (Origin, Edge) {
    let (origin, edge) = plumber(|config| {
        let trusting = config.server("trusted_proxies = [\"127.0.0.0/8\"]");
        change(trusting.more("[site.cdn]\nnumbers = \"script\"\n"))
    });
    origin.answers("/", kept(Answer::html(PAGE)));
    (origin, edge)
}

fn kept(answer: Answer) -> Answer {
    answer.with(&["Cache-Control: public, max-age=600", "ETag: \"a\""])
}

/// What is in everybody's pages besides.
const ELEMENT: &str = "<script src=\"/.dni/swap.js\" async></script>";

fn with_element(page: &str) -> String {
    page.replacen("<head>", &format!("<head>{ELEMENT}"), 1)
}
