//! Addresses of the web, of mail, and names of files: said briefly.

use super::letters::{said, spelled};
use super::lexicon;
use super::number::{cardinal, one_by_one};
use super::syllable::is_syllable;
use super::tokens::{Kind, Line, Said, Token};

const TOP: [&str; 10] = ["vn", "com", "net", "org", "gov", "edu", "info", "io", "asia", "app"];
const FILES: [&str; 18] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "jpg", "jpeg", "png", "gif", "mp3", "mp4", "wav", "zip", "rar",
    "txt", "exe",
];
/// A longer word is no address anybody could note.
const LONGEST: usize = 300;

/// Reads an address or a file's name.
pub(super) fn web(line: &Line<'_>, at: usize) -> Option<Said> {
    let begins =
        at == 0 || line.is_space(at - 1) || matches!(line.mark(at - 1), Some('(' | '"' | '[' | '<' | ':' | ','));
    if !begins || !line.is_solid(at) {
        return None;
    }
    let rest = line.tokens.get(at..)?;
    let run: Vec<&Token<'_>> = rest.iter().take(LONGEST).take_while(|token| token.kind != Kind::Space).collect();
    if !run.iter().any(|token| matches!(token.text, "." | "@" | ":")) {
        return None;
    }
    let start = run.first()?.start;
    let end = run.last().map(|token| token.start + token.text.len())?;
    let whole = line.text.get(start..end)?;
    let text = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'', ']', '>', '…']);
    let next = line.token_at(start + text.len());
    let lower = text.to_lowercase();
    if !lower.is_ascii() {
        return None;
    }
    if let Some((_, address)) = lower.split_once("://") {
        let host = host(address)?;
        return Some(Said::new(next, format!("trang {host}")));
    }
    if let Some((local, address)) = lower.split_once('@') {
        let plain = local.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        return (plain && !local.is_empty() && address.contains('.'))
            .then(|| host(address))
            .flatten()
            .map(|host| Said::new(next, format!("{} a còng {host}", dotted(local))));
    }
    let extension = lower.rsplit('.').next().filter(|extension| lower.contains('.') && FILES.contains(extension));
    if let Some(extension) = extension {
        return Some(Said::new(next, format!("tệp {}", label(extension))));
    }
    let name = lower.split(['/', '?', '#']).next()?;
    let top = name.rsplit('.').next().filter(|_| name.contains('.'))?;
    let known = TOP.contains(&top) && name.split('.').all(|label| !label.is_empty());
    (known || name.starts_with("www."))
        .then(|| host(name))
        .flatten()
        .map(|host| Said::new(next, format!("trang {host}")))
}

fn host(address: &str) -> Option<String> {
    let host = address.split(['/', '?', '#', ':']).next()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    (plain && !host.is_empty() && host.split('.').all(|label| !label.is_empty())).then(|| dotted(host))
}

fn dotted(name: &str) -> String {
    let parts = |label: &str| {
        let parts: Vec<String> = label.split(['-', '_']).filter(|part| !part.is_empty()).map(self::label).collect();
        parts.join(" ")
    };
    let labels: Vec<String> = name.split('.').map(parts).filter(|label| !label.is_empty()).collect();
    labels.join(" chấm ")
}

/// Letters and digits of one part.
fn label(label: &str) -> String {
    let mut words = Vec::new();
    let mut rest = label;
    while let Some(first) = rest.chars().next() {
        let digit = first.is_ascii_digit();
        let end = rest.find(|letter: char| letter.is_ascii_digit() != digit).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        words.push(if digit {
            if piece.len() > 2 || piece.starts_with('0') { one_by_one(piece) } else { cardinal(piece) }
        } else if let Some(known) = lexicon::word(piece) {
            known.to_owned()
        } else if is_syllable(piece) && piece.len() > 1 {
            piece.to_owned()
        } else if piece.len() <= 4 {
            spelled(piece)
        } else {
            said(piece)
        });
        rest = after;
    }
    words.join(" ")
}
