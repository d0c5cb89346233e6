//! How a response ended.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All of it was handed to the connection.
    Complete,
    /// The connection to the client ended before.
    ClientGone,
    /// What the website sent ended before its end, or couldn't be read.
    OriginBrokeOff,
}

impl End {
    pub fn name(self) -> &'static str {
        match self {
            End::Complete => "complete",
            End::ClientGone => "client_gone",
            End::OriginBrokeOff => "origin_broke_off",
        }
    }
}
