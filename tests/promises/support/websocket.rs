//! A WebSocket server and client of other people's making.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::tool::Tool;

pub struct WebSocket {
    tool: Tool,
    address: SocketAddr,
}

impl WebSocket {
    /// Starts the server; none where something that it needs is missing.
    pub fn start() -> Option<Self> {
        let python = Tool::folder().join("venv/bin/python");
        let mut tool = Tool::start(python.to_str()?, "websocket.py", &[], &[&python])?;
        let address = tool.ask(&json!({ "address": true }));
        let address = address.as_str().and_then(|address| address.parse().ok()).expect("an address");
        Some(WebSocket { tool, address })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How the client's conversation with whoever listens there goes.
    pub fn talk(&mut self, with: SocketAddr) -> Value {
        self.tool.ask(&json!({ "talk": with }))
    }
}
