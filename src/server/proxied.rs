//! The PROXY protocol, versions 1 and 2: a balancer says, before anything else, whose connection it passes on (HAProxy,
//! "The PROXY protocol", proxy-protocol.txt).
//!
//! Reads exactly the header, however it arrives: what comes behind it is for whoever reads next.

use std::io;
use std::net::IpAddr;

use bytes::Bytes;
use ppp::{v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What version 1 begins with (§2.1).
const TEXT: &[u8] = b"PROXY ";

/// Of version 1, with its line's end (§2.1).
const LONGEST_LINE: usize = 107;

/// Of version 2, up to and with the length of what follows (§2.2).
const FIXED: usize = 16;

/// A connection that doesn't begin as it has to.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProxyError {
    #[error("it doesn't begin with the PROXY protocol")]
    Missing,
    #[error("it begins with the PROXY protocol, and comes from nobody whom server.trusted_proxies lists")]
    Unasked,
    #[error("its header of the PROXY protocol can't be read: {0}")]
    Unreadable(String),
    #[error("it broke off: {0}")]
    BrokeOff(#[from] io::Error),
}

/// Whose connection it is, as the header at its beginning says; none where it says that it is the balancer's own (`LOCAL`), or
/// nothing that can be made use of (`UNKNOWN`, other families than the internet's).
///
/// # Errors
/// [`ProxyError`] where there is no such header.
pub(super) async fn client<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Option<IpAddr>, ProxyError> {
    let mut header = vec![0; v2::PROTOCOL_PREFIX.len()];
    stream.read_exact(&mut header).await?;
    if header == v2::PROTOCOL_PREFIX {
        read_to(stream, &mut header, FIXED).await?;
        let length = usize::from(u16::from_be_bytes([header[FIXED - 2], header[FIXED - 1]]));
        read_to(stream, &mut header, FIXED + length).await?;
        return binary(&header);
    }
    if !header.starts_with(TEXT) {
        return Err(ProxyError::Missing);
    }
    while header.last() != Some(&b'\n') && header.len() < LONGEST_LINE {
        header.push(stream.read_u8().await?);
    }
    text(&header)
}

/// What a connection begins with that must not begin with the protocol: it has been read, and is to be read again.
///
/// # Errors
/// [`ProxyError::Unasked`] where it does all the same.
pub(super) async fn without<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Bytes, ProxyError> {
    let mut read = Vec::new();
    loop {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(read.into());
        }
        read.extend(byte);
        if read == TEXT || read == v2::PROTOCOL_PREFIX {
            return Err(ProxyError::Unasked);
        }
        if !TEXT.starts_with(&read) && !v2::PROTOCOL_PREFIX.starts_with(&read) {
            return Ok(read.into());
        }
    }
}

async fn read_to<S: AsyncRead + Unpin>(stream: &mut S, header: &mut Vec<u8>, len: usize) -> io::Result<()> {
    let begun = header.len();
    header.resize(len, 0);
    stream.read_exact(&mut header[begun..]).await.map(|_| ())
}

fn text(header: &[u8]) -> Result<Option<IpAddr>, ProxyError> {
    let header = v1::Header::try_from(header).map_err(|error| ProxyError::Unreadable(error.to_string()))?;
    Ok(match header.addresses {
        v1::Addresses::Tcp4(addresses) => Some(addresses.source_address.into()),
        v1::Addresses::Tcp6(addresses) => Some(addresses.source_address.into()),
        v1::Addresses::Unknown => None,
    })
}

fn binary(header: &[u8]) -> Result<Option<IpAddr>, ProxyError> {
    let header = v2::Header::try_from(header).map_err(|error| ProxyError::Unreadable(error.to_string()))?;
    let is_told = header.command == v2::Command::Proxy && header.protocol == v2::Protocol::Stream;
    Ok(match header.addresses {
        v2::Addresses::IPv4(addresses) if is_told => Some(addresses.source_address.into()),
        v2::Addresses::IPv6(addresses) if is_told => Some(addresses.source_address.into()),
        _ => None,
    })
}

#[cfg(test)]
#[path = "proxied_tests.rs"]
mod tests;
