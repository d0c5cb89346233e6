//! Visitors come over TLS, and by HTTP/2: to whom they asked for, in private, and see the same pages.

mod acme;
mod certificates;
mod checked;
mod http2;
mod misdirected;
mod reload;
