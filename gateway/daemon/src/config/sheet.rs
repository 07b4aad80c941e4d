//! Reads a TOML table key by key against the key table, and remembers every problem with its line.

mod value;

use super::keys::{self, Form, Key, Need, Section};
use super::problem::{Problem, nearest};
use drivers::profile::Profiles;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use value::{Found, from_default, is_name, whole};

/// The file being read.
pub(super) struct Sheet<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    /// Line of each declared id, by section.
    declared: RefCell<BTreeMap<&'static str, BTreeMap<String, usize>>>,
    /// What devices may be by profile; the built-in ones unless the file names a folder.
    profiles: OnceCell<Profiles>,
}

/// One table of the file.
pub(super) struct Entry<'s, 't> {
    pub(super) sheet: &'s Sheet<'t>,
    pub(super) section: &'static Section,
    pub(super) line: usize,
    table: &'s DeTable<'t>,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            problems: RefCell::default(),
            warnings: RefCell::default(),
            declared: RefCell::default(),
            profiles: OnceCell::new(),
        }
    }

    /// The profiles devices are looked up in.
    pub(super) fn profiles(&self) -> &Profiles {
        self.profiles.get_or_init(Profiles::shipped)
    }

    /// Adds the profiles of a folder, before any device is read; what is wrong with them is a problem of this line.
    pub(super) fn add_profiles(&self, folder: &std::path::Path, line: usize) {
        match Profiles::with_folder(folder) {
            Ok(profiles) => {
                // The first folder counts; there is no second.
                self.profiles.set(profiles).ok();
            }
            Err(errors) => {
                for error in errors {
                    let remedy = "correct that file, or take it out of the folder (docs/devices/profiles.md)";
                    self.problem(line, "station.profiles", error.to_string(), remedy);
                }
            }
        }
    }

    /// Whether anything wrong was found so far.
    pub(super) fn has_problems(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    /// Everything wrong and everything doubtful, by line.
    pub(super) fn into_findings(self) -> (Vec<Problem>, Vec<Problem>) {
        let (mut problems, mut warnings) = (self.problems.into_inner(), self.warnings.into_inner());
        problems.sort_by_key(|p| p.line);
        problems.dedup();
        warnings.sort_by_key(|p| p.line);
        (problems, warnings)
    }

    /// Line of a byte offset, from 1.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|b| *b == b'\n').count()
    }

    pub(super) fn problem(&self, line: usize, key: &str, what: impl Into<String>, remedy: impl Into<String>) {
        let problem = Problem { line, key: key.to_owned(), what: what.into(), remedy: remedy.into() };
        self.problems.borrow_mut().push(problem);
    }

    pub(super) fn warning(&self, line: usize, key: &str, what: impl Into<String>, remedy: impl Into<String>) {
        let warning = Problem { line, key: key.to_owned(), what: what.into(), remedy: remedy.into() };
        self.warnings.borrow_mut().push(warning);
    }

    /// Remembers an id; a second one of the same section is a problem.
    fn declare(&self, section: &'static str, id: &str, line: usize) {
        let earlier = self.declared.borrow_mut().entry(section).or_default().insert(id.to_owned(), line);
        if let Some(earlier) = earlier {
            let what = format!("the id \"{id}\" is taken by the [[{section}]] of line {earlier}");
            self.problem(line, &format!("{section}.id"), what, "give each its own id");
        }
    }
}

impl<'s, 't> Entry<'s, 't> {
    pub(super) fn new(
        sheet: &'s Sheet<'t>,
        section: &'static Section,
        table: &'s DeTable<'t>,
        span: std::ops::Range<usize>,
    ) -> Self {
        let entry = Self { sheet, section, line: sheet.line_at(span.start), table };
        entry.refuse_unknown_keys();
        entry
    }

    /// `section.key`, as problems name it.
    pub(super) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.section.name)
    }

    /// Line of a key; of the table where the key is left out.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.table.get_key_value(key).map_or(self.line, |(k, _)| self.sheet.line_at(k.span().start))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn bad(&self, key: &str, what: impl Into<String>, remedy: impl Into<String>) {
        self.sheet.problem(self.line_of(key), &self.path(key), what, remedy);
    }

    fn refuse_unknown_keys(&self) {
        let driver = self.table.get("driver").and_then(|v| v.get_ref().as_str());
        let known = |d: &str| self.section.drivers.iter().find(|k| k.name == d);
        // A driver that is refused is one problem, not one for each of its keys.
        if driver.is_some_and(|d| known(d).is_none_or(|k| !k.ready)) {
            return;
        }
        let allowed =
            |k: &&Key| k.on.is_empty() || driver.is_some_and(|d| k.on.contains(&d)) || self.section.drivers.is_empty();
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            let line = self.sheet.line_at(key.span().start);
            let path = self.path(name);
            match (self.section.key(name), driver) {
                (Some(k), _) if allowed(&k) => {}
                (Some(k), Some(driver)) => {
                    let what = format!("the driver \"{driver}\" has no such key");
                    self.sheet.problem(line, &path, what, format!("remove it; it belongs to {}", k.on.join(", ")));
                }
                // Without a driver nobody knows whose keys these are; the missing driver is reported.
                (Some(_), None) => {}
                (None, _) => {
                    let names: Vec<&str> = self.section.keys.iter().filter(allowed).map(|k| k.name).collect();
                    let remedy = match nearest(name, names.iter().copied()) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => format!("remove it; known here: {}", names.join(", ")),
                    };
                    self.sheet.problem(line, &path, "unknown key", remedy);
                }
            }
        }
    }

    /// The key's row of the table and its value; a value of the wrong type or a missing one is a problem.
    fn look<T>(&self, name: &str, take: impl Fn(&Form, &DeValue<'t>) -> Option<T>) -> Found<T> {
        let Some(key) = self.section.key(name) else {
            self.bad(name, "the program reads a key that its own table lacks", "report this to the makers");
            return Found::Bad;
        };
        let Some(value) = self.table.get(name) else {
            return match key.need {
                Need::Must => {
                    self.sheet.problem(
                        self.line,
                        &self.path(name),
                        "missing",
                        format!("add `{name} = {}` ({})", key.example, key.takes()),
                    );
                    Found::Bad
                }
                Need::May => Found::Absent,
                Need::Else(default) => Found::Default(default),
            };
        };
        match take(&key.form, value.get_ref()) {
            Some(value) => Found::Value(value),
            None => {
                self.bad(
                    name,
                    format!("not {}", key.takes()),
                    format!("write {}, for example `{name} = {}`", key.takes(), key.example),
                );
                Found::Bad
            }
        }
    }

    /// Remembers the id of this table, so that others may refer to it.
    pub(super) fn declare(&self) {
        let id = self.table.get("id").and_then(|v| v.get_ref().as_str()).filter(|id| is_name(id));
        if let Some(id) = id {
            self.sheet.declare(self.section.name, id, self.line_of("id"));
        }
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let take = |form: &Form, value: &DeValue<'_>| {
            let text = value.as_str()?;
            let fits = if let Form::Word(words) = form {
                words.contains(&text)
            } else if *form == Form::Name {
                is_name(text)
            } else {
                !text.trim().is_empty() && !text.chars().any(char::is_control)
            };
            fits.then(|| text.to_owned())
        };
        self.look(name, take).or(str::to_owned)
    }

    /// A whole number.
    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        let take = |form: &Form, value: &DeValue<'_>| whole(form, value);
        self.look(name, take).or(|d| from_default(name, d))
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let take = |form: &Form, value: &DeValue<'_>| {
            let Form::Number(from, to) = form else { return None };
            let number = if let Some(float) = value.as_float() {
                float.as_str().parse().ok()?
            } else {
                value.as_integer().filter(|i| i.radix() == 10)?.as_str().parse().ok()?
            };
            (*from..=*to).contains(&number).then_some(number)
        };
        self.look(name, take).or(|d| d.parse().unwrap_or_default())
    }

    /// True or false.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.look(name, |_, value| value.as_bool()).or(|d| d == "true")
    }

    /// A list of texts; not empty.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let take = |_: &Form, value: &DeValue<'_>| {
            let list = value.as_array().filter(|a| !a.is_empty())?;
            list.iter().map(|v| v.get_ref().as_str().map(str::to_owned)).collect()
        };
        self.look(name, take).or(|d| from_default(name, d))
    }

    /// A list of whole numbers; not empty, none twice.
    pub(super) fn wholes(&self, name: &str) -> Option<Vec<i64>> {
        let take = |form: &Form, value: &DeValue<'_>| {
            let list = value.as_array().filter(|a| !a.is_empty())?;
            list.iter().map(|v| whole(form, v.get_ref())).collect()
        };
        let list: Vec<i64> = self.look(name, take).or(|d| from_default(name, d))?;
        let mut seen = list.clone();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() < list.len() {
            self.bad(name, "a number stands here twice", "name each once");
            return None;
        }
        Some(list)
    }

    /// A table of text by text, each with its line.
    pub(super) fn words(&self, name: &str) -> Option<Vec<(String, String, usize)>> {
        let take = |_: &Form, value: &DeValue<'_>| {
            let table = value.as_table()?;
            let row = |(k, v): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let text = v.get_ref().as_str().filter(|t| !t.is_empty())?.to_owned();
                Some((AsRef::<str>::as_ref(k.get_ref()).to_owned(), text, self.sheet.line_at(k.span().start)))
            };
            table.iter().map(row).collect()
        };
        self.look(name, take).or(|d| {
            let words: BTreeMap<String, String> = from_default(name, d);
            words.into_iter().map(|(k, v)| (k, v, self.line)).collect()
        })
    }

    /// An inline section, where it is given.
    pub(super) fn inline(&self, name: &str) -> Option<Entry<'s, 't>> {
        let mut all = self.inlines(name);
        if all.is_empty() { None } else { Some(all.swap_remove(0)) }
    }

    /// The inline sections of a key; an empty list is a problem.
    pub(super) fn inlines(&self, name: &str) -> Vec<Entry<'s, 't>> {
        let form = self.section.key(name).map(|k| k.form);
        let Some(Some(section)) = form.map(|f| match f {
            Form::Inline(s) | Form::Inlines(s) => keys::section(s),
            Form::Text
            | Form::Name
            | Form::Of(_)
            | Form::Driver
            | Form::Word(_)
            | Form::Whole(..)
            | Form::Number(..)
            | Form::Flag
            | Form::Texts
            | Form::Wholes(..)
            | Form::Words => None,
        }) else {
            self.bad(name, "the program reads a key that its own table lacks", "report this to the makers");
            return Vec::new();
        };
        let fits = |form: &Form, value: &DeValue<'t>| {
            let list = || value.as_array().is_some_and(|a| !a.is_empty() && a.iter().all(|v| v.get_ref().is_table()));
            if matches!(form, Form::Inlines(_)) { list() } else { value.is_table() }.then_some(())
        };
        if !matches!(self.look(name, fits), Found::Value(())) {
            return Vec::new();
        }
        let one = |value: &'s Spanned<DeValue<'t>>| {
            value.get_ref().as_table().map(|table| Entry::new(self.sheet, section, table, value.span()))
        };
        let Some(value) = self.table.get(name) else { return Vec::new() };
        match value.get_ref().as_array() {
            Some(list) => list.iter().filter_map(one).collect(),
            None => one(value).into_iter().collect(),
        }
    }

    /// The driver, where this release has it.
    pub(super) fn driver(&self) -> Option<&'static str> {
        let name = self.text("driver")?;
        let names = |ready: bool| {
            let of = self.section.drivers.iter().filter(move |k| k.ready == ready);
            of.map(|k| k.name).collect::<Vec<_>>().join(", ")
        };
        match self.section.drivers.iter().find(|k| k.name == name) {
            Some(known) if known.ready => Some(known.name),
            Some(known) => {
                let what = format!("the driver \"{}\" is not in this release", known.name);
                self.bad("driver", what, format!("use one of: {}", names(true)));
                None
            }
            None => {
                self.bad("driver", format!("unknown driver \"{name}\""), format!("use one of: {}", names(true)));
                None
            }
        }
    }

    /// The id a key refers to, where it is declared.
    pub(super) fn refer(&self, name: &str) -> Option<String> {
        let id = self.text(name)?;
        let Some(Form::Of(section)) = self.section.key(name).map(|k| k.form) else {
            self.bad(name, "the program reads a key that its own table lacks", "report this to the makers");
            return None;
        };
        let declared = self.sheet.declared.borrow();
        let known = declared.get(section);
        if known.is_some_and(|k| k.contains_key(&id)) {
            return Some(id);
        }
        let names = known.map(|k| k.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default();
        let others = if names.is_empty() { String::new() } else { format!(", or name one of: {names}") };
        self.bad(
            name,
            format!("there is no [[{section}]] with the id \"{id}\""),
            format!("add a [[{section}]] with `id = \"{id}\"`{others}"),
        );
        None
    }
}
