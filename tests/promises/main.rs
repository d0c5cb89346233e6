//! The promises, each tested as it is worded: the real program between a scripted website and visitors.

mod activation;
mod calls;
mod carriers;
mod commands;
mod consent;
mod counted;
mod drain;
mod durable_before_shown;
mod each_their_own;
mod hydration;
mod in_a_browser;
mod ledger_fails;
mod limits;
mod load;
mod nap_stands;
mod neighbours;
mod only_numbers_change;
mod private_pages;
mod proxy_protocol;
mod reload;
mod several_nodes;
mod site_stays_up;
mod spent_on_people;
mod streaming;
mod support;
mod timeouts;
