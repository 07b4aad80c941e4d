//! The lessons that every station has, written in `lessons/*.toml`: one a page of the desk.

use gateway_core::lesson::Lesson;
use std::sync::LazyLock;

/// The files, in the order in which they are learnt.
const FILES: [&str; 13] = [
    include_str!("../../../lessons/01-trang-dau.toml"),
    include_str!("../../../lessons/02-khan-cap.toml"),
    include_str!("../../../lessons/03-dung-dinh-chinh.toml"),
    include_str!("../../../lessons/04-hop-thu.toml"),
    include_str!("../../../lessons/05-soan-tin.toml"),
    include_str!("../../../lessons/06-duyet-tin.toml"),
    include_str!("../../../lessons/07-lich-phat.toml"),
    include_str!("../../../lessons/08-noi-truc-tiep.toml"),
    include_str!("../../../lessons/09-nhat-ky-bao-cao.toml"),
    include_str!("../../../lessons/10-thiet-bi.toml"),
    include_str!("../../../lessons/11-nguoi-dung.toml"),
    include_str!("../../../lessons/12-ra-soat.toml"),
    include_str!("../../../lessons/13-cai-dat.toml"),
];

/// The lessons. One that cannot be read is left out; a test reads them all.
pub(super) static LESSONS: LazyLock<Vec<Lesson>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|text| {
            match toml::from_str::<Lesson>(text).map_err(|e| e.to_string()).and_then(|l| l.check().map(|()| l)) {
                Ok(lesson) => Some(lesson),
                Err(fault) => {
                    log::error!(error:% = fault; "a lesson that is built in cannot be read");
                    None
                }
            }
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_core::lesson::Part;
    use std::collections::BTreeSet;

    #[test]
    fn every_lesson_can_be_read_is_short_and_has_a_quiz() {
        assert_eq!(LESSONS.len(), FILES.len());
        let ids: BTreeSet<&str> = LESSONS.iter().map(|l| l.lesson_id.as_str()).collect();
        let pages: BTreeSet<&str> = LESSONS.iter().map(|l| l.page.as_str()).collect();
        assert_eq!((ids.len(), pages.len()), (FILES.len(), FILES.len()));
        for lesson in &*LESSONS {
            let words: usize = lesson
                .parts
                .iter()
                .map(|part| match part {
                    Part::Text { text, .. } => text.split_whitespace().count(),
                    Part::Image(_) | Part::Audio(_) | Part::Video(_) | Part::Unknown => 0,
                })
                .sum();
            // A Vietnamese word is one to three syllables between spaces.
            assert!((150..=600).contains(&words), "{}: {words}", lesson.lesson_id);
            assert!((3..=5).contains(&lesson.quiz.len()), "{}", lesson.lesson_id);
            let places: BTreeSet<usize> = lesson.quiz.iter().map(|q| q.answer).collect();
            assert!(places.len() > 1, "{}: the right answer stands always in the same place", lesson.lesson_id);
        }
    }
}
