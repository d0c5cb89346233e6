//! The reader of the PROXY protocol.

use std::pin::Pin;
use std::task::{Context, Poll};

use proptest::prelude::*;
use tokio::io::ReadBuf;

use super::*;

/// Bytes that arrive so many at a time.
struct InPieces<'b> {
    left: &'b [u8],
    size: usize,
}

impl AsyncRead for InPieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let len = self.left.len().min(self.size).min(buf.remaining());
        let (now, later) = self.left.split_at(len);
        buf.put_slice(now);
        self.left = later;
        Poll::Ready(Ok(()))
    }
}

/// What the header says, and what is left behind it.
fn read(bytes: &[u8], size: usize) -> (Result<Option<IpAddr>, ProxyError>, &[u8]) {
    let mut stream = InPieces { left: bytes, size };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let told = runtime.block_on(client(&mut stream));
    (told, stream.left)
}

/// Version 2: command and version, family and protocol, addresses, and what is sent besides.
fn second(command: u8, family: u8, addresses: &[u8], more: &[u8]) -> Vec<u8> {
    let length = u16::try_from(addresses.len() + more.len()).unwrap().to_be_bytes();
    [v2::PROTOCOL_PREFIX, &[command, family], &length, addresses, more].concat()
}

const FOUR: [u8; 12] = [203, 0, 113, 7, 10, 0, 0, 1, 0x30, 0x39, 1, 187];

fn six() -> Vec<u8> {
    let source = "2001:db8::7".parse::<std::net::Ipv6Addr>().unwrap().octets();
    [&source[..], &[0; 16], &[0x30, 0x39, 1, 187]].concat()
}

#[test]
fn both_versions_say_whose_connection_it_is_however_they_arrive() {
    let headers: [(Vec<u8>, Option<&str>); 10] = [
        (b"PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n".to_vec(), Some("203.0.113.7")),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n".to_vec(), Some("2001:db8::7")),
        (b"PROXY UNKNOWN\r\n".to_vec(), None),
        (b"PROXY UNKNOWN whatever 1 2 3\r\n".to_vec(), None),
        (second(0x21, 0x11, &FOUR, b""), Some("203.0.113.7")),
        (second(0x21, 0x21, &six(), b""), Some("2001:db8::7")),
        (second(0x20, 0x11, &FOUR, b""), None),
        (second(0x20, 0x00, b"", b""), None),
        (second(0x21, 0x31, &[b'/'; 216], b""), None),
        (second(0x21, 0x11, &FOUR, &[7; 0xffff - 12]), Some("203.0.113.7")),
    ];
    for (header, told) in headers {
        let bytes = [&header[..], b"GET / HTTP/1.1\r\n"].concat();
        for size in [1, 3, 1000, 1 << 20] {
            let (read, left) = read(&bytes, size);
            assert_eq!(read.unwrap(), told.map(|address| address.parse().unwrap()), "{header:?}");
            assert_eq!(left, b"GET / HTTP/1.1\r\n", "what is behind it is for others");
        }
    }
}

#[test]
fn what_is_no_header_is_refused() {
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"[..],
        b"PROXY TCP4 203.0.113.7 10.0.0.1 12345\r\n",
        b"PROXY TCP4 2001:db8::7 10.0.0.1 12345 443\r\n",
        b"PROXY TCP4 203.0.113.700 10.0.0.1 12345 443\r\n",
        b"PROXY TCP9 203.0.113.7 10.0.0.1 12345 443\r\n",
        &[&b"PROXY UNKNOWN "[..], &[b'a'; 200]].concat(),
        &second(0x11, 0x11, &FOUR, b""),
        &second(0x2f, 0x11, &FOUR, b""),
        &second(0x21, 0x11, &FOUR[..8], b""),
        b"PROXY ",
        b"",
    ] {
        assert!(read(bytes, 5).0.is_err(), "{}", bytes.escape_ascii());
    }
}

#[test]
fn who_must_not_send_one_is_read_as_if_nobody_had_looked() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for bytes in
        [&b"GET / HTTP/1.1\r\n"[..], b"PROPFIND / HTTP/1.1\r\n", b"\r\n\r\nGET / HTTP/1.1", b"PRO", b""]
    {
        let mut stream = InPieces { left: bytes, size: 7 };
        let begun = runtime.block_on(without(&mut stream)).unwrap();
        assert_eq!([&begun[..], stream.left].concat(), bytes);
    }
    for bytes in [&b"PROXY UNKNOWN\r\n"[..], &second(0x20, 0, b"", b"")] {
        let mut stream = InPieces { left: bytes, size: 7 };
        assert!(matches!(runtime.block_on(without(&mut stream)), Err(ProxyError::Unasked)));
    }
}

proptest! {
    #[test]
    fn nothing_that_a_stranger_sends_brings_it_down(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(|rest| [TEXT, &rest].concat()),
            "PROXY (TCP4|TCP6|UNKNOWN|X) [0-9a-f.: ]{0,60}\r\n".prop_map(String::into_bytes),
            (any::<[u8; 4]>(), proptest::collection::vec(any::<u8>(), 0..300))
                .prop_map(|(fixed, rest)| [v2::PROTOCOL_PREFIX, &fixed, &rest].concat()),
        ],
        size in 1..64usize,
    ) {
        // However it arrives, it is the same.
        let (whole, in_pieces) = (read(&bytes, bytes.len() + 1), read(&bytes, size));
        prop_assert_eq!(whole.0.ok(), in_pieces.0.ok());
    }

    #[test]
    fn any_address_that_a_balancer_tells_is_understood(source in any::<u32>(), port in any::<u16>()) {
        let address = std::net::Ipv4Addr::from(source);
        let text = format!("PROXY TCP4 {address} 10.0.0.1 {port} 443\r\n").into_bytes();
        prop_assert_eq!(read(&text, 4).0.unwrap(), Some(address.into()));
        let addresses = [&address.octets()[..], &[10, 0, 0, 1], &port.to_be_bytes(), &[1, 187]].concat();
        prop_assert_eq!(read(&second(0x21, 0x11, &addresses, b""), 4).0.unwrap(), Some(address.into()));
    }
}
