//! Vietnamese in the characters every RDS receiver has: accents, tones and typography folded by a table.
//!
//! The basic character set of RDS (IEC 62106, code table E.1) has no Vietnamese letters, and receivers show its upper
//! half each in its own way; what is sent is therefore the part it shares with ASCII.

/// Longest RadioText, characters.
pub const LONGEST_TEXT: usize = 64;

/// What a character of which no letter is left becomes.
const UNKNOWN: u8 = b'?';

/// Each plain letter with its letters of the Vietnamese alphabet in one code point, lower case first.
const LETTERS: &[(u8, &str)] = &[
    (b'a', "àáảãạăằắẳẵặâầấẩẫậ"),
    (b'A', "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ"),
    (b'd', "đ"),
    (b'D', "ĐÐ"),
    (b'e', "èéẻẽẹêềếểễệ"),
    (b'E', "ÈÉẺẼẸÊỀẾỂỄỆ"),
    (b'i', "ìíỉĩị"),
    (b'I', "ÌÍỈĨỊ"),
    (b'o', "òóỏõọôồốổỗộơờớởỡợ"),
    (b'O', "ÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ"),
    (b'u', "ùúủũụưừứửữự"),
    (b'U', "ÙÚỦŨỤƯỪỨỬỮỰ"),
    (b'y', "ỳýỷỹỵ"),
    (b'Y', "ỲÝỶỸỴ"),
    // Names from elsewhere.
    (b'c', "ç"),
    (b'C', "Ç"),
    (b'n', "ñ"),
    (b'N', "Ñ"),
    (b'a', "äå"),
    (b'A', "ÄÅ"),
    (b'e', "ë"),
    (b'E', "Ë"),
    (b'i', "îï"),
    (b'I', "ÎÏ"),
    (b'o', "ö"),
    (b'O', "Ö"),
    (b'u', "ûü"),
    (b'U', "ÛÜ"),
];

/// Typography, and the places of ASCII where RDS has something else.
const SIGNS: &[(char, &str)] = &[
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('«', "\""),
    ('»', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('`', "'"),
    ('´', "'"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
    ('‑', "-"),
    ('~', "-"),
    ('…', "..."),
    ('•', "-"),
    ('·', "-"),
    ('×', "x"),
    ('°', " do "),
    ('²', "2"),
    ('³', "3"),
    ('₫', "d"),
    ('$', "USD"),
    ('€', "EUR"),
    ('^', ""),
];

/// The characters of a text as RDS can show them. Control characters and runs of white space become one space,
/// combining marks go, what has no plain form becomes `?`.
pub fn fold(text: &str) -> String {
    let mut folded: Vec<u8> = Vec::with_capacity(text.len());
    let mut push = |byte: u8| {
        if byte != b' ' || folded.last().is_some_and(|last| *last != b' ') {
            folded.push(byte);
        }
    };
    for letter in text.chars() {
        match letter {
            _ if letter.is_whitespace() || letter.is_control() => push(b' '),
            // Combining marks: tones, breves, horns; joiners, the byte order mark.
            '\u{300}'..='\u{36F}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => {}
            _ => match SIGNS.iter().find(|(sign, _)| *sign == letter) {
                Some((_, plain)) => plain.bytes().for_each(&mut push),
                None => push(plain(letter)),
            },
        }
    }
    while folded.last() == Some(&b' ') {
        folded.pop();
    }
    folded.into_iter().map(char::from).collect()
}

fn plain(letter: char) -> u8 {
    if let Some(byte) = u8::try_from(letter).ok().filter(|byte| (0x20..0x7F).contains(byte)) {
        return byte;
    }
    LETTERS.iter().find(|(_, accented)| accented.contains(letter)).map_or(UNKNOWN, |(plain, _)| *plain)
}

/// A text for RadioText: folded, at most [`LONGEST_TEXT`] characters, cut between words where it has any.
pub fn radio_text(text: &str) -> String {
    let folded = fold(text);
    let Some(head) = folded.get(..LONGEST_TEXT).filter(|_| folded.len() > LONGEST_TEXT) else { return folded };
    // Three dots say that there was more; a space may stand where they begin.
    let room = LONGEST_TEXT - 3;
    let space = head.get(..=room).and_then(|head| head.rfind(' ')).filter(|at| *at >= LONGEST_TEXT / 2);
    let kept = head.get(..space.unwrap_or(room)).unwrap_or(head);
    format!("{}...", kept.trim_end_matches([' ', ',', ';', ':', '.', '-']))
}

/// A programme service name: folded, filled up with spaces; `None`: empty or longer than 8 characters.
pub fn service_name(name: &str) -> Option<[u8; 8]> {
    let folded = fold(name);
    if folded.trim().is_empty() || folded.len() > 8 {
        return None;
    }
    format!("{folded:8}").as_bytes().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;

    /// The 29 letters and the 5 marked tones, made by Unicode and not by the table.
    fn alphabet() -> Vec<(String, char)> {
        let mut all = Vec::new();
        for base in "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY".chars() {
            let plain = match base {
                'đ' => 'd',
                'Đ' => 'D',
                other => other.nfd().find(|c| !is_combining_mark(*c)).expect("a letter"),
            };
            let tones = if "aăâeêioôơuưy".contains(base.to_lowercase().next().expect("a letter")) {
                &["", "\u{300}", "\u{301}", "\u{309}", "\u{303}", "\u{323}"][..]
            } else {
                &[""]
            };
            all.extend(tones.iter().map(|tone| (format!("{base}{tone}"), plain)));
        }
        all
    }

    #[test]
    fn every_letter_and_tone_folds_precomposed_and_combining() {
        let all = alphabet();
        assert_eq!(all.len(), 2 * (29 + 12 * 5));
        for (written, plain) in all {
            for form in [written.nfc().collect::<String>(), written.nfd().collect(), written.clone()] {
                assert_eq!(fold(&form), plain.to_string(), "{form:?}");
            }
        }
    }

    #[test]
    fn sentences_fold_and_nothing_panics() {
        assert_eq!(fold("Đập xả lũ: “khẩn cấp” – 18 giờ…"), "Dap xa lu: \"khan cap\" - 18 gio...");
        assert_eq!(fold("nóng  38°C\n\tđợt\u{0}2"), "nong 38 do C dot 2");
        assert_eq!(fold("ភាសា 🚨"), "???? ?");
        assert_eq!(fold("a$b^c~d`e"), "aUSDbc-d'e");
        for code in 0..=0x0010_FFFF {
            let Some(letter) = char::from_u32(code) else { continue };
            let folded = fold(&letter.to_string());
            assert!(folded.bytes().all(|b| (0x20..0x7F).contains(&b) && !b"$^`~".contains(&b)), "{letter:?}");
        }
    }

    #[test]
    fn radio_text_is_cut_at_a_word() {
        let long = "Nước sông Hồng lên rất nhanh, bà con ở vùng trũng khẩn trương di dời ngay đến nơi an toàn";
        assert_eq!(radio_text(long), "Nuoc song Hong len rat nhanh, ba con o vung trung khan truong...");
        assert_eq!(radio_text(&"ă".repeat(64)), "a".repeat(64));
        assert_eq!(radio_text(&"ă".repeat(65)), format!("{}...", "a".repeat(61)));
        assert_eq!(radio_text(""), "");
    }

    #[test]
    fn service_names_have_eight_characters() {
        assert_eq!(service_name("Xã An Lạc"), None);
        assert_eq!(service_name("Xã Lạc"), Some(*b"Xa Lac  "));
        assert_eq!(service_name(" "), None);
    }
}
