//! A real browser, headless Chromium: opens a page, and tells what a person gets of it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::HOST;
use super::tool::Tool;

/// Where Debian has it.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Started once for all tests.
static BROWSER: LazyLock<Option<Mutex<Tool>>> = LazyLock::new(|| {
    let needs = [Path::new(CHROMIUM), Path::new("/usr/bin/pdftotext"), &Tool::folder().join("node_modules")];
    Tool::start("node", "browser.mjs", &[CHROMIUM], &needs).map(Mutex::new)
});

/// The browser, as every test shares it. Each page is opened by somebody who has not been here before.
pub struct Browser(&'static Mutex<Tool>);

/// What a person gets of a page.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The document's innerText.
    pub read: String,
    pub title: String,
    /// What is copied of each paragraph that is selected.
    pub copied: Vec<String>,
    /// Where links lead.
    pub tapped: Vec<String>,
    /// What stands in inputs.
    pub typed: Vec<String>,
    /// `title` and `placeholder` attributes.
    pub hinted: Vec<String>,
    /// Role and accessible name of what has one, as assistive technology is told.
    pub named: Vec<String>,
    /// The text of the page as a PDF, white space made single; empty where steps were taken.
    pub printed: String,
    /// What the console was told of as an error.
    pub errors: Vec<String>,
}

impl Seen {
    /// The same of a page that spells its numbers so. Its title stays, and what was typed.
    pub fn respelt(&self, respell: impl Fn(&str) -> String) -> Seen {
        let all = |texts: &[String]| texts.iter().map(|text| respell(text)).collect();
        Seen {
            read: respell(&self.read),
            copied: all(&self.copied),
            tapped: all(&self.tapped),
            hinted: all(&self.hinted),
            named: all(&self.named),
            printed: respell(&self.printed),
            ..self.clone()
        }
    }
}

impl Browser {
    /// None where there is no browser, which has then been said; with `CI` set the test fails.
    pub fn start() -> Option<Self> {
        BROWSER.as_ref().map(Browser)
    }

    /// Opens a page of [`HOST`], which is at this address; `scripts` run or don't.
    pub fn open(&self, address: SocketAddr, target: &str, scripts: bool) -> Seen {
        let [seen] = self.ask(HOST, address, target, scripts, &[]).try_into().unwrap();
        seen
    }

    /// Opens a page of [`HOST`] over TLS, whoever issued its certificate.
    pub fn open_securely(&self, address: SocketAddr, target: &str) -> Seen {
        let question = json!({
            "scheme": "https", "host": HOST, "address": address, "target": target, "scripts": true, "steps": [],
        });
        let [seen] = self.answered(&question).try_into().unwrap();
        seen
    }

    /// Opens a page and takes these steps there: `type` a text into the input, `press` an element, `run` a script, wait to
    /// `see` a text. Tells what is seen first, and after each step.
    pub fn follow<const N: usize>(
        &self,
        address: SocketAddr,
        target: &str,
        steps: [(&str, &str); N],
    ) -> (Seen, [Seen; N]) {
        self.follow_at(HOST, address, target, steps)
    }

    /// The same of a page of another host.
    pub fn follow_at<const N: usize>(
        &self,
        host: &str,
        address: SocketAddr,
        target: &str,
        steps: [(&str, &str); N],
    ) -> (Seen, [Seen; N]) {
        let mut seen = self.ask(host, address, target, true, &steps);
        let first = seen.remove(0);
        (first, seen.try_into().unwrap())
    }

    fn ask(
        &self,
        host: &str,
        address: SocketAddr,
        target: &str,
        scripts: bool,
        steps: &[(&str, &str)],
    ) -> Vec<Seen> {
        self.answered(&json!({
            "scheme": "http", "host": host, "address": address, "target": target, "scripts": scripts, "steps": steps,
        }))
    }

    fn answered(&self, question: &Value) -> Vec<Seen> {
        let answer = self.0.lock().unwrap().ask(question);
        serde_json::from_value(answer.clone()).unwrap_or_else(|error| panic!("{question}: {error}: {answer}"))
    }
}
