//! Lessons in the memory: no more than which there are and which files they name; their words are in the journal.

use crate::bulletin::Media;
use crate::lesson::{KEPT, Lesson};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lessons that came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Taught(BTreeMap<String, One>);

/// A lesson that came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct One {
    version: u32,
    /// Number of the entry it came with.
    seq: u64,
    media: Vec<Media>,
}

impl Taught {
    /// A lesson came; an older version than is known changes nothing, and the oldest lessons make room.
    pub(super) fn keep(&mut self, lesson: &Lesson, seq: u64) {
        if self.0.get(&lesson.lesson_id).is_some_and(|known| known.version > lesson.version) {
            return;
        }
        let one = One { version: lesson.version, seq, media: lesson.media().cloned().collect() };
        self.0.insert(lesson.lesson_id.clone(), one);
        if self.0.len() > KEPT {
            let oldest = self.0.iter().min_by_key(|(_, one)| one.seq).map(|(id, _)| id.clone());
            oldest.and_then(|id| self.0.remove(&id));
        }
    }

    /// The files that lessons name, those of the newest lesson first.
    pub(crate) fn media(&self) -> impl Iterator<Item = &Media> {
        let mut all: Vec<&One> = self.0.values().collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.seq));
        all.into_iter().flat_map(|one| &one.media)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lesson(id: &str, version: u32, file: char) -> Lesson {
        let media = json!({"url": "https://hub/film", "sha256": file.to_string().repeat(64), "bytes": 10});
        let parts = json!([{"type": "video", "text": "Thử loa.", "media": media}]);
        let body = json!({"lesson_id": id, "version": version, "title": "Thử loa", "parts": parts});
        serde_json::from_value(body).expect("a lesson")
    }

    #[test]
    fn the_newest_version_of_the_newest_lessons_is_kept() {
        let mut taught = Taught::default();
        taught.keep(&lesson("a", 2, 'a'), 1);
        taught.keep(&lesson("a", 1, 'b'), 2);
        taught.keep(&lesson("b", 1, 'c'), 3);
        let files = |taught: &Taught| taught.media().map(|m| m.sha256.as_str()[..1].to_owned()).collect::<String>();
        assert_eq!(files(&taught), "ca");
        for n in 0..KEPT {
            taught.keep(&lesson(&format!("x{n}"), 1, 'd'), 4 + n as u64);
        }
        assert_eq!(files(&taught), "d".repeat(KEPT));
    }
}
