//! `demo call`: dials a number of the demo that runs, and tells what came of it.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::{Request, StatusCode, header};
use http_body_util::Full;

use super::carrier::Ending;
use super::telephone::{ADDRESS, Asked, TALK, Told};
use super::{minutes, post};
use crate::cli::running::runtime;
use crate::cli::table::{self, legible};
use crate::cli::{PORT, Stop};

/// The whole call takes a fraction of a second, unless its disk is slow.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Args)]
pub struct Call {
    /// The number that is called: as a page shows it
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Where the demo's proxy listens
    #[arg(long, default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// The number of whoever calls, or "anonymous"; by default somebody who hasn't called before
    #[arg(long, value_name = "CALLER")]
    pub from: Option<String>,
    /// How the call goes
    #[arg(long = "as", value_name = "HOW", default_value = "answered")]
    pub ending: Ending,
    /// How long the two talk, in seconds. Nobody waits for it
    #[arg(long, value_name = "SECONDS", default_value_t = TALK, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub talk: u32,
    /// The call, as `calls --json` has it
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(call: &Call) -> Result<ExitCode, Stop> {
    let told = runtime(1)?.block_on(ask(call))?;
    let mut output = io::stdout().lock();
    let written = if call.json { writeln!(output, "{}", told.call) } else { write(&told, &mut output) };
    let done = table::done(written)?;
    match told.trouble {
        Some(trouble) => Err(Stop::Other(format!("the carrier could not obey: {}", legible(&trouble)))),
        None if told.call.is_null() => Err(Stop::Other("the ledger doesn't know of the call".to_owned())),
        None => Ok(done),
    }
}

/// The demo's website takes it, through the proxy: that one's address is the one that people know.
async fn ask(call: &Call) -> Result<Told, Stop> {
    let proxy = SocketAddr::from((Ipv4Addr::LOCALHOST, call.port));
    let Call { number, from, ending, talk, .. } = call;
    let asked = Asked { number: number.clone(), from: from.clone(), ending: *ending, talk: *talk };
    let request = Request::post(ADDRESS)
        .header(header::HOST, proxy.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        // It opens no page, and is no visit.
        .header("Sec-Fetch-Dest", "empty")
        .body(Full::new(Bytes::from(serde_json::to_vec(&asked).map_err(Stop::because)?)))
        .map_err(Stop::because)?;
    let answer = post::ask(proxy, request, PATIENCE).await.map_err(|error| {
        let remedy = "start `dni-edge demo`, or name its port with --port";
        Stop::Other(format!("no demo answers at {proxy}: {error}; {remedy}"))
    })?;
    match (answer.status(), serde_json::from_slice(answer.body())) {
        (StatusCode::OK, Ok(told)) => Ok(told),
        (StatusCode::UNPROCESSABLE_ENTITY, _) => {
            Err(Stop::Other(legible(String::from_utf8_lossy(answer.body()).trim_end())))
        }
        (status, _) => Err(Stop::Other(format!(
            "what answers at {proxy} is no demo ({status}); name the demo's port with --port"
        ))),
    }
}

fn write(told: &Told, output: &mut impl Write) -> io::Result<()> {
    for step in &told.steps {
        writeln!(output, "{:>6}  {}", minutes(step.at), legible(&step.what))?;
    }
    let lines = told.line.iter().flat_map(|line| line.lines());
    lines.enumerate().try_for_each(|(at, line)| {
        let before = if at == 0 { "\n" } else { "" };
        writeln!(output, "{before}{}", legible(line))
    })
}
