//! What `check` says of a page: the numbers on it, and what stands in their way.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use serde::Serialize;

use super::caches::{self, Invitation};
use super::fetch::Fetched;
use super::framework::Framework;
use super::look::{Look, Stranger};
use crate::config::{Finding, Hydration, Numbers, Severity, Site};
use crate::page::{Compiler, Piece, Spot, charset_of_content_type};
use crate::proxy::{Permit, Policies, SCRIPT, TAP, TAP_SCRIPT, VISIT, is_html};

/// A page, as the origin sent it.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    page: String,
    site: String,
    status: u16,
    bytes: usize,
    /// What would be filled.
    numbers: Vec<Form>,
    /// Numbers of the business that are left as they are.
    left: Vec<Form>,
    /// Telephones that are no line's and no tracking number.
    unconfigured: Vec<Form>,
    frameworks: BTreeSet<Framework>,
    hydration: &'static str,
    /// Addresses of its scripts, as it writes them.
    #[serde(skip)]
    pub scripts: Vec<String>,
    #[serde(skip)]
    through: Option<&'static str>,
    #[serde(skip)]
    html: bool,
}

/// A written form of a number, and how often it stands on the page in one kind of place.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Form {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    /// E.164
    number: String,
    /// text, href or attribute
    place: &'static str,
    written: String,
    times: usize,
    /// The line of the page where it stands first, from 1.
    first: usize,
    /// Why it is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<String>,
}

impl Page {
    pub fn of(fetched: &Fetched) -> Self {
        let site = &*fetched.site;
        let content_type = header(&fetched.headers, &CONTENT_TYPE);
        let mut page = Page {
            page: fetched.url.to_string(),
            site: site.name.clone(),
            status: fetched.status.as_u16(),
            bytes: fetched.body.len(),
            numbers: Vec::new(),
            left: Vec::new(),
            unconfigured: Vec::new(),
            frameworks: BTreeSet::new(),
            hydration: name(site.hydration),
            scripts: Vec::new(),
            through: None,
            html: is_html(&content_type),
        };
        if page.html && fetched.coding.is_none() {
            page.read(site, &fetched.body, &content_type);
        }
        page
    }

    fn read(&mut self, site: &Site, body: &[u8], content_type: &str) {
        let mut compiler = Compiler::new(site.page_lines.clone(), charset_of_content_type(content_type));
        let mut pieces = Vec::new();
        compiler.write(body, &mut pieces);
        self.through = compiler.gave_up_because();
        compiler.end(&mut pieces);
        let encoding = compiler.encoding();
        let text = |bytes: &[u8]| encoding.decode_without_bom_handling(bytes).0.into_owned();
        let form = |line: usize, place: Spot, at: &Range<usize>, left| Form {
            line: Some(site.lines[line].name.clone()),
            number: site.lines[line].canonical.to_string(),
            place: place.name(),
            written: text(&body[at.clone()]),
            times: 1,
            first: memchr::memchr_iter(b'\n', &body[..at.start]).count() + 1,
            left,
        };
        let (slots, numbers) = slots(&pieces);
        for Number { line, place, at } in numbers {
            count(&mut self.numbers, form(line, place, &at, None));
        }
        for left in compiler.left(body, &slots, self.through) {
            count(&mut self.left, form(left.line, left.place, &left.at, Some(left.why)));
        }
        self.look(site, &Look::at(&encoding.decode_with_bom_removal(body).0, site.country));
    }

    fn look(&mut self, site: &Site, look: &Look) {
        let tracking = site.pools.iter().flat_map(|pool| &pool.numbers);
        let tracking = tracking.chain(site.statics.iter().map(|known| &known.shown));
        let mut known: Vec<&str> = tracking.map(|shown| shown.number.e164()).collect();
        known.extend(site.lines.iter().map(|line| line.canonical.e164()));
        for Stranger { number, written, place, line } in &look.strangers {
            if known.contains(&number.e164()) {
                continue;
            }
            let form = Form {
                line: None,
                number: number.to_string(),
                place: place.name(),
                written: written.clone(),
                times: 1,
                first: *line,
                left: None,
            };
            count(&mut self.unconfigured, form);
        }
        self.take_over(look.frameworks.iter().copied());
        self.scripts = look.scripts.clone();
    }

    /// Takes note of what one of the page's scripts brings along.
    pub fn read_script(&mut self, text: &str) {
        self.take_over(Framework::of_bundle(text));
    }

    fn take_over(&mut self, frameworks: impl IntoIterator<Item = Framework>) {
        self.frameworks.extend(frameworks);
        let all = self.frameworks.clone();
        self.frameworks.retain(|framework| !all.iter().any(|other| framework.is_told_by(*other)));
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.frameworks.iter().map(|framework| framework.name()).collect();
        names.join(", ")
    }

    /// What `site.hydration` is for these frameworks.
    fn advice(&self) -> Option<Hydration> {
        let mut wanted = self.frameworks.iter().map(|framework| framework.hydration());
        match wanted.clone().any(|hydration| hydration == Hydration::React) {
            true => Some(Hydration::React),
            false => wanted.next(),
        }
    }

    /// What is wrong with the page, or likely to be.
    pub fn findings(&self, fetched: &Fetched, limit: u64) -> Vec<Finding> {
        let unfilled = if self.html { self.unfilled(fetched, limit) } else { Some(self.no_html(fetched)) };
        let mut findings: Vec<_> = unfilled.into_iter().collect();
        findings.extend(self.strangers());
        findings.extend(self.wrong_hydration(fetched));
        findings.extend(self.forbidden_script(fetched));
        if fetched.site.cdn.numbers == Numbers::Stream {
            findings.extend(self.cacheable(&fetched.headers));
        }
        findings
    }

    fn warning(&self, line: usize, key: &str, value: &str, message: String, remedy: String) -> Finding {
        Finding {
            severity: Severity::Warning,
            file: self.page.clone(),
            line,
            key: key.to_owned(),
            value: said(value),
            message,
            remedy,
        }
    }

    fn no_html(&self, fetched: &Fetched) -> Finding {
        let value = header(&fetched.headers, &CONTENT_TYPE);
        let message = "it is no HTML, so no number is looked for".to_owned();
        let remedy = "send pages as text/html, or ask for a page".to_owned();
        self.warning(1, "Content-Type", &value, message, remedy)
    }

    /// Why a page goes on unfilled, from some place.
    fn unfilled(&self, fetched: &Fetched, limit: u64) -> Option<Finding> {
        if let Some(coding) = &fetched.coding {
            let message = "pages in this coding go through unfilled".to_owned();
            let remedy = "let the origin send gzip, or no coding".to_owned();
            return Some(self.warning(1, "Content-Encoding", coding, message, remedy));
        }
        if let Some(through) = self.through {
            let message = format!("the page goes through unfilled: {through}");
            let remedy = "write it in UTF-8, and its HTML regularly".to_owned();
            return Some(self.warning(1, "page", "", message, remedy));
        }
        fetched.cut.then(|| {
            let message = format!("the page is longer than {limit} bytes, and goes on unfilled from there");
            let remedy = "raise server.limits.page_bytes, or make it shorter".to_owned();
            self.warning(1, "server.limits.page_bytes", &limit.to_string(), message, remedy)
        })
    }

    /// A finding for each number that nobody configured, in whatever forms it is written.
    fn strangers(&self) -> impl Iterator<Item = Finding> {
        let is_first = |place: &usize| {
            let number = &self.unconfigured[*place].number;
            self.unconfigured[..*place].iter().all(|form| form.number != *number)
        };
        (0..self.unconfigured.len()).filter(is_first).map(|place| {
            let Form { number, written, first, .. } = &self.unconfigured[place];
            let forms = self.unconfigured.iter().filter(|form| form.number == *number);
            let times: usize = forms.map(|form| form.times).sum();
            let message = format!(
                "it looks like a telephone number, {number}, that is no line's and no tracking number; it stands there {times}×"
            );
            let remedy = "add it as a [[site.line]] where its callers are to be counted".to_owned();
            self.warning(*first, "number", written, message, remedy)
        })
    }

    fn wrong_hydration(&self, fetched: &Fetched) -> Option<Finding> {
        let configured = fetched.site.hydration;
        let is_borne = self.frameworks.iter().all(|framework| framework.bears(configured));
        let advice = self.advice().filter(|advice| *advice != configured && !is_borne)?;
        let frameworks = self.names();
        let message = format!("the page seems to be taken over by {frameworks} in the browser");
        let remedy = format!("see whether hydration = {:?} suits it better", name(advice));
        Some(self.warning(1, "site.hydration", self.hydration, message, remedy))
    }

    fn forbidden_script(&self, fetched: &Fetched) -> Option<Finding> {
        let policies = Policies::of(&fetched.headers, Some(&fetched.url));
        let brings_all = fetched.site.cdn.numbers == Numbers::Script;
        let (message, remedy) = match (fetched.site.hydration, policies.script(SCRIPT)) {
            (_, Permit::Forbidden) if brings_all => (
                "the policy forbids /.dni/swap.js, which brings the visitor's numbers, so everybody reads the business's own",
                "allow it in script-src by 'self' without 'strict-dynamic', or by a nonce",
            ),
            _ if brings_all && !policies.may_ask(VISIT) => (
                "the policy keeps /.dni/swap.js from asking for the visitor's numbers, so everybody reads the business's own",
                "allow 'self' in connect-src",
            ),
            _ if brings_all => return None,
            (Hydration::None, _) => return None,
            (_, Permit::Forbidden) => (
                "the policy forbids /.dni/swap.js, so scripts write the business's own number back",
                "allow it in script-src by 'self' without 'strict-dynamic', or by a nonce",
            ),
            _ if !policies.may_ask(VISIT) => (
                "the policy keeps /.dni/swap.js from asking, so numbers that scripts alone write stay the business's own",
                "allow 'self' in connect-src",
            ),
            _ if !policies.may_ask(TAP) => (
                "the policy keeps /.dni/tap.js from telling of taps on telephone links, by which callers are known",
                "allow 'self' in connect-src",
            ),
            _ if policies.script(TAP_SCRIPT) == Permit::Forbidden => (
                "the policy forbids /.dni/tap.js, which tells of taps on telephone links, by which callers are known",
                "allow it in script-src as /.dni/swap.js is",
            ),
            _ => return None,
        };
        let policy = header(&fetched.headers, &CONTENT_SECURITY_POLICY);
        Some(self.warning(1, "Content-Security-Policy", &policy, message.to_owned(), remedy.to_owned()))
    }

    /// A cache that keeps what a crawler read shows it to people.
    fn cacheable(&self, headers: &HeaderMap) -> Vec<Finding> {
        let invitations = if self.numbers.is_empty() { Vec::new() } else { caches::invitations(headers) };
        let finding = |Invitation { header, value }: &Invitation| {
            let message = "public caches may keep this page, and then show everybody the same number";
            let remedy = "let no CDN in front cache HTML, or send it as private";
            self.warning(1, header, value, message.to_owned(), remedy.to_owned())
        };
        invitations.iter().map(finding).collect()
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Page { page, site, status, bytes, .. } = self;
        write!(f, "{:<12} {page} of site {site}: {status}, {bytes} bytes", "page")?;
        let rows = self.numbers.iter().map(|form| ("number", form));
        let rows = rows.chain(self.left.iter().map(|form| ("left", form)));
        let rows = rows.chain(self.unconfigured.iter().map(|form| ("unconfigured", form)));
        for (name, form) in rows {
            let Form { place, times, .. } = form;
            let line = form.line.as_deref().unwrap_or(&form.number);
            write!(f, "\n{name:<12} {line}: {} in {place}, {times}×", said(&form.written))?;
            form.left.iter().try_for_each(|left| write!(f, ": {left}"))?;
        }
        if self.html && self.numbers.is_empty() {
            write!(f, "\n{:<12} none of the site's lines", "number")?;
        }
        if !self.frameworks.is_empty() {
            write!(f, "\n{:<12} {}; hydration is {:?}", "framework", self.names(), self.hydration)?;
        }
        Ok(())
    }
}

fn name(hydration: Hydration) -> &'static str {
    match hydration {
        Hydration::None => "none",
        Hydration::Observe => "observe",
        Hydration::React => "react",
    }
}

/// A number of the business, which may run through several slots.
struct Number {
    line: usize,
    place: Spot,
    at: Range<usize>,
}

/// Where a page's slots stand, and the numbers in them.
fn slots(pieces: &[Piece]) -> (Vec<Range<usize>>, Vec<Number>) {
    let (mut slots, mut numbers, mut end) = (Vec::new(), Vec::<Number>::new(), 0);
    for piece in pieces {
        let at = end..end + piece.origin().len();
        end = at.end;
        let Piece::Slot(slot) = piece else { continue };
        slots.push(at.clone());
        match numbers.last_mut() {
            Some(number) if slot.rendition.goes_on() => number.at.end = at.end,
            _ => numbers.push(Number { line: slot.line, place: slot.spot(), at }),
        }
    }
    (slots, numbers)
}

/// Counts a form with those that read the same in the same kind of place.
fn count(forms: &mut Vec<Form>, form: Form) {
    let same = |known: &&mut Form| {
        (&known.line, &known.number, known.place, &known.written, &known.left)
            == (&form.line, &form.number, form.place, &form.written, &form.left)
    };
    match forms.iter_mut().find(same) {
        Some(known) => known.times += 1,
        None => forms.push(form),
    }
}

/// What comes from outside doesn't speak to the terminal.
fn said(text: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// The lines of a header, joined.
pub(super) fn header(headers: &HeaderMap, name: &HeaderName) -> String {
    let lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    lines.collect::<Vec<_>>().join(", ")
}
