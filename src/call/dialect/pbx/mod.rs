//! Telephone systems of one's own: Asterisk, FreeSWITCH, Kamailio. They post forms and are answered with one, which a dial plan
//! reads without a parser. All that is to be done is told at once; nothing is asked later.

mod message;
mod reply;
#[cfg(test)]
mod tests;

pub use message::read;
pub use reply::answer;
