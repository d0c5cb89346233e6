#![forbid(unsafe_code)]
pub mod number;
