//! TCP to a host by its name, which is looked up each time: it may lead elsewhere by now.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};

/// The next of a host's addresses is tried after this long, while those before it are still waited for (RFC 8305 §5).
const NEXT: Duration = Duration::from_millis(250);

/// Connects to whichever of the host's addresses answers first.
///
/// # Errors
/// Why the name can't be looked up, or the first address can't be connected to where none can.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut addresses = in_turns(lookup_host((host, port)).await?.collect()).into_iter();
    let mut attempts: FuturesUnordered<_> = addresses.next().map(TcpStream::connect).into_iter().collect();
    let mut first_error = None;
    loop {
        tokio::select! {
            attempt = attempts.next() => match attempt {
                Some(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Some(Err(error)) => {
                    first_error.get_or_insert(error);
                }
                None => return Err(first_error.unwrap_or_else(|| io::ErrorKind::NotFound.into())),
            },
            () = tokio::time::sleep(NEXT), if addresses.len() > 0 => {}
        }
        attempts.extend(addresses.next().map(TcpStream::connect));
    }
}

/// IPv6 and IPv4 by turns, so that a host where one of them leads nowhere is reached by the other (RFC 8305 §4).
fn in_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut turns = Vec::new();
    loop {
        let before = turns.len();
        turns.extend(first.next());
        turns.extend(second.next());
        if turns.len() == before {
            return turns;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn families_take_turns() {
        let six = |n| SocketAddr::from((Ipv6Addr::from(n), 80));
        let four = |n: u32| SocketAddr::from((Ipv4Addr::from(n), 80));
        assert_eq!(in_turns(vec![six(1), six(2), four(1)]), [six(1), four(1), six(2)]);
        assert_eq!(in_turns(vec![four(1), six(1), six(2), six(3)]), [four(1), six(1), six(2), six(3)]);
        assert!(in_turns(Vec::new()).is_empty());
    }

    #[tokio::test]
    async fn a_host_with_several_addresses_is_reached_by_the_one_that_answers() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Where it has an address of IPv6 too, nobody listens at that.
        assert!(connect("localhost", port).await.is_ok());
        drop(listener);
        let refused = connect("localhost", port).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
}
