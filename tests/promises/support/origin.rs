//! A website as its author scripts it: raw TCP, so that it can also do what no server would.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::GUARD;
use super::answer::Answer;
use super::http::{Framing, Head};

/// The website. Paths without a script are answered with 404.
pub struct Origin {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    scripts: Mutex<HashMap<String, Script>>,
    received: Mutex<Vec<Received>>,
    connections: Mutex<Vec<TcpStream>>,
    stopped: AtomicBool,
}

#[derive(Clone)]
struct Script(Arc<dyn Fn(&mut Exchange) + Send + Sync>);

/// A request that has come.
#[derive(Clone, Debug)]
pub struct Received {
    pub head: Head,
    /// Counts the connections.
    pub connection: usize,
}

/// A request and the connection that it came on.
pub struct Exchange {
    pub request: Received,
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    body: Framing,
    closing: bool,
}

impl Origin {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), Arc::default());
        let listening = Some(listen(listener, Arc::clone(&shared)));
        Origin { address, shared, listening }
    }

    /// Ends as a process does that is killed: nobody listens any more, and all connections are cut.
    pub fn kill(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
        self.listening.take().expect("it is alive").join().unwrap();
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Listens again at its address.
    pub fn revive(&mut self) {
        self.shared.stopped.store(false, Ordering::Release);
        let listener = TcpListener::bind(self.address).unwrap();
        self.listening = Some(listen(listener, Arc::clone(&self.shared)));
    }

    /// An address at which nobody listens: no test is given so low a port.
    pub fn nowhere() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 1))
    }

    /// Answers requests for this path, whatever their query.
    pub fn answers(&self, path: &str, answer: Answer) {
        self.script(path, move |exchange| exchange.answer(&answer));
    }

    pub fn script(&self, path: &str, script: impl Fn(&mut Exchange) + Send + Sync + 'static) {
        self.shared.scripts.lock().unwrap().insert(path.to_owned(), Script(Arc::new(script)));
    }

    /// Answers the next request for this path step by step, as the test says.
    pub fn steps(&self, path: &str) -> Steps {
        let (arrive, arrived) = channel();
        let (send, sent) = channel::<Vec<u8>>();
        let once = Mutex::new(Some((arrive, sent)));
        self.script(path, move |exchange| {
            let (arrive, sent) = once.lock().unwrap().take().expect("one request for steps");
            let _ = arrive.send(exchange.request.clone());
            for bytes in sent {
                exchange.send(&bytes);
            }
            exchange.close();
        });
        Steps { arrived, send }
    }

    /// Everything that has come so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The last request for this path.
    pub fn last(&self, path: &str) -> Received {
        let all = self.received();
        let last = all.iter().rev().find(|received| path_of(received) == path);
        last.unwrap_or_else(|| panic!("{path} was not asked for: {all:#?}")).clone()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
    }
}

fn listen(listener: TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for (connection, stream) in listener.incoming().enumerate() {
            if shared.stopped.load(Ordering::Acquire) {
                break;
            }
            let (shared, stream) = (Arc::clone(&shared), stream.unwrap());
            shared.connections.lock().unwrap().push(stream.try_clone().unwrap());
            std::thread::spawn(move || shared.converse(stream, connection));
        }
    })
}

/// An answer in the hand of the test. The connection is closed when it is dropped.
pub struct Steps {
    arrived: Receiver<Received>,
    send: Sender<Vec<u8>>,
}

impl Steps {
    /// Waits for the request.
    pub fn arrived(&self) -> Received {
        self.arrived.recv_timeout(GUARD).expect("the request arrives")
    }

    pub fn send(&self, bytes: impl AsRef<[u8]>) {
        self.send.send(bytes.as_ref().to_vec()).unwrap();
    }

    /// Sends the head of a chunked answer.
    pub fn begin(&self, headers: &str) {
        self.send(format!("HTTP/1.1 200 OK\r\n{headers}Transfer-Encoding: chunked\r\n\r\n"));
    }

    /// Sends a chunk; an empty one is the last.
    pub fn chunk(&self, data: impl AsRef<[u8]>) {
        self.send(chunk(data.as_ref()));
    }
}

/// A chunk of a chunked body (RFC 9112 §7.1).
pub fn chunk(data: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}

impl Shared {
    fn converse(&self, stream: TcpStream, connection: usize) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Ok(Some(head)) = Head::read(&mut reader) {
            let request = Received { connection, head };
            self.received.lock().unwrap().push(request.clone());
            let script = self.scripts.lock().unwrap().get(path_of(&request)).cloned();
            let body = request.head.framing(Framing::NONE);
            let stream = stream.try_clone().unwrap();
            let mut exchange = Exchange { request, stream, reader, body, closing: false };
            match script {
                Some(Script(script)) => script(&mut exchange),
                None => exchange.answer(&Answer::of("404 Not Found", "text/plain", "no such page\n")),
            }
            while let Ok(Some(_)) = exchange.body.next(&mut exchange.reader) {}
            if exchange.closing {
                break;
            }
            reader = exchange.reader;
        }
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn path_of(received: &Received) -> &str {
    let target = received.head.second_word();
    target.split('?').next().unwrap_or_default()
}

impl Exchange {
    pub fn answer(&mut self, answer: &Answer) {
        let head_only = self.request.head.first_line.starts_with("HEAD ");
        self.send(&answer.to_bytes(head_only));
    }

    /// Sends bytes as they are. Who has hung up misses them.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends these bytes over and over again, `times` at most, until nobody takes them any more. Says how often they were
    /// taken whole.
    pub fn send_until_nobody_takes_it(&mut self, bytes: &[u8], times: usize) -> usize {
        self.stream.set_write_timeout(Some(std::time::Duration::from_millis(500))).unwrap();
        let taken = (0..times).take_while(|_| self.stream.write_all(bytes).is_ok()).count();
        self.close();
        taken
    }

    /// The next bytes of the request's body; none at its end.
    pub fn next_of_body(&mut self) -> Option<Vec<u8>> {
        self.body.next(&mut self.reader).ok().flatten()
    }

    /// Waits until the other side hangs up.
    pub fn wait_until_hung_up(&mut self) {
        let _ = self.reader.read_to_end(&mut Vec::new());
        self.close();
    }

    /// The lines behind the request's body, once it has ended.
    pub fn trailers(&self) -> &[(String, String)] {
        self.body.trailers()
    }

    /// Whether the request's body has come to its end.
    pub fn body_is_whole(&self) -> bool {
        self.body.has_ended()
    }

    /// The next bytes, as many as have come, where the connection speaks another protocol; none at its end.
    pub fn hear(&mut self) -> Option<Vec<u8>> {
        let heard = self.reader.fill_buf().ok()?.to_vec();
        self.reader.consume(heard.len());
        Some(heard).filter(|heard| !heard.is_empty())
    }

    /// Hangs up behind what has been sent.
    pub fn close(&mut self) {
        self.closing = true;
    }
}
