//! Messages as they stand on the wire, for both ends of the proxy.

use std::io::{self, BufRead, ErrorKind};

/// A message's head: its first line, and its header lines in their order.
#[derive(Clone, Debug)]
pub struct Head {
    pub first_line: String,
    pub lines: Vec<(String, String)>,
}

impl Head {
    /// Reads up to the empty line; none where the connection ends before the first byte.
    pub fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(first_line) = read_line(reader)? else { return Ok(None) };
        Ok(Some(Head { first_line, lines: fields(reader)? }))
    }

    /// The values of all lines of this name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.lines.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of the one line of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() <= 1, "{name} stands there {} times: {self:?}", all.len());
        all.first().copied()
    }

    pub fn has(&self, name: &str) -> bool {
        !self.all(name).is_empty()
    }

    /// The second word of the first line: a request's target, an answer's status.
    pub fn second_word(&self) -> &str {
        self.first_line.split(' ').nth(1).unwrap_or_default()
    }

    /// How the body behind this head is framed, where it has one (RFC 9112 §6.3).
    pub fn framing(&self, otherwise: Framing) -> Framing {
        if self.value("Transfer-Encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return Framing::Chunked { left: 0, begun: false };
        }
        match self.value("Content-Length") {
            Some(length) => Framing::Length(length.parse().expect("a length is a number")),
            None => otherwise,
        }
    }
}

/// What is still to come of a body.
#[derive(Clone, Debug)]
pub enum Framing {
    Length(u64),
    Chunked {
        left: u64,
        begun: bool,
    },
    UntilClosed,
    /// With these lines behind it.
    Ended(Vec<(String, String)>),
}

/// The connection ended before the body did.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut;

impl Framing {
    pub const NONE: Framing = Framing::Length(0);

    /// Whether nothing more is to come.
    pub fn has_ended(&self) -> bool {
        matches!(self, Framing::Length(0) | Framing::Ended(_))
    }

    /// The lines behind the body, once it has ended.
    pub fn trailers(&self) -> &[(String, String)] {
        match self {
            Framing::Ended(lines) => lines,
            _ => &[],
        }
    }

    /// The next bytes of the body, as many as have come; none at its end.
    pub fn next(&mut self, reader: &mut impl BufRead) -> Result<Option<Vec<u8>>, Cut> {
        if let Framing::Chunked { left: left @ 0, begun } = self {
            *left = next_chunk(reader, std::mem::replace(begun, true))?;
            if *left == 0 {
                *self = Framing::Ended(guarded(fields(reader))?);
            }
        }
        let wanted = match self {
            Framing::Length(0) | Framing::Ended(_) => return Ok(None),
            Framing::Length(left) | Framing::Chunked { left, .. } => *left,
            Framing::UntilClosed => u64::MAX,
        };
        let there = guarded(reader.fill_buf())?;
        let part = there[..there.len().min(usize::try_from(wanted).unwrap_or(usize::MAX))].to_vec();
        reader.consume(part.len());
        match self {
            Framing::UntilClosed if part.is_empty() => *self = Framing::Ended(Vec::new()),
            _ if part.is_empty() => return Err(Cut),
            Framing::Length(left) | Framing::Chunked { left, .. } => *left -= part.len() as u64,
            Framing::UntilClosed | Framing::Ended(_) => {}
        }
        Ok(Some(part).filter(|part| !part.is_empty()))
    }
}

/// The length of the next chunk; 0 behind the last one (RFC 9112 §7.1).
fn next_chunk(reader: &mut impl BufRead, behind_another: bool) -> Result<u64, Cut> {
    if behind_another {
        let end = guarded(read_line(reader))?.ok_or(Cut)?;
        assert_eq!(end, "", "a chunk is longer than it says");
    }
    let line = guarded(read_line(reader))?.ok_or(Cut)?;
    let length = u64::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16);
    let length = length.unwrap_or_else(|_| panic!("{line:?} is no length of a chunk"));
    Ok(length)
}

/// Header lines, or those behind a body, up to the empty one.
fn fields(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut lines = Vec::new();
    loop {
        let line = read_line(reader)?.ok_or(ErrorKind::UnexpectedEof)?;
        if line.is_empty() {
            return Ok(lines);
        }
        let (name, value) = line.split_once(':').ok_or(ErrorKind::InvalidData)?;
        lines.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// A line without its end, each byte a character; none at the end of the connection.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return if line.is_empty() { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
    }
    line.pop_if(|byte| *byte == b'\r');
    Ok(Some(line.into_iter().map(char::from).collect()))
}

/// A connection that breaks is cut off; one that stands still is a failure of the test.
fn guarded<T>(read: io::Result<T>) -> Result<T, Cut> {
    read.map_err(|error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => panic!("nothing more came"),
        _ => Cut,
    })
}
