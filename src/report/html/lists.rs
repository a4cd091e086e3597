//! Lists that may be long: the first entries, and how many more there are.

use maud::{Markup, html};

/// Items of a list, no more than `most` of them; `noun` names what is left out, in the plural.
pub(crate) fn few<T>(
    items: impl IntoIterator<Item = T>,
    most: usize,
    noun: &str,
    show: impl Fn(T) -> Markup,
) -> Option<Markup> {
    let mut items = items.into_iter();
    let shown: Vec<Markup> = items.by_ref().take(most).map(show).collect();
    let more = items.count();
    match shown.as_slice() {
        [] => None,
        [one] if more == 0 => Some(html! { p { (one) } }),
        _ => Some(html! {
            ul {
                @for item in &shown { li { (item) } }
                @if more > 0 { li.more { (more) " more " (noun) ": see the evidence JSON" } }
            }
        }),
    }
}

/// A table that scrolls by itself where it does not fit, and never the page. `title` says what it holds.
pub(crate) fn table(title: &str, columns: &[Column], rows: &[Markup], left_out: usize) -> Markup {
    html! {
        div.scroll role="region" aria-label=(title) tabindex="0" {
            table {
                caption.unseen { (title) }
                thead { tr { @for column in columns { th scope="col" class=[column.class()] { (column.title) } } } }
                tbody { @for row in rows { (row) } }
            }
        }
        @if left_out > 0 { p.more { (left_out) " more rows: see the evidence JSON." } }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    title: &'static str,
    is_number: bool,
}

impl Column {
    /// A column of words.
    pub(crate) const fn words(title: &'static str) -> Self {
        Self { title, is_number: false }
    }

    /// A column of numbers, which stand below each other by their last digits.
    pub(crate) const fn numbers(title: &'static str) -> Self {
        Self { title, is_number: true }
    }

    fn class(self) -> Option<&'static str> {
        self.is_number.then_some("number")
    }
}
