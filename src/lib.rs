//! Dynamic number insertion at the edge.
//!
//! A streaming reverse proxy that stands in front of a business's website, works out where each visitor came from,
//! leases them a tracking number, and shows it wherever the page prints the business's own.
//!
//! A visit flows through the rooms in this order:
//!
//! 1. [`server`] accepts a connection,
//! 2. [`proxy`] takes the request, and is the flow itself: see `Edge::handle`,
//! 3. [`visit`] tells who is asking and where from,
//! 4. [`pool`] is asked early, and only if the page is known to print a number; [`ledger`] makes the lease durable,
//! 5. the origin answers,
//! 6. [`page`] compiles what comes and fills it, by what [`number`] finds,
//! 7. the response leaves; [`observe`] has followed it from its request to its last byte.
//!
//! And a call, by [`call::Calls::handle`]:
//!
//! 1. [`server`] hands over what comes to a carrier's addresses,
//! 2. [`call`] sees that the carrier sent it, and what it says,
//! 3. [`ledger`] tells who was shown the number, and [`pool::attribution`] whose call it is,
//! 4. the line's routes make a plan, and the carrier is told of its next step,
//! 5. what is told of the call is kept, and folded into one call whenever somebody asks: [`report`] counts them.
//!
//! Who may know whom: `number` knows no other room; `visit` only the keys that `config` makes; `ledger` knows `visit`; `pool`
//! those, and no HTML; `call` those, and no proxy; `report` only what `call` tells; `observe` no other room, but is told by `proxy` and `server`; `page` only `number`, and no HTTP; `proxy` all of these; `admin`, `server` and `cli` stand on top. `config` says what was
//! asked for, in the rooms' own words.

#![forbid(unsafe_code)]

pub mod admin;
pub mod call;
pub mod cli;
mod clock;
pub mod config;
pub mod ledger;
pub mod number;
pub mod observe;
pub mod page;
pub mod pool;
pub mod proxy;
pub mod report;
pub mod server;
pub mod visit;

pub use clock::Timestamp;
