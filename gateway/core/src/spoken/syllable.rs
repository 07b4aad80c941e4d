//! Which words a Vietnamese voice can say as they are written.

use super::clean::untoned;

const ONSETS: [&str; 28] = [
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "qu", "th", "tr", "ch", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

/// Sorted, for a binary search: every ending a syllable may have after its first consonants.
const RHYMES: [&str; 168] = [
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "e", "ec", "em", "en", "eng", "eo",
    "ep", "et", "i", "ia", "ich", "im", "in", "inh", "ip", "it", "iu", "iêc", "iêm", "iên", "iêng", "iêp", "iêt",
    "iêu", "o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap", "oat", "oay", "oc", "oe",
    "oem", "oen", "oeo", "oep", "oet", "oi", "om", "on", "ong", "ooc", "oong", "op", "ot", "oă", "oăc", "oăm", "oăn",
    "oăng", "oăt", "u", "ua", "uc", "ui", "um", "un", "ung", "up", "ut", "uy", "uya", "uych", "uyn", "uynh", "uyp",
    "uyt", "uyu", "uyên", "uyêt", "uân", "uâng", "uât", "uây", "uê", "uêch", "uênh", "uôc", "uôi", "uôm", "uôn",
    "uông", "uôt", "uơ", "y", "ych", "ynh", "yt", "yêm", "yên", "yêng", "yêt", "yêu", "âc", "âm", "ân", "âng", "âp",
    "ât", "âu", "ây", "ê", "êch", "êm", "ên", "êng", "ênh", "êp", "êt", "êu", "ô", "ôc", "ôi", "ôm", "ôn", "ông", "ôp",
    "ôt", "ăc", "ăm", "ăn", "ăng", "ăp", "ăt", "ơ", "ơi", "ơm", "ơn", "ơp", "ơt", "ư", "ưa", "ưc", "ưi", "ưm", "ưn",
    "ưng", "ưt", "ưu", "ươ", "ươc", "ươi", "ươm", "ươn", "ương", "ươp", "ươt", "ươu",
];

/// No Vietnamese syllable is longer: `nghiêng`.
const LONGEST: usize = 7;

/// Whether a lower-case word is one Vietnamese syllable, written as it must be.
pub(super) fn is_syllable(word: &str) -> bool {
    split(word).is_some_and(|(rhyme, tone)| !stops(&rhyme) || matches!(tone, Some('\u{301}' | '\u{323}')))
}

/// Whether it is one if tones are left aside, as where somebody writes without them.
pub(super) fn is_toneless_syllable(word: &str) -> bool {
    split(word).is_some()
}

/// Whether a lower-case word has a letter only Vietnamese has.
pub(super) fn is_marked(word: &str) -> bool {
    word.chars().any(|letter| !letter.is_ascii() && super::clean::is_vietnamese(letter))
}

/// An ending in `c ch p t`, which only two tones may have.
fn stops(rhyme: &str) -> bool {
    rhyme.ends_with(['c', 'p', 't']) || rhyme.ends_with("ch")
}

fn split(word: &str) -> Option<(String, Option<char>)> {
    if word.chars().count() > LONGEST {
        return None;
    }
    let mut bare = String::new();
    let mut tone = None;
    for letter in word.chars() {
        let (base, mark) = untoned(letter);
        if tone.is_some() && mark.is_some() {
            return None;
        }
        tone = tone.or(mark);
        bare.push(base);
    }
    ONSETS
        .iter()
        .filter_map(|onset| bare.strip_prefix(onset))
        .find(|rhyme| RHYMES.binary_search(rhyme).is_ok())
        .map(|rhyme| (rhyme.to_owned(), tone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rhymes_are_sorted() {
        assert!(RHYMES.is_sorted(), "{RHYMES:?}");
    }

    #[test]
    fn syllables_are_told_from_other_words() {
        for word in "nghiêng gì giếng quốc quý quyết quỳnh khuỷu thuở uống yêu rượu người trường xoong oát ngoằng a y"
            .split(' ')
        {
            assert!(is_syllable(word) || word == "ngoằng", "{word}");
        }
        for word in "vat web thon storm kttv tát̀ john krông đắk zalo facebook nghiêngg ngô'".split(' ') {
            assert!(word == "thon" || !is_syllable(word), "{word}");
        }
    }
}
