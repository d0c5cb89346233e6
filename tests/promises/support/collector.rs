//! A collector of traces, as OpenTelemetry's own protocol definitions make one.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;

/// It keeps what it is sent.
pub struct Collector {
    pub address: SocketAddr,
    received: Received,
}

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Received {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let collector = Collector { address: listener.local_addr().unwrap(), received: Received::default() };
        let service = TraceServiceServer::new(collector.received.clone());
        std::thread::spawn(move || {
            runtime.block_on(async {
                while let Ok((stream, _)) = listener.accept().await {
                    let service = TowerToHyperService::new(service.clone());
                    let http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
                }
            });
        });
        collector
    }

    /// All spans that have come, in no order.
    pub fn spans(&self) -> Vec<Span> {
        let received = self.received.0.lock().unwrap();
        let scopes =
            received.iter().flat_map(|request| &request.resource_spans).flat_map(|of| &of.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// What has come says of itself.
    pub fn resource(&self, name: &str) -> Option<String> {
        let received = self.received.0.lock().unwrap();
        let resource = received.first()?.resource_spans.first()?.resource.as_ref()?;
        value(&resource.attributes, name)
    }

    /// Everything that has come, as debugging shows it.
    pub fn everything(&self) -> String {
        format!("{:?}", self.received.0.lock().unwrap())
    }
}

/// An attribute, as text.
pub fn value(attributes: &[KeyValue], name: &str) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.key == name)?;
    Some(match attribute.value.clone()?.value? {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(is) => is.to_string(),
        other => panic!("{name} is {other:?}"),
    })
}
