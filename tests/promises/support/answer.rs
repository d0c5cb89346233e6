//! An answer of the website: status, headers, body.

use super::coding::packed;

#[derive(Clone, Debug)]
pub struct Answer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    pub fn html(body: impl AsRef<[u8]>) -> Self {
        Answer::of("200 OK", "text/html; charset=utf-8", body)
    }

    pub fn of(status: &'static str, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let headers = format!("Content-Type: {content_type}\r\n");
        Answer { status, headers, body: body.as_ref().to_vec() }
    }

    /// With these further header lines.
    pub fn with(mut self, lines: &[&str]) -> Self {
        lines.iter().for_each(|line| self.headers += &format!("{line}\r\n"));
        self
    }

    pub fn packed(self, coding: &str) -> Self {
        let body = packed(coding, &self.body);
        let name = if coding == "bare" { "deflate" } else { coding };
        Answer { body, ..self }.with(&[&format!("Content-Encoding: {name}")])
    }

    pub fn to_bytes(&self, head_only: bool) -> Vec<u8> {
        let length = match self.status {
            "304 Not Modified" | "204 No Content" => String::new(),
            _ => format!("Content-Length: {}\r\n", self.body.len()),
        };
        let head = format!("HTTP/1.1 {}\r\n{}{length}\r\n", self.status, self.headers);
        let body: &[u8] = if head_only { b"" } else { &self.body };
        [head.as_bytes(), body].concat()
    }
}
