//! What holds for any text at all: seeded texts, from noise to shuffled announcements.

use super::TABLES;
use crate::spoken::say::Say;
use crate::spoken::tokens::Line;
use crate::spoken::{Lexicon, Pause, Spoken, clean, line, spoken};

/// A small generator of the same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

fn written() -> Vec<&'static str> {
    TABLES
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|row| row.split('\t').next())
        .filter(|row| !row.starts_with('#'))
        .collect()
}

/// Any characters: marks, digits, Vietnamese, emoji, other scripts, controls.
fn noise(dice: &mut Dice) -> String {
    const POOLS: [&str; 8] = [
        "0123456789",
        ".,;:!?-/()'\"%°+&@#*=<>$ \n\t",
        "aeiouybcdđghklmnpqrstvxfjwz",
        "ABCDĐEGHIKLMNOPQRSTUVXYZIVXLCDM",
        "ạảãàáăắằẳẵặâấầẩẫậêếềểễệôốồổỗộơớờởỡợưứừửữựíìỉĩịýỳỷỹỵẠÁÊỘ",
        "\u{301}\u{300}\u{323}\u{31b}\u{302}\u{200b}\u{ad}\u{feff}\u{fe0f}\u{202e}",
        "😀❤️✅₫€£¥‰≥≤≈×÷½²³①ⅣµΩ…“”–—•·℃№㎡ﬁßøñüçÅ",
        "中文កម្ពុជាไทยعربيкириллицаꨌꩌ日本語한국어",
    ];
    (0..1 + dice.roll(60))
        .map(|_| {
            if dice.roll(20) == 0 {
                return char::from_u32(u32::try_from(dice.roll(0x11_0000)).unwrap_or_default()).unwrap_or(' ');
            }
            let pool: Vec<char> = POOLS[dice.roll(POOLS.len())].chars().collect();
            dice.pick(&pool)
        })
        .collect()
}

/// Written forms run together, cut and spoiled.
fn shuffled(dice: &mut Dice, written: &[&str]) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.roll(4) {
        text.push_str(dice.pick(written));
        text.push_str(dice.pick(&[" ", ". ", "", "\n", ", ", "/", "-", " - "]));
    }
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..dice.roll(4) {
        let at = dice.roll(letters.len());
        match dice.roll(3) {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, dice.pick(&['.', '-', '/', ' ', '0', '5', 'A', 'h', '(', '\n'])),
            _ => letters.truncate(at.max(1)),
        }
        if letters.is_empty() {
            letters.push('a');
        }
    }
    letters.into_iter().collect()
}

fn check(text: &str, lexicon: &Lexicon) -> Spoken {
    let said = spoken(text, lexicon);
    for sentence in &said.sentences {
        let odd = sentence.text.chars().find(|letter| {
            let word = letter.is_alphabetic() && clean::is_vietnamese(*letter) && letter.is_lowercase();
            !(word || matches!(letter, ' ' | ',' | '.' | '?' | '!' | ';' | ':'))
        });
        assert_eq!(odd, None, "{text:?} is said {:?}", sentence.text);
        assert!(
            !sentence.text.contains("  ") && sentence.text.trim() == sentence.text,
            "{text:?}: {:?}",
            sentence.text
        );
        assert!(
            sentence.foreign || sentence.text.ends_with([',', ';', ':', '.', '?', '!']),
            "{text:?}: {:?}",
            sentence.text
        );
        assert!(sentence.foreign || sentence.text.contains(char::is_alphabetic), "{text:?}: {:?}", sentence.text);
    }
    let length: usize = said.sentences.iter().map(|sentence| sentence.text.len()).sum();
    assert!(length <= 32 * text.len() + 64, "{} bytes become {length}: {text:?}", text.len());
    said
}

/// What is different when that is said which was said for a text; nothing if it stays.
fn changes(text: &str, lexicon: &Lexicon) -> Option<String> {
    let said = check(text, lexicon);
    if said.is_foreign() {
        return None;
    }
    let again = check(&said.text(), lexicon);
    (again != said).then(|| format!("{text:?}\n  is said  {}\n  and then {}", said.text(), again.text()))
}

#[test]
fn what_is_said_is_clean_and_says_itself() {
    let written = written();
    let lexicon = Lexicon::default();
    let mut changed: Vec<String> = written.iter().filter_map(|row| changes(row, &lexicon)).collect();
    for seed in 0..6_000 {
        let mut dice = Dice(seed);
        let text = if seed % 2 == 0 { noise(&mut dice) } else { shuffled(&mut dice, &written) };
        changed.extend(changes(&text, &lexicon).map(|change| format!("seed {seed}: {change}")));
    }
    changed.truncate(20);
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn work_and_length_grow_with_the_text_alone() {
    let patterns = [
        "1", "1.", "1,", "1-", "1/", "1:", "0 ", "12/12/", "a.", "a:", "a@", "x@b.vn ", "(", "...", "T2-", "QĐ-",
        "/QĐ-TTg", "1.000.", "H5", "29A-", "0912 ", "17h", "IV ", "3x", "3/4 ", "mm/", "ấ", "b", "B", "ok ", "'", "k'",
        "- ", "°", "BĐ3", "2021-", "việc ", "中", "+84 ",
    ];
    let lexicon = Lexicon::default();
    for pattern in patterns {
        let looks = |size: usize| {
            let text = pattern.repeat(size / pattern.len());
            let mut say = Say::default();
            let clean = clean::paragraphs(&text).join(" ");
            let one = Line::new(&clean, &lexicon);
            line::say(&one, &mut say);
            check(&text, &lexicon);
            one.looks.get()
        };
        let (small, large) = (looks(4 << 10), looks(64 << 10));
        assert!(large <= 17 * small + 1000, "{pattern:?}: {small} looks at 4 KiB, {large} at 64 KiB");
        assert!(large <= 400 * (64 << 10), "{pattern:?}: {large} looks at 64 KiB");
    }
}

#[test]
fn long_sentences_are_cut_where_one_breathes() {
    let text = "bà con chú ý theo dõi diễn biến của bão, chuẩn bị lương thực và nước uống, ".repeat(20);
    let said = check(&text, &Lexicon::default());
    assert!(said.sentences.len() > 3);
    assert!(said.sentences.iter().all(|sentence| sentence.text.chars().count() <= 320));
    let (last, before) = said.sentences.split_last().expect("a sentence");
    assert!(before.iter().all(|sentence| sentence.pause == Pause::Clause && sentence.text.ends_with(',')));
    assert_eq!(last.pause, Pause::Paragraph);
    assert_eq!(changes(&text, &Lexicon::default()), None);

    let endless = check(&"mưa to gió lớn ".repeat(100), &Lexicon::default());
    assert!(endless.sentences.iter().all(|sentence| sentence.text.chars().count() <= 320), "{endless:?}");
}

#[test]
fn pauses_follow_the_text() {
    let said = spoken("Kính báo bà con. Mai họp thôn.\n\nĐi đủ nhé!", &Lexicon::default());
    let heard: Vec<(&str, Pause)> =
        said.sentences.iter().map(|sentence| (sentence.text.as_str(), sentence.pause)).collect();
    let expected =
        [("kính báo bà con.", Pause::Sentence), ("mai họp thôn.", Pause::Paragraph), ("đi đủ nhé!", Pause::Paragraph)];
    assert_eq!(heard, expected);
    assert!(Pause::Clause.ms() < Pause::Sentence.ms() && Pause::Sentence.ms() < Pause::Paragraph.ms());
    for nothing in ["", " \n\t", "...", "-\n-\n", "😀", "()"] {
        assert_eq!(spoken(nothing, &Lexicon::default()), Spoken::default(), "{nothing:?}");
    }
}
