//! A real browser, headless Chromium: opens a page, and tells what a person gets of it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use serde::Deserialize;
use serde_json::json;

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
    /// `title` and `placeholder` attributes.
    pub hinted: Vec<String>,
    /// Role and accessible name of what has one, as assistive technology is told.
    pub named: Vec<String>,
    /// The text of the page as a PDF, white space made single.
    pub printed: String,
    /// What the console was told of as an error.
    pub errors: Vec<String>,
}

impl Browser {
    /// None where there is no browser, which has then been said; with `CI` set the test fails.
    pub fn start() -> Option<Self> {
        BROWSER.as_ref().map(Browser)
    }

    /// Opens a page of [`super::HOST`], which is at this address; `scripts` run or don't.
    pub fn open(&self, address: SocketAddr, target: &str, scripts: bool) -> Seen {
        let question = json!({ "address": address, "target": target, "scripts": scripts });
        let answer = self.0.lock().unwrap().ask(&question);
        serde_json::from_value(answer.clone()).unwrap_or_else(|error| panic!("{target}: {error}: {answer}"))
    }
}
