//! Where traces are sent: a collector that speaks OTLP over gRPC (OpenTelemetry Protocol 1.x).
//!
//! Spans wait in a queue of bounded length, and a thread sends them in batches. What the queue has no room for, or the
//! collector doesn't take, is lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::tonic_types::transport::ClientTlsConfig;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanExporter as Exporter, SpanProcessor};
use prometheus::IntCounter;
use url::Url;

/// What spans name as their source.
const NAME: &str = "dni-edge";

/// So long a batch may take on its way.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Collector {
    pub address: Url,
    pub scope: InstrumentationScope,
    processor: BatchSpanProcessor,
}

impl Collector {
    /// At this address. To be called where a runtime is, which the connection then lives on.
    ///
    /// # Errors
    /// [`ExporterBuildError`] where there can be no collector at such an address. That one is there is not looked for.
    pub fn at(address: &Url, sent: IntCounter, failed: IntCounter) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder().with_tonic();
        let exporter = exporter.with_endpoint(address.as_str()).with_timeout(PATIENCE);
        let exporter = match address.scheme() {
            "https" => exporter.with_tls_config(ClientTlsConfig::new().with_native_roots()),
            _ => exporter,
        };
        let failing = AtomicBool::new(false);
        let exporter =
            Counted { exporter: exporter.build()?, address: address.clone(), sent, failed, failing };
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        processor.set_resource(&resource());
        let scope = InstrumentationScope::builder(NAME).with_version(env!("CARGO_PKG_VERSION")).build();
        Ok(Collector { address: address.clone(), scope, processor })
    }

    /// Hands a span over, to be sent. Never waits.
    pub fn take(&self, span: SpanData) {
        self.processor.on_end(span);
    }

    /// Sends what waits, for so long at most. Blocks.
    pub fn close(&self, patience: Duration) {
        // It may have been closed before, or take longer: then that much is lost.
        let _ = self.processor.shutdown_with_timeout(patience);
    }
}

/// Who sends them. What OpenTelemetry's own variable says of the name, one node's say, comes before ours.
fn resource() -> Resource {
    let resource =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    match std::env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => resource.build(),
        None => resource.with_service_name(NAME).build(),
    }
}

/// An exporter that counts what it could send, and says once when that begins to fail, and once when it is over.
#[derive(Debug)]
struct Counted {
    exporter: SpanExporter,
    address: Url,
    sent: IntCounter,
    failed: IntCounter,
    failing: AtomicBool,
}

impl Exporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let outcome = self.exporter.export(batch).await;
        let has_failed = outcome.is_err();
        if has_failed { &self.failed } else { &self.sent }.inc_by(spans);
        let had_failed = self.failing.swap(has_failed, Ordering::Relaxed);
        match &outcome {
            Err(error) if !had_failed => {
                tracing::warn!(
                    "traces can't be sent to {}: {error}; they are lost until they can",
                    self.address
                );
            }
            Ok(()) if had_failed => tracing::info!("traces are sent to {} again", self.address),
            _ => {}
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
