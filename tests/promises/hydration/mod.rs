//! Where scripts take pages over in the browser, what they write shows the visitor's number too: our own script is there before
//! them, if the page's policy lets it run, and learns of no number that the visitor doesn't hold.

mod agreed;
mod fragments;
mod in_a_browser;
mod numbers;
mod policies;
mod script;
mod written;

use crate::support::{Answer, Config, Edge, Origin, PAGE};

/// A website whose pages hydrate.
fn hydrating(hydration: &str, change: impl FnOnce(Config) -> Config) -> (Origin, Edge) {
    let origin = Origin::start();
    origin.answers("/", Answer::html(PAGE));
    let config = Config::of(origin.address).site(&format!("hydration = {hydration:?}"));
    let edge = Edge::start(&change(config));
    (origin, edge)
}
