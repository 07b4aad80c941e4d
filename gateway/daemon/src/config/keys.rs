//! The table of all configuration keys: what is read, what is refused, the example and the manual all come from it.

mod outputs;
mod sound;
mod station;
mod trial;

/// A table of the file: `[station]`, each `[[sink]]`, or an inline one such as `licence = { … }`.
pub(crate) struct Section {
    /// Its full name, e.g. `transmitter.licence`.
    pub(crate) name: &'static str,
    /// How it is written.
    pub(crate) shape: Shape,
    /// What it is for.
    pub(crate) doc: &'static str,
    /// Values its key `driver` may have; empty where it has none.
    pub(crate) drivers: &'static [Known],
    /// Its keys, in the order of the example.
    pub(crate) keys: &'static [Key],
}

/// How a section is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `[name]`, at most once.
    Once,
    /// `[[name]]`, as often as there are such things.
    Many,
    /// Inside a value.
    Inline,
}

/// A driver this or a later release has.
pub(crate) struct Known {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether this release has it.
    pub(crate) ready: bool,
}

/// A driver of this release.
const fn now(name: &'static str) -> Known {
    Known { name, ready: true }
}

/// A driver of a later one.
const fn later(name: &'static str) -> Known {
    Known { name, ready: false }
}

/// One key.
pub(crate) struct Key {
    /// Its name.
    pub(crate) name: &'static str,
    /// What values it takes.
    pub(crate) form: Form,
    /// What holds where it is left out.
    pub(crate) need: Need,
    /// Unit of its value; empty where it has none.
    pub(crate) unit: &'static str,
    /// A value as it is written in the file.
    pub(crate) example: &'static str,
    /// What it means.
    pub(crate) doc: &'static str,
    /// Drivers it belongs to; empty = all of its section.
    pub(crate) on: &'static [&'static str],
    /// A matter of policy that a site may let the province set (`hub.may_set`): never a carrier, trust, devices or ways.
    pub(crate) hub: bool,
}

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// Text, checked further where it is read.
    Text,
    /// The name of a thing of the site: 1–64 of `A-Za-z0-9._-`.
    Name,
    /// The name of a thing declared in that section.
    Of(&'static str),
    /// The name of a driver of its section.
    Driver,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number from … to.
    Whole(i64, i64),
    /// A number from … to.
    Number(f64, f64),
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of whole numbers from … to.
    Wholes(i64, i64),
    /// A table of text by text.
    Words,
    /// An inline section.
    Inline(&'static str),
    /// A list of inline sections.
    Inlines(&'static str),
}

/// What holds where a key is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must be there.
    Must,
    /// Nothing.
    May,
    /// This value, without the quotes of the file.
    Else(&'static str),
}

impl Key {
    /// A key that must be there.
    const fn must(name: &'static str, form: Form, example: &'static str, doc: &'static str) -> Self {
        Self { name, form, need: Need::Must, unit: "", example, doc, on: &[], hub: false }
    }

    /// A key that may be left out.
    const fn may(name: &'static str, form: Form, example: &'static str, doc: &'static str) -> Self {
        Self { name, form, need: Need::May, unit: "", example, doc, on: &[], hub: false }
    }

    /// A key with a default.
    const fn or(
        name: &'static str,
        form: Form,
        default: &'static str,
        example: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, form, need: Need::Else(default), unit: "", example, doc, on: &[], hub: false }
    }

    /// With a unit.
    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// A site may let the province set it.
    const fn hub(mut self) -> Self {
        self.hub = true;
        self
    }

    /// Only for these drivers.
    const fn on(mut self, drivers: &'static [&'static str]) -> Self {
        self.on = drivers;
        self
    }

    /// What may be written, in words.
    pub(crate) fn takes(&self) -> String {
        match self.form {
            Form::Text => "text".to_owned(),
            Form::Name => "a name of 1–64 letters, digits, `.`, `_`, `-`".to_owned(),
            Form::Of(section) => format!("the id of a [[{section}]]"),
            Form::Driver => "the name of a driver".to_owned(),
            Form::Word(words) => words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(" or "),
            Form::Whole(from, to) => format!("a whole number {from}–{to}"),
            Form::Number(from, to) => format!("a number {from}–{to}"),
            Form::Flag => "true or false".to_owned(),
            Form::Texts => "a list of texts".to_owned(),
            Form::Wholes(from, to) => format!("a list of whole numbers {from}–{to}"),
            Form::Words => "a table of texts".to_owned(),
            Form::Inline(_) => "an inline table".to_owned(),
            Form::Inlines(_) => "a list of inline tables".to_owned(),
        }
    }

    /// The default as it would be written in the file; `None` where there is none.
    pub(crate) fn default_written(&self) -> Option<String> {
        let Need::Else(value) = self.need else { return None };
        Some(match self.form {
            Form::Text | Form::Name | Form::Of(_) | Form::Driver | Form::Word(_) => format!("\"{value}\""),
            Form::Whole(..)
            | Form::Number(..)
            | Form::Flag
            | Form::Texts
            | Form::Wholes(..)
            | Form::Words
            | Form::Inline(_)
            | Form::Inlines(_) => value.to_owned(),
        })
    }
}

impl Section {
    /// The key of that name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|k| k.name == name)
    }
}

/// All sections, in the order of the example.
pub(crate) fn sections() -> impl Iterator<Item = &'static Section> {
    use outputs::{board, cluster, line, sensor, switch, transmitter};
    [
        station::SECTIONS,
        sound::SECTIONS,
        line::SECTIONS,
        switch::SECTIONS,
        transmitter::SECTIONS,
        cluster::SECTIONS,
        board::SECTIONS,
        sensor::SECTIONS,
        trial::SECTIONS,
    ]
    .into_iter()
    .flatten()
}

/// Names of all keys that a site may let the province set, as `policy.night`.
pub(crate) fn of_hub() -> impl Iterator<Item = String> {
    let named = |section: &'static Section| section.keys.iter().map(move |key| (section, key));
    sections().flat_map(named).filter(|(_, key)| key.hub).map(|(section, key)| format!("{}.{}", section.name, key.name))
}

/// The section of that name.
pub(crate) fn section(name: &str) -> Option<&'static Section> {
    sections().find(|s| s.name == name)
}
