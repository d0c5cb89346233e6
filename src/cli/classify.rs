//! `classify`: who made each of many requests, and where from. JSON Lines in, JSON Lines out, as they come.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

use super::explain::BROWSER;
use super::{Classify, Stop};
use crate::config::Config;
use crate::visit::{Channel, Ga4Channel, Landing, Reading, Visitor, referrer};

/// Bytes of a line; a longer one is answered with an error.
const LONGEST_LINE: usize = 1 << 20;

/// A request, as a line tells of it. What else the line holds is not looked at.
#[derive(Debug, Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow, default)]
    referrer: Option<Cow<'a, str>>,
    /// Where the line doesn't have it, a current desktop browser's; null: the request had none.
    #[serde(borrow, default, deserialize_with = "said")]
    user_agent: Option<Option<Cow<'a, str>>>,
    #[serde(borrow, default)]
    headers: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

/// Tells null from a field that is not there.
fn said<'de: 'a, 'a, D: Deserializer<'de>>(value: D) -> Result<Option<Option<Cow<'a, str>>>, D::Error> {
    #[derive(Deserialize)]
    struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);
    Ok(Some(Option::<Borrowed<'a>>::deserialize(value)?.map(|said| said.0)))
}

#[derive(Debug, Serialize)]
struct Answer<'a, 'r> {
    visitor: &'static str,
    channel: Channel,
    ga4_channel: Ga4Channel,
    source: &'a str,
    medium: &'a str,
    campaign: Option<Cow<'r, str>>,
    term: Option<Cow<'r, str>>,
    content: Option<Cow<'r, str>>,
    click_ids: ClickIds<'a, 'r>,
    because: &'a [String],
}

/// Click ids as one object: each name, and its value.
#[derive(Debug)]
struct ClickIds<'a, 'r>(&'a Reading<'r>);

impl Serialize for ClickIds<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.click_ids().map(|id| (id.name, id.value)))
    }
}

#[derive(Debug, Serialize)]
struct Broken {
    /// From 1.
    line: usize,
    error: String,
}

pub(super) fn run(classify: &Classify) -> Result<ExitCode, Stop> {
    let config = classify.config.as_deref().map(super::configuration).transpose()?;
    let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    match stream(input, io::stdout().lock(), config.as_ref()) {
        // Whoever reads has had enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        outcome => outcome.map(|()| ExitCode::SUCCESS).map_err(Stop::because),
    }
}

/// Answers each line that is not blank. Nothing that could be read is waited with: the answers leave whenever the input has
/// no whole line more. A site's own hosts and parameters are those of `config`, and without one the page's own host.
///
/// # Errors
/// Only where input or output fail; a broken line is answered with what is wrong with it.
pub fn stream<R: io::Read>(
    mut input: BufReader<R>,
    mut output: impl Write,
    config: Option<&Config>,
) -> io::Result<()> {
    let (mut line, mut answers, mut count) = (Vec::new(), Vec::new(), 0);
    let mut clerk = Clerk { config, headers: HeaderMap::new(), because: Vec::new() };
    loop {
        line.clear();
        let is_whole = read_line(&mut input, &mut line)?;
        if line.is_empty() {
            output.write_all(&answers)?;
            return output.flush();
        }
        count += 1;
        let text = line.trim_ascii();
        if !text.is_empty() {
            let outcome = match is_whole {
                true => clerk.answer(text, &mut answers),
                false => Err(format!("the line is longer than {LONGEST_LINE} bytes")),
            };
            if let Err(error) = outcome {
                serde_json::to_writer(&mut answers, &Broken { line: count, error })?;
            }
            answers.push(b'\n');
        }
        if memchr::memchr(b'\n', input.buffer()).is_none() {
            output.write_all(&answers)?;
            output.flush()?;
            answers.clear();
        }
    }
}

/// Reads a line with its end, and says whether it is whole: of one that is too long only the beginning is kept.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let bytes = input.fill_buf()?;
        let end = memchr::memchr(b'\n', bytes).map(|end| end + 1);
        let len = end.unwrap_or(bytes.len());
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend_from_slice(&bytes[..len.min(room)]);
        let is_over = end.is_some() || len == 0;
        let fits = len <= room;
        input.consume(len);
        if !fits {
            return skip_line(input, is_over).map(|()| false);
        }
        if is_over {
            return Ok(true);
        }
    }
}

fn skip_line(input: &mut impl BufRead, mut is_over: bool) -> io::Result<()> {
    while !is_over {
        let bytes = input.fill_buf()?;
        let end = memchr::memchr(b'\n', bytes).map(|end| end + 1);
        is_over = end.is_some() || bytes.is_empty();
        let len = end.unwrap_or(bytes.len());
        input.consume(len);
    }
    Ok(())
}

/// Answers one line after another, with what it kept from the last.
struct Clerk<'c> {
    config: Option<&'c Config>,
    headers: HeaderMap,
    because: Vec<String>,
}

impl Clerk<'_> {
    fn answer(&mut self, line: &[u8], answers: &mut Vec<u8>) -> Result<(), String> {
        let asked: Asked<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let url =
            Url::parse(&asked.url).map_err(|error| format!("{:?} is no URL: {error}", cut(&asked.url)))?;
        self.take_headers(&asked)?;
        self.because.clear();
        if asked.user_agent.is_none()
            && !asked.headers.keys().any(|name| name.eq_ignore_ascii_case("user-agent"))
        {
            self.because.push("no user_agent is given: a current desktop browser's is taken".to_owned());
        }
        let own_hosts = [super::host_of(&url)];
        let site = self.config.and_then(|config| config.site(&own_hosts[0]));
        let visitor = match site {
            // Whom it excludes by address isn't told here.
            Some(site) => {
                let nowhere = Ipv4Addr::UNSPECIFIED.into();
                site.exclusion.visitor(&self.headers, nowhere, Some(&mut self.because))
            }
            None => Visitor::of(&self.headers, Some(&mut self.because)),
        };
        let referrer = asked.referrer.as_deref().or(referrer(&self.headers));
        let landing = match site {
            Some(site) => site.landing(url.query(), referrer),
            None => Landing { query: url.query(), referrer, own_hosts: &own_hosts, ..Landing::default() },
        };
        let reading = Reading::of(&landing, Some(&mut self.because));
        let answer = Answer {
            visitor: visitor.name(),
            channel: reading.channel,
            ga4_channel: reading.ga4_channel,
            source: &reading.source,
            medium: &reading.medium,
            campaign: reading.campaign(),
            term: reading.term(),
            content: reading.content(),
            click_ids: ClickIds(&reading),
            because: &self.because,
        };
        serde_json::to_writer(answers, &answer).map_err(|error| error.to_string())
    }

    /// The request's headers. Values may hold any character but those that end a header's line.
    fn take_headers(&mut self, asked: &Asked<'_>) -> Result<(), String> {
        self.headers.clear();
        let value = |name: &str, value: &str| {
            HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| format!("the value of {name}, {:?}, can't stand in a header", cut(value)))
        };
        if asked.user_agent.is_none() {
            self.headers.insert(header::USER_AGENT, HeaderValue::from_static(BROWSER));
        }
        for (name, said) in &asked.headers {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("{:?} is no header's name", cut(name)))?;
            self.headers.insert(parsed, value(name, said)?);
        }
        if let Some(Some(user_agent)) = &asked.user_agent {
            self.headers.insert(header::USER_AGENT, value("user_agent", user_agent)?);
        }
        Ok(())
    }
}

/// The beginning of what somebody wrote, for a message.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(80)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answers(input: &str) -> Vec<Value> {
        let mut output = Vec::new();
        stream(BufReader::with_capacity(64, input.as_bytes()), &mut output, None)
            .expect("memory can be written");
        String::from_utf8(output)
            .expect("JSON")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    #[test]
    fn each_line_is_answered_in_its_place() {
        let input = "{\"url\":\"https://a.example/?gclid=1\",\"user_agent\":\"curl/8.5.0\"}\n\n  \n\
                     {\"url\":\"https://a.example/\",\"referrer\":\"https://a.example/x\",\"more\":[1]}\r\n\
                     {\"url\":\"https://a.example/\",\"headers\":{\"Referer\":\"https://duckduckgo.com/\",\"Purpose\":\"prefetch\"}}";
        let answers = answers(input);
        let said =
            |answer: &Value| [&answer["visitor"], &answer["channel"], &answer["source"]].map(Value::clone);
        assert_eq!(said(&answers[0]), [json!("tool"), json!("Paid Search"), json!("google")]);
        assert_eq!(answers[0]["click_ids"], json!({ "gclid": "1" }));
        assert_eq!(said(&answers[1]), [json!("person"), json!("Direct"), json!("(direct)")]);
        assert_eq!(said(&answers[2]), [json!("prefetch"), json!("Organic Search"), json!("duckduckgo")]);
        assert_eq!(answers.len(), 3);
    }

    #[test]
    fn a_broken_line_is_answered_and_the_next_one_too() {
        let long = "x".repeat(LONGEST_LINE + 5);
        let input = format!(
            "{{\n{{\"url\":\"no url\"}}\n{long}\n{{\"url\":\"https://a.example/\",\"user_agent\":null}}\n\
             {{\"url\":\"https://a.example/\",\"headers\":{{\"a b\":\"c\"}}}}\n{{\"referrer\":\"\"}}\n"
        );
        let answers = answers(&input);
        let errors: Vec<_> = answers.iter().map(|answer| answer["error"].as_str()).collect();
        assert!(
            errors[0].is_some() && errors[1].is_some_and(|error| error.starts_with("\"no url\" is no URL"))
        );
        assert_eq!(errors[2], Some("the line is longer than 1048576 bytes"));
        assert_eq!((errors[3], &answers[3]["visitor"]), (None, &json!("tool")), "null: it had no User-Agent");
        assert_eq!(errors[4], Some("\"a b\" is no header's name"));
        assert!(errors[5].is_some_and(|error| error.contains("url")));
        assert_eq!(answers[4]["line"], 5);
    }

    #[test]
    fn what_is_no_utf8_is_answered_too() {
        let mut output = Vec::new();
        stream(BufReader::new(&b"\"\xff\"\n"[..]), &mut output, None).expect("memory can be written");
        assert!(output.starts_with(b"{\"line\":1,\"error\":"));
    }
}
