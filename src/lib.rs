#![forbid(unsafe_code)]
mod clock;
pub mod config;
pub mod ledger;
pub mod number;
pub mod page;
pub mod pool;
pub mod visit;
