#![forbid(unsafe_code)]
pub mod number;
pub mod page;
