//! What passes between the visitor, the proxy and the website besides pages.

mod forwarded;
mod framing;
mod hops;
mod hosts;
