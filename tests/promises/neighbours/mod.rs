//! What passes between the visitor, the proxy and the website besides pages.

mod bodies;
mod forwarded;
mod framing;
mod hops;
mod hosts;
mod long_bodies;
mod mutated;
mod smuggling;
mod upgrades;
