//! Requests as a strict reader takes them off the wire, without help from anybody's library.

/// A request, with its body as it reads without chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub method: String,
    pub target: String,
    pub fields: Vec<Line>,
    pub body: Vec<u8>,
    pub trailers: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub name: String,
    pub value: Vec<u8>,
}

/// What bytes are: requests, one behind the other, and what is behind those.
#[derive(Clone, Debug)]
pub struct Read {
    pub messages: Vec<Message>,
    /// So many bytes belong to them.
    pub len: usize,
    /// Why no request stands there; none where more bytes may make it one.
    pub refused: Option<&'static str>,
}

/// Reads requests until there is none.
pub fn requests(bytes: &[u8]) -> Read {
    read(Cursor { bytes, at: 0, tolerant: false })
}

/// The same with what docs/http.md says is read all the same: LF alone at the end of a head's lines, empty lines before a request, a
/// length that is said twice, and white space behind a chunk's size.
pub fn requests_with_tolerance(bytes: &[u8]) -> Read {
    read(Cursor { bytes, at: 0, tolerant: true })
}

fn read(mut cursor: Cursor) -> Read {
    let mut messages = Vec::new();
    loop {
        let len = cursor.at;
        match cursor.message() {
            Ok(Some(message)) => messages.push(message),
            Ok(None) => return Read { messages, len, refused: None },
            Err(why) => return Read { messages, len, refused: Some(why) },
        }
    }
}

impl Message {
    /// What must be the same, whoever reads it: all but the headers that a proxy may change.
    pub fn meant(&self) -> (&str, &str, &[u8]) {
        (&self.method, &self.target, &self.body)
    }
}

fn all<'m>(fields: &'m [Line], name: &str) -> Vec<&'m [u8]> {
    let lines = fields.iter().filter(|line| line.name.eq_ignore_ascii_case(name));
    lines.map(|line| &line.value[..]).collect()
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
    tolerant: bool,
}

impl Cursor<'_> {
    fn message(&mut self) -> Result<Option<Message>, &'static str> {
        let Some(mut first) = self.line(self.tolerant)? else { return Ok(None) };
        while self.tolerant && first.is_empty() {
            let Some(next) = self.line(true)? else { return Ok(None) };
            first = next;
        }
        let [method, target, version] = first.split(|byte| *byte == b' ').collect::<Vec<_>>()[..] else {
            return Err("the request line is not three words");
        };
        let is_known = [&b"HTTP/1.1"[..], b"HTTP/1.0"].contains(&version);
        let is_of_target = |byte: &u8| byte.is_ascii_graphic() || *byte >= 0x80;
        if !is_known || !is_token(method) || target.is_empty() || !target.iter().all(is_of_target) {
            return Err("the request line is none");
        }
        let (method, target) = (text(method), text(target));
        let Some(fields) = self.fields(self.tolerant)? else { return Ok(None) };
        let [mut lengths, codings] = ["Content-Length", "Transfer-Encoding"].map(|name| all(&fields, name));
        if self.tolerant {
            lengths.dedup();
        }
        let (body, trailers) = match (&lengths[..], &codings[..]) {
            ([], []) => (Some(Vec::new()), Some(Vec::new())),
            ([length], []) => {
                let is_length = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
                let length = text(length).parse().ok().filter(|_| is_length).ok_or("a length is none")?;
                (self.take(length), Some(Vec::new()))
            }
            ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") && version == b"HTTP/1.1" => {
                match self.chunks()? {
                    Some(body) => (Some(body), self.fields(false)?),
                    None => (None, None),
                }
            }
            _ => return Err("where the body ends is in doubt"),
        };
        let (Some(body), Some(trailers)) = (body, trailers) else { return Ok(None) };
        Ok(Some(Message { method, target, fields, body, trailers }))
    }

    /// Lines up to the empty one.
    fn fields(&mut self, lf: bool) -> Result<Option<Vec<Line>>, &'static str> {
        let mut fields = Vec::new();
        loop {
            let Some(line) = self.line(lf)? else { return Ok(None) };
            if line.is_empty() {
                return Ok(Some(fields));
            }
            let colon = line.iter().position(|byte| *byte == b':').ok_or("a line has no colon")?;
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if !is_token(name) || value.iter().any(|byte| *byte < b' ' && *byte != b'\t' || *byte == 0x7f) {
                return Err("a line is none");
            }
            fields.push(Line { name: text(name), value: value.to_vec() });
        }
    }

    fn chunks(&mut self) -> Result<Option<Vec<u8>>, &'static str> {
        let mut body = Vec::new();
        loop {
            let Some(line) = self.line(false)? else { return Ok(None) };
            let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
            let size = if self.tolerant { size.trim_ascii_end() } else { size };
            if size.is_empty() || size.len() > 15 || !size.iter().all(u8::is_ascii_hexdigit) {
                return Err("a chunk's size is none");
            }
            let size = usize::from_str_radix(&text(size), 16).map_err(|_| "a chunk's size is none")?;
            if size == 0 {
                return Ok(Some(body));
            }
            let Some(data) = self.take(size) else { return Ok(None) };
            body.extend(data);
            match self.take(2) {
                Some(end) if end == b"\r\n" => {}
                Some(_) => return Err("a chunk is longer than it says"),
                None => return Ok(None),
            }
        }
    }

    /// The next line without its end, which is CRLF, or LF where that will do; none where it has not come whole.
    fn line(&mut self, lf: bool) -> Result<Option<Vec<u8>>, &'static str> {
        let rest = &self.bytes[self.at..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let without_cr = lf.then_some(&rest[..end]);
        let line = rest[..end].strip_suffix(b"\r").or(without_cr).ok_or("a line ends without CR")?;
        if line.iter().any(|byte| [b'\r', 0].contains(byte)) {
            return Err("a line has CR or NUL in it");
        }
        self.at += end + 1;
        Ok(Some(line.to_vec()))
    }

    fn take(&mut self, len: usize) -> Option<Vec<u8>> {
        let taken = self.bytes[self.at..].get(..len)?.to_vec();
        self.at += len;
        Some(taken)
    }
}

/// RFC 9110 §5.6.2.
fn is_token(bytes: &[u8]) -> bool {
    let is_mark = |byte: &u8| b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
