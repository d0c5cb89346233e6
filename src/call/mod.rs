//! A call: what a carrier asks and tells, and what it is answered.

pub mod carrier;
pub mod signature;

pub use carrier::CarrierName;
