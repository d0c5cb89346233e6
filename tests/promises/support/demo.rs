//! The demo while it runs: its website, the proxy before it, and the telephone by which its numbers are called.

use std::ops::{Deref, DerefMut};

use serde_json::Value;

use super::client::{Client, Response};
use super::command::{Outcome, run};
use super::program::Program;
use super::request::Request;

pub struct Demo {
    program: Program,
    /// As in `127.0.0.1:8080`.
    pub proxy: String,
    pub website: String,
    pub admin: String,
}

impl Demo {
    /// On free ports, once it has said what to try.
    pub fn start() -> Self {
        let program = Program::start(&["demo", "--port", "0", "--admin-port", "0"]);
        let host_in =
            |line: String| line.trim().trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let proxy = host_in(program.says("as a visitor from an ad"));
        let website = host_in(program.says("the website itself"));
        let admin = host_in(program.says("what is counted"));
        program.says("Visits and calls, as they happen");
        Demo { program, proxy, website, admin }
    }

    /// A page through the proxy, as a person opens it.
    pub fn page(&self, target: &str) -> String {
        get(&self.proxy, Request::navigation(target)).text()
    }

    /// Calls a number, in words as one gives them to `demo call`.
    pub fn call(&self, number: &str, more: &[&str]) -> Outcome {
        let port = self.proxy.rsplit(':').next().unwrap();
        run(&[&["demo", "call", number, "--port", port], more].concat(), b"")
    }

    /// The same, and the call as it is told.
    pub fn called(&self, number: &str, more: &[&str]) -> Value {
        let outcome = self.call(number, &[more, &["--json"]].concat());
        assert_eq!(outcome.status, 0, "{outcome:?}");
        serde_json::from_str(outcome.text()).unwrap()
    }
}

/// Asks whoever is at this address, by that name.
pub fn get(address: &str, request: Request) -> Response {
    Client::connect(address.parse().unwrap()).exchange(&request.with("Host", address))
}

impl Deref for Demo {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

impl DerefMut for Demo {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}
