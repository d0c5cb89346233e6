//! The visitor's end of a connection: sends exact bytes, and reads an answer as far as the test wants it.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use flate2::read::MultiGzDecoder;
use flate2::write::GzDecoder;

use super::GUARD;
use super::http::{Cut, Framing, Head};
use super::request::Request;

pub struct Client<S = TcpStream> {
    reader: BufReader<S>,
    body: Framing,
}

/// An answer that has come whole.
#[derive(Clone, Debug)]
pub struct Response {
    pub head: Head,
    pub body: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        Client::try_connect(address).expect("somebody listens")
    }

    /// A connection; none where nobody listens.
    pub fn try_connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(GUARD)).unwrap();
        stream.set_write_timeout(Some(GUARD)).unwrap();
        stream.set_nodelay(true).unwrap();
        Some(Client::over(stream))
    }

    /// What has come by now and is still to be read, without waiting for more.
    pub fn come_by_now(&self) -> Vec<u8> {
        let stream = self.reader.get_ref();
        let mut come = vec![0; 1 << 16];
        stream.set_nonblocking(true).unwrap();
        let len = stream.peek(&mut come).unwrap_or(0);
        stream.set_nonblocking(false).unwrap();
        [self.reader.buffer(), &come[..len]].concat()
    }

    /// Lets the other side know that nothing more will be sent.
    pub fn says_no_more(&mut self) {
        self.reader.get_ref().shutdown(Shutdown::Write).unwrap();
    }
}

impl<S: Read + Write> Client<S> {
    /// On a connection that there is.
    pub fn over(stream: S) -> Self {
        Client { reader: BufReader::new(stream), body: Framing::NONE }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("the other side reads");
    }

    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.reader.get_mut().write_all(bytes.as_ref())
    }

    /// The next answer's head. `method` is that of the request: HEAD is answered without a body.
    pub fn head(&mut self, method: &str) -> Head {
        self.try_head(method).expect("an answer")
    }

    /// The next answer's head; none where the connection ends before it.
    pub fn try_head(&mut self, method: &str) -> Option<Head> {
        let head = Head::read(&mut self.reader).ok().flatten()?;
        let bodiless = method == "HEAD" || matches!(head.second_word(), "101" | "204" | "304");
        self.body = if bodiless { Framing::NONE } else { head.framing(Framing::UntilClosed) };
        Some(head)
    }

    /// The next bytes of the body, as many as have come; none at its end.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Cut> {
        self.body.next(&mut self.reader)
    }

    /// The body up to where it says this, and what came along behind it.
    pub fn read_until(&mut self, words: &str) -> Vec<u8> {
        let mut read = Vec::new();
        while !contains(&read, words.as_bytes()) {
            let next = self.next().expect("the body goes on");
            read.extend(next.unwrap_or_else(|| panic!("{words:?} comes before the end: {}", lossy(&read))));
        }
        read
    }

    /// The gzip body up to where it says this, and what came along behind it, both as they read unpacked.
    pub fn unzip_until(&mut self, words: &str, decoder: &mut GzDecoder<Vec<u8>>) -> Vec<u8> {
        while !contains(decoder.get_ref(), words.as_bytes()) {
            let next = self.next().expect("the body goes on").expect("the body has not ended");
            decoder.write_all(&next).unwrap();
            decoder.flush().unwrap();
        }
        decoder.get_ref().clone()
    }

    /// The rest of the body, and whether it came to its end.
    pub fn rest(&mut self) -> (Vec<u8>, Result<(), Cut>) {
        let mut read = Vec::new();
        loop {
            match self.next() {
                Ok(Some(part)) => read.extend(part),
                Ok(None) => return (read, Ok(())),
                Err(cut) => return (read, Err(cut)),
            }
        }
    }

    /// The lines behind the body, once it has ended.
    pub fn trailers(&self) -> &[(String, String)] {
        self.body.trailers()
    }

    /// A whole answer.
    pub fn response(&mut self, method: &str) -> Response {
        let head = self.head(method);
        let (body, ended) = self.rest();
        assert!(ended.is_ok(), "cut off: {head:?} {}", lossy(&body));
        Response { head, body }
    }

    pub fn exchange(&mut self, request: &Request) -> Response {
        self.send(request.to_bytes());
        self.response(&request.method)
    }

    /// All that comes until the other side closes the connection, whatever it is.
    pub fn read_to_its_end(&mut self) -> Vec<u8> {
        let mut read = Vec::new();
        let _ = self.reader.read_to_end(&mut read);
        read
    }

    /// The next bytes, so many, once the connection speaks another protocol.
    pub fn hears(&mut self, len: usize) -> Vec<u8> {
        let mut heard = vec![0; len];
        self.reader.read_exact(&mut heard).expect("the other side goes on");
        heard
    }

    /// Reads whatever comes, until the connection ends or nothing more comes for a while.
    pub fn is_let_go(&mut self) {
        let _ = self.reader.read_to_end(&mut Vec::new());
    }

    /// Whether the other side has closed the connection, with nothing left to read.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.reader.read(&mut [0]), Ok(0) | Err(_))
    }
}

impl Response {
    pub fn status(&self) -> &str {
        self.head.second_word()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.value(name)
    }

    /// The body without its coding.
    pub fn page(&self) -> Vec<u8> {
        match self.header("Content-Encoding") {
            None => self.body.clone(),
            Some("gzip") => {
                let mut page = Vec::new();
                MultiGzDecoder::new(&self.body[..]).read_to_end(&mut page).expect("whole gzip");
                page
            }
            Some(other) => panic!("nobody asked for {other}"),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.page()).expect("UTF-8")
    }
}

pub fn contains(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned()
}
