//! A website that keeps what it is sent byte for byte, and answers each request that a strict reader finds in it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::strict::{Message, requests};

pub struct Recorder {
    pub address: SocketAddr,
    came: Arc<Mutex<Came>>,
}

#[derive(Default)]
struct Came {
    /// In the order in which they came whole.
    messages: Vec<Message>,
    /// What is no request, and why.
    refused: Vec<String>,
}

impl Recorder {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let recorder = Recorder { address: listener.local_addr().unwrap(), came: Arc::default() };
        let came = Arc::clone(&recorder.came);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let came = Arc::clone(&came);
                std::thread::spawn(move || converse(stream.unwrap(), &came));
            }
        });
        recorder
    }

    /// The requests that have come whole since this was last asked.
    ///
    /// # Panics
    /// Panics where something has come that a strict reader refuses.
    pub fn took(&self) -> Vec<Message> {
        let mut came = self.came.lock().unwrap();
        assert!(came.refused.is_empty(), "the website was sent what is no request: {:#?}", came.refused);
        std::mem::take(&mut came.messages)
    }
}

fn converse(mut stream: TcpStream, came: &Mutex<Came>) {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 1 << 14]);
    while let Ok(len @ 1..) = stream.read(&mut buffer) {
        bytes.extend(&buffer[..len]);
        let read = requests(&bytes);
        if let Some(why) = read.refused {
            let all = String::from_utf8_lossy(&bytes).into_owned();
            came.lock().unwrap().refused.push(format!("{why}: {all}"));
            return;
        }
        bytes.drain(..read.len);
        for message in read.messages {
            let body: &[u8] = if message.method == "HEAD" { b"" } else { b"ok" };
            came.lock().unwrap().messages.push(message);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n";
            let _ = stream.write_all(&[head.as_bytes(), body].concat());
        }
    }
}
