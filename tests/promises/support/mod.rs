//! Who stands around the proxy: a scripted website behind it, visitors before it, and eyes on its ledger.

mod answer;
mod apart;
mod authority;
mod browser;
mod carrier;
mod client;
mod collector;
mod command;
mod config;
mod demo;
mod edge;
mod fixtures;
mod http;
mod http2;
mod http2_origin;
mod ledger;
mod nginx;
mod operator;
mod origin;
mod pages;
mod pebble;
mod postgresql;
mod program;
mod reading;
mod recorder;
mod request;
mod strict;
mod tls;
mod tls_front;
mod tool;
mod visitor;
mod websocket;

use std::time::Duration;

pub use answer::{Answer, gzip};
pub use apart::runs_apart;
pub use authority::{Authority, Pair, expired, listening};
pub use browser::{Browser, Seen};
pub use carrier::{
    Bandwidth, CARRIERS, Form, PUBLIC, Pbx, SECRET, Twilio, calls, form, from_pbx, from_twilio, post,
    the_call,
};
pub use client::{Client, Response, contains};
pub use collector::{Collector, value};
pub use command::{Outcome, command, run, run_to_its_end, unprivileged};
pub use config::{CANONICAL, Config, FLYER, tracking};
pub use demo::{Demo, get};
pub use edge::Edge;
pub use fixtures::{Filled, Fixture, Line};
pub use http2::{Answered, Frame, Http2};
pub use http2_origin::Http2Origin;
pub use ledger::{Ledger, session_of};
pub use nginx::Nginx;
pub use operator::{ask, readiness, wait_until_ready};
pub use origin::{Exchange, Origin, Received, chunk};
pub use pages::{NUMBERLESS, PAGE, number_on, page_with};
pub use pebble::{Pebble, free_port};
pub use postgresql::Postgres;
pub use program::Program;
pub use reading::{hrefs, visible_text};
pub use recorder::Recorder;
pub use request::{BROWSER, GOOGLEBOT, HOST, Request};
pub use strict::{requests, requests_with_tolerance};
pub use tls::Hello;
pub use tls_front::TlsFront;
pub use tool::Tool;
pub use visitor::{AD, Visitor};
pub use websocket::WebSocket;

/// Nothing of ours is waited for longer than this. No test passes or fails by how long something takes.
pub const GUARD: Duration = Duration::from_secs(20);

/// A website with [`PAGE`] at `/`, and the proxy before it.
pub fn plumber(change: impl FnOnce(Config) -> Config) -> (Origin, Edge) {
    let origin = Origin::start();
    origin.answers("/", Answer::html(PAGE));
    let edge = Edge::start(&change(Config::of(origin.address)));
    (origin, edge)
}
