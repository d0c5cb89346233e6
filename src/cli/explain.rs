//! `explain`: what a visit would be shown, and why. No server need run, and nothing is leased.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use super::{Explain, Stop};
use crate::Timestamp;
use crate::config::{Prefetch, Shows, Site};
use crate::visit::{Condition, Described, Facts, Navigation, Near, Rule, Show, Source, Visitor, referrer};

/// Who asks, where nobody is named: a current desktop browser.
pub(super) const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/142.0.0.0 Safari/537.36";

/// The trace of one visit.
#[derive(Debug, Serialize)]
struct Trace {
    visitor: &'static str,
    source: String,
    medium: String,
    campaign: Option<String>,
    term: Option<String>,
    content: Option<String>,
    channel: &'static str,
    ga4_channel: &'static str,
    click_ids: Map<String, Value>,
    /// From 1; null: none matched.
    rule: Option<usize>,
    shows: Vec<LineShown>,
    because: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LineShown {
    line: String,
    /// E.164; null where it is leased when a page prints it.
    number: Option<String>,
    from: String,
}

pub(super) fn run(explain: &Explain) -> Result<ExitCode, Stop> {
    let config = super::configuration(&explain.config)?;
    let url = Url::parse(&explain.url).map_err(|error| {
        Stop::Other(format!("{:?} is no URL: {error}; write it as https://HOST/PATH", explain.url))
    })?;
    let host = super::host_of(&url);
    let site = config.site(&host).ok_or_else(|| {
        let hosts: Vec<_> =
            config.sites.iter().flat_map(|site| site.hosts.iter().map(String::as_str)).collect();
        Stop::Other(format!("no site is served as {host:?}; there is {}", hosts.join(", ")))
    })?;
    let trace = trace(site, &url, &headers(explain)?);
    match explain.json {
        true => println!("{}", serde_json::to_string(&trace).map_err(Stop::because)?),
        false => print(&trace),
    }
    Ok(ExitCode::SUCCESS)
}

fn headers(explain: &Explain) -> Result<HeaderMap, Stop> {
    let mut headers = HeaderMap::new();
    let value = |value: &str| {
        HeaderValue::from_str(value).map_err(|_| Stop::Other(format!("{value:?} can't stand in a header")))
    };
    headers.insert(header::USER_AGENT, value(explain.user_agent.as_deref().unwrap_or(BROWSER))?);
    if let Some(referrer) = &explain.referrer {
        headers.insert(header::REFERER, value(referrer)?);
    }
    for written in &explain.header {
        let parts = written
            .split_once(':')
            .and_then(|(name, text)| Some((name.trim().parse::<HeaderName>().ok()?, text.trim())));
        let (name, text) =
            parts.ok_or_else(|| Stop::Other(format!("--header {written:?} is not 'NAME: VALUE'")))?;
        headers.insert(name, value(text)?);
    }
    Ok(headers)
}

fn trace(site: &Site, url: &Url, headers: &HeaderMap) -> Trace {
    let mut because = Vec::new();
    // What a site excludes by address can't be told here.
    let visitor = site.exclusion.visitor(headers, Ipv4Addr::UNSPECIFIED.into(), Some(&mut because));
    let referrer = referrer(headers);
    let landing = site.landing(url.query(), referrer);
    let source = Source::of(&landing, Some(&mut because));
    let opens_page = Navigation::of(&Method::GET, headers) != Navigation::No;
    let (rule, shown) = match visitor.is_person() && opens_page {
        true => {
            let facts = Facts {
                source: &source,
                landing_host: &super::host_of(url),
                landing_path: url.path(),
                query: url.query(),
                referrer,
                headers,
                country: told(site.cdn.country.as_ref(), headers),
                region: told(site.cdn.region.as_ref(), headers),
                now: Timestamp::now(),
                session: None,
            };
            let rule = Rule::first(&site.rules, &facts);
            explain_rules(site, &facts, rule, &mut because);
            let shown = rule.map(|rule| site.shown_by(rule, &facts)).unwrap_or_default();
            explain_nearness(site, &facts, rule, &shown, &mut because);
            (rule, shown)
        }
        false => {
            because.push(why_nothing_is_shown(site, visitor).to_owned());
            (None, Shows::new())
        }
    };
    let withheld =
        site.consent.as_ref().filter(|_| rule.is_some()).and_then(|consent| consent.withheld(headers));
    let shown = match withheld {
        Some(why) => {
            because.push(format!("{why}; nothing is kept, and no number is leased"));
            site.without_consent(rule, &source).into()
        }
        None => {
            if rule.is_some() && site.consent.is_some() {
                because.push("consent is given".to_owned());
            }
            shown
        }
    };
    Trace {
        visitor: visitor.name(),
        channel: source.channel.name(),
        ga4_channel: source.ga4_channel.name(),
        click_ids: source.click_ids.iter().map(|id| (id.name.to_string(), Value::from(&*id.value))).collect(),
        rule: rule.map(|rule| rule + 1),
        shows: shows(site, &shown, &mut because),
        source: source.source,
        medium: source.medium,
        campaign: source.campaign,
        term: source.term,
        content: source.content,
        because,
    }
}

fn why_nothing_is_shown(site: &Site, visitor: Visitor) -> &'static str {
    match visitor {
        Visitor::Person => {
            "the request opens no page, as a browser says or the types that it accepts do: nothing is leased"
        }
        Visitor::Prefetch if site.prefetch == Prefetch::Refuse => {
            "the page is not given ahead: the answer is 503, and the browser asks again when a person opens it"
        }
        _ => "only a person reading a page holds a number, so every line is canonical",
    }
}

fn explain_rules(site: &Site, facts: &Facts<'_>, matched: Option<usize>, because: &mut Vec<String>) {
    for (place, rule) in site.rules.iter().enumerate().take(matched.map_or(site.rules.len(), |rule| rule + 1))
    {
        let sentence = match rule.when.iter().find(|condition| !condition.holds(facts)) {
            Some(condition) => {
                let (key, value, asked) = (condition.key(), condition.read(facts), condition.asked());
                format!(
                    "rule {} does not match: the visit's {key} is {value}, and it asks for {asked}",
                    place + 1
                )
            }
            None => {
                if let Some(Condition::Percent(share)) =
                    rule.when.iter().find(|condition| matches!(condition, Condition::Percent(_)))
                {
                    let percent = f64::from(share.hundredths) / 100.0;
                    because.push(format!(
                        "rule {} takes {percent} % of sessions; this one is taken to be among them",
                        place + 1
                    ));
                }
                let met = |condition: &Condition| {
                    format!("{} is {}, as {} asks", condition.key(), condition.read(facts), condition.asked())
                };
                let asked = rule.when.iter().filter(|condition| !matches!(condition, Condition::Percent(_)));
                let met: Vec<_> = asked.map(met).collect();
                let by = if met.is_empty() { "it asks for nothing".to_owned() } else { met.join("; ") };
                format!("rule {} matches, and the first that matches decides: {by}", place + 1)
            }
        };
        because.push(sentence);
    }
    if matched.is_none() {
        because.push("no rule matches, so every line is canonical".to_owned());
    }
}

/// What a rule that prefers numbers near the visitor chose, and by what.
fn explain_nearness(
    site: &Site,
    facts: &Facts<'_>,
    rule: Option<usize>,
    shown: &[Show],
    because: &mut Vec<String>,
) {
    let Some((place, rule)) = rule.map(|place| (place + 1, &site.rules[place])) else { return };
    if rule.near == Near::None {
        return;
    }
    let said =
        |told: Option<&str>| told.map_or("nowhere that anybody tells".to_owned(), |told| format!("{told:?}"));
    let whereabouts = match rule.near {
        Near::Area => format!("in region {}, country {}", said(facts.region), said(facts.country)),
        _ => format!("in country {}", said(facts.country)),
    };
    for (named, shown) in rule.show.iter().zip(shown).filter(|(named, _)| matches!(named, Show::Pool(_))) {
        let [named, chosen] = [named, shown].map(|show| site.names_of(std::slice::from_ref(show)));
        because.push(match named == chosen {
            true => format!("rule {place} prefers numbers near the visitor, who is {whereabouts}: none is nearer than {named}"),
            false => format!("rule {place} prefers numbers near the visitor, who is {whereabouts}: {chosen} is nearer than {named}"),
        });
    }
}

/// What a CDN tells in this header, where one is named.
fn told<'h>(name: Option<&HeaderName>, headers: &'h HeaderMap) -> Option<&'h str> {
    headers.get(name?)?.to_str().ok()
}

fn shows(site: &Site, shown: &[Show], because: &mut Vec<String>) -> Vec<LineShown> {
    let mut lines = Vec::new();
    for (place, line) in site.lines.iter().enumerate() {
        let show = shown.iter().find(|show| site.line_of(**show) == place);
        let (number, from) = match show {
            None => (Some(line.canonical.to_string()), "canonical".to_owned()),
            Some(Show::Static(number)) => {
                let known = &site.statics[*number];
                if known.source != Described::default() {
                    because.push(format!("static:{} counts its callers as {}", known.name, known.source));
                }
                (Some(known.shown.number.to_string()), format!("static:{}", known.name))
            }
            Some(Show::Pool(pool)) => {
                let pool = &site.pools[*pool];
                because.push(format!(
                    "pool:{} has {} numbers; one is leased when a page prints line {:?}",
                    pool.name,
                    pool.numbers.len(),
                    line.name
                ));
                (None, format!("pool:{}", pool.name))
            }
        };
        lines.push(LineShown { line: line.name.clone(), number, from });
    }
    lines
}

fn print(trace: &Trace) {
    let row = |name: &str, value: &str| println!("{name:<12} {value}");
    row("visitor", trace.visitor);
    let said = |text: &str| text.escape_debug().to_string();
    row("source", &said(&trace.source));
    row("medium", &said(&trace.medium));
    let words = [("campaign", &trace.campaign), ("term", &trace.term), ("content", &trace.content)];
    for (name, value) in words.into_iter().filter_map(|(name, word)| Some((name, word.as_ref()?))) {
        row(name, &said(value));
    }
    row("channel", &format!("{} (GA4: {})", trace.channel, trace.ga4_channel));
    for (name, value) in &trace.click_ids {
        row("click id", &format!("{name} {}", value.as_str().unwrap_or_default().escape_debug()));
    }
    row("rule", &trace.rule.map_or("none matched".to_owned(), |rule| rule.to_string()));
    for shown in &trace.shows {
        let number = shown.number.as_deref().unwrap_or("a number of its own");
        row("shows", &format!("{}: {number}, from {}", shown.line, shown.from));
    }
    for sentence in &trace.because {
        row("because", &sentence.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'"));
    }
}
