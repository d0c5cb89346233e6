//! The way to the website: what is verified, chosen, tried again and waited for.

mod addresses;
mod stalls;
