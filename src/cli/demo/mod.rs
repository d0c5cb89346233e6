//! `demo`: a sample business with a website, the proxy before it, a simulated carrier, and a fresh ledger that is gone when it
//! ends.

mod call;
mod carrier;
mod line;
mod post;
mod telephone;
mod website;

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::running::{Running, runtime};
use super::{Demo, DemoCommand, Stop};
use crate::config::Config;
use crate::proxy::VisitReport;
use crate::server::{Inherited, Manager};
use carrier::Carrier;
use telephone::Telephone;
use website::Website;

pub use call::Call;

/// A person's browser, for curl to pass for.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Where the carrier believes to reach the proxy: it signs what it sends there.
const PUBLIC: &str = "https://calls.harborandpine.example";

pub(super) fn run(demo: &Demo) -> Result<ExitCode, Stop> {
    if let Some(DemoCommand::Call(call)) = &demo.command {
        return call::run(call);
    }
    runtime(0)?.block_on(serve(demo))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(demo: &Demo) -> Result<(), Stop> {
    let port = demo.port;
    let folder = tempfile::tempdir().map_err(Stop::because)?;
    let token = format!("{:032x}", rand::random::<u128>());
    std::fs::write(folder.path().join("twilio-token"), &token).map_err(Stop::because)?;
    let website = Website::bind().await.map_err(Stop::because)?;
    let config = || configuration(folder.path(), demo, website.address);
    let (reports, told) = unbounded_channel();
    let running =
        Running::start(config()?, Inherited::default(), Some(reports)).await.map_err(|stop| match port {
            0 => stop,
            port => Stop::Other(format!("{stop} (another port than {port} is had with --port)")),
        })?;
    let [proxy] = running.addresses()[..] else {
        return Err(Stop::Other("the demo's proxy has no address".to_owned()));
    };
    let carrier = Carrier::new(&token, PUBLIC, proxy, website.address);
    let telephone = Telephone::new(carrier, running.rooms().calls, config()?);
    introduce(proxy, website.address, running.admin_address());
    website.serve(telephone).await.map_err(Stop::because)?;
    tokio::spawn(tell(told));
    running.until_stopped(Manager::none()).await
}

fn configuration(folder: &Path, demo: &Demo, website: SocketAddr) -> Result<Config, Stop> {
    let admin = demo.admin_port.map(|port| format!("admin = \"127.0.0.1:{port}\"")).unwrap_or_default();
    let text = include_str!("demo.toml")
        .replace("{port}", &demo.port.to_string())
        .replace("{admin}", &admin)
        .replace("{website}", &website.to_string())
        .replace("{public}", PUBLIC);
    let file = folder.join("demo.toml");
    std::fs::write(&file, &text).map_err(Stop::because)?;
    let checked = Config::parse(&text, &file);
    checked
        .config
        .ok_or_else(|| Stop::Other(format!("the demo's own configuration is wrong: {:?}", checked.findings)))
}

fn introduce(proxy: SocketAddr, website: SocketAddr, admin: Option<SocketAddr>) {
    let counted =
        admin.map(|admin| format!("\n  http://{admin}/metrics   what is counted")).unwrap_or_default();
    let port = proxy.port();
    println!(
        "Harbor & Pine Plumbing, whose own number is (503) 555-0100

Open
  http://{proxy}/?utm_source=google&utm_medium=cpc&utm_campaign=spring   as a visitor from an ad
  http://{website}/                                                     the website itself{counted}

Try, in another terminal
  # a visitor from an ad reads a number of the pool, on every page
  curl -s -A '{BROWSER}' 'http://{proxy}/?utm_source=google&utm_medium=cpc' | grep -o 'tel:[^\"]*'
  # a visitor from a search reads another
  curl -s -A '{BROWSER}' -e 'https://www.google.com/' http://{proxy}/contact.html | grep -o 'tel:[^\"]*'
  # a visitor from the map listing reads its static number
  curl -s -A '{BROWSER}' 'http://{proxy}/?utm_source=google&utm_campaign=gbp' | grep -o 'tel:[^\"]*'
  # a crawler reads the website's own bytes
  curl -s -A 'Googlebot/2.1 (+http://www.google.com/bot.html)' http://{proxy}/ | diff - <(curl -s http://{website}/) && echo the same
  # a page that the website sends compressed
  curl -s --compressed -A '{BROWSER}' 'http://{proxy}/services.html?gclid=demo' | grep -o '([0-9]*) 555-[0-9]*' | sort | uniq -c

Call, in another terminal, the number that you read; in a browser there is a button beside it
  dni-edge demo call '(503) 555-0110' --port {port}   # --as busy, missed, abandoned or voicemail; --help tells more

Visits and calls, as they happen
"
    );
}

async fn tell(mut reports: UnboundedReceiver<VisitReport>) {
    while let Some(report) = reports.recv().await {
        if say(report).is_err() {
            return;
        }
    }
}

/// Tells of something at once.
fn say(what: impl Display) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}")?;
    out.flush()
}

/// Seconds, as minutes and seconds.
fn minutes(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
