//! The call flow: a carrier asks where a call is to be connected, and tells how it went.

pub mod carrier;
pub mod decision;
pub mod dialect;
pub mod event;
pub mod log;
pub mod plan;
pub mod route;
pub mod signature;
pub mod spam;

pub use carrier::CarrierName;
