//! The way to the website: what is verified, chosen, tried again and waited for.

mod addresses;
mod http2;
mod retries;
mod several;
mod stalls;
mod verified;
