//! Secrets and personal data are taken out of texts before anything is written: equal values become equal placeholders.
//!
//! ```text
//! text ─► cards, tokens, e-mail addresses, ... ─► ranges with classes ─► settled ─► Charged [card#1] of [email#1]
//!         one file for each family                                      overlaps    ordinals: equal values, equal numbers
//! ```

pub mod class;
pub mod redactor;
pub mod rules;

mod cards;
mod cut_off;
mod documents;
mod emails;
mod found;
mod headers;
mod named_secrets;
mod ordinals;
mod personal;
mod placeholder;
mod plain;
mod private_keys;
mod rows;
mod sql;
mod tokens;
mod trace;
mod urls;
mod window;
