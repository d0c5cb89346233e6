//! A phone rings: how soon its carrier is told where to connect, while visitors keep the ledger busy.

#[path = "support/leases.rs"]
mod leases;
#[path = "support/ratios.rs"]
mod ratios;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::Criterion;
use dni_edge::call::Calls;
use dni_edge::call::signature::Verifiers;
use dni_edge::config::{Config, Keys};
use dni_edge::ledger::{Ledger, Seen};
use http::Request;
use http_body_util::Full;
use leases::{BUSY, NOW, busy, fill};
use ratios::Line;
use tokio::runtime::Runtime;

const SUMMARY: [Line; 2] = [
    Line { of: "call/where to connect", by: None, limit: Some(50_000_000.0) },
    Line { of: "call/where to connect, of a hundred the slowest", by: None, limit: Some(50_000_000.0) },
];

/// Rings of which the slowest counts.
const HUNDRED: usize = 100;

/// Page views that are handed to the ledger meanwhile, a second.
const VIEWS: u64 = 2000;

fn main() -> ExitCode {
    ratios::run(&SUMMARY, calls)
}

fn calls(criterion: &mut Criterion) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the ledger");
    let path = folder.path().join("ledger.db");
    let runtime = Runtime::new().expect("a runtime");
    let (calls, ledger) = runtime.block_on(start(folder.path(), &path));
    let visitors = keep_busy(ledger.clone());
    let mut group = criterion.benchmark_group("call");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3)).sample_size(20);
    group.bench_function("where to connect", |b| {
        b.iter_custom(|count| (0..count).map(|_| runtime.block_on(ring(&calls))).sum());
    });
    group.measurement_time(Duration::from_secs(10)).sample_size(10);
    group.bench_function("where to connect, of a hundred the slowest", |b| {
        let slowest = || (0..HUNDRED).map(|_| runtime.block_on(ring(&calls))).max().unwrap_or_default();
        b.iter_custom(|count| (0..count).map(|_| slowest()).sum());
    });
    group.finish();
    visitors.store(true, Ordering::Relaxed);
    ledger.close();
}

/// Calls of a business whose numbers have been shown to many.
async fn start(folder: &Path, path: &Path) -> (Arc<Calls>, Ledger) {
    let numbers: Vec<_> = (0..BUSY).map(busy).collect();
    let text = format!(
        "[server]\nsecret = {{ file = \"secret\" }}\nledger = \"sqlite:ledger.db\"\n[carrier.pbx]\nsecret = {{ file = \"pbx\" }}\n\
         [[site]]\nname = \"plumber\"\nhosts = [\"www.example.com\"]\norigin = \"http://127.0.0.1:9\"\ncountry = \"US\"\n\
         [[site.line]]\nname = \"main\"\ncanonical = \"+12125550100\"\n\
         [[site.line.route]]\nwhen = {{ hours = [\"Mon-Sun 00:00-24:00\"], zone = \"America/New_York\" }}\n\
         to = [\"+12125550101\", \"+12125550102\"]\nwhisper = \"Call from {{source}}\"\n\
         [[site.pool]]\nname = \"ads\"\nline = \"main\"\nnumbers = {numbers:?}\n"
    );
    std::fs::write(folder.join("pbx"), PASSWORD).expect("a folder");
    let checked = Config::parse(&text, &folder.join("dni-edge.toml"));
    let config = checked.config.unwrap_or_else(|| panic!("{:?}", checked.findings));
    let keys = Keys::load(&config.server.secret).expect("a secret");
    fill(path, &keys.fingerprint);
    let ledger = Ledger::open(path, &keys.fingerprint).expect("a ledger");
    let carriers = Verifiers::load(&config.carriers).expect("its secret");
    let calls =
        Calls::new(&config, &keys, ledger.clone(), carriers).await.expect("a ledger that can be read");
    (calls, ledger)
}

const PASSWORD: &str = "a secret of the carrier";

/// Visitors view pages until they are told to stop.
fn keep_busy(ledger: Ledger) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    std::thread::spawn(move || {
        for view in (0..).take_while(|_| !stopped.load(Ordering::Relaxed)) {
            let number = busy(view % BUSY).into();
            ledger.seen(vec![Seen { number, started: NOW, last_seen: NOW, is_confirmed: true }]);
            std::thread::sleep(Duration::from_micros(1_000_000 / VIEWS));
        }
    });
    stop
}

/// The time from a call's ring to the answer, which is on disk by then.
async fn ring(calls: &Arc<Calls>) -> Duration {
    static CALL: AtomicU64 = AtomicU64::new(0);
    let call = CALL.fetch_add(1, Ordering::Relaxed);
    let body = format!(
        "CallSid=C{call}&From=%2B1305555{:04}&To={}",
        call % 5000,
        busy(call % BUSY).replace('+', "%2B")
    );
    let request = Request::post("/.dni/calls/pbx")
        .header("Authorization", format!("Bearer {PASSWORD}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    let begun = Instant::now();
    let answer = Arc::clone(calls).handle(request).await;
    let took = begun.elapsed();
    assert_eq!(answer.status(), 200);
    took
}
