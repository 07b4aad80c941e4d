//! What each board shows and how bright: a warning, what is being said, or what it shows while nothing is due.

use super::Site;
use super::air::{Piece, Stage};
use crate::bulletin::{DRILL, Media, Priority};
use crate::claim::ClaimId;
use crate::id::{BoardId, BulletinId, ShowId};
use crate::input::Made;
use crate::journal::sha256_hex;
use crate::time::{Now, Wall};
use crate::want::{BoardMessage, BoardWant, Show};
use std::collections::BTreeMap;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

impl Site {
    /// Works out every board.
    pub(super) fn level_boards(&mut self, now: Now) {
        let mut messages: BTreeMap<BoardId, BoardMessage> =
            self.board_messages(now).into_iter().map(|(board, _, message)| (board, message)).collect();
        let hour = self.wall(now).map(|w| w.second_of_day() / 3600);
        let mut wants = BTreeMap::new();
        for (id, board) in &self.config.boards {
            let due = messages.remove(id).or_else(|| idle(board.idle.as_deref()?, board.qr.clone()));
            let dark = self.memory.darkened.contains_key(id);
            let show = due.filter(|_| !dark).map_or(Show::Dark, Show::Message);
            let warns = matches!(&show, Show::Message(message) if message.level.is_some());
            let by_hour = || board.brightness?.get(usize::try_from(hour?).ok()?).copied();
            let brightness = if warns { 100 } else { by_hour().unwrap_or(100).clamp(1, 100) };
            wants.insert(id.clone(), BoardWant { show, brightness });
        }
        self.wants.boards = wants;
        if let Some(wall) = self.wall(now).filter(|_| self.config.boards.values().any(|b| b.brightness.is_some())) {
            self.wake_wall(
                Wall((wall.0.div_euclid(HOUR_MS) + 1) * HOUR_MS),
                now,
                "boards are as bright as the hour asks",
            );
        }
    }

    /// What each board should show, and whose it is: a standing emergency, else the emergency that was last said and
    /// is still in force, else what the programme says just now.
    pub(super) fn board_messages(&self, now: Now) -> Vec<(BoardId, BulletinId, BoardMessage)> {
        let mut messages = Vec::new();
        for board in self.config.boards.keys() {
            let standing = match self.air.boards.get(board) {
                Some(ClaimId::Bulletin(id)) => Some(id.clone()),
                Some(ClaimId::Session(_) | ClaimId::Live(_) | ClaimId::Filler) | None => {
                    self.in_force(board, now).or_else(|| self.said_now(board))
                }
            };
            if let Some((id, message)) = standing.and_then(|id| Some((id.clone(), self.message(board, &id)?))) {
                messages.push((board.clone(), id, message));
            }
        }
        messages
    }

    fn in_force(&self, board: &BoardId, now: Now) -> Option<BulletinId> {
        let wall = self.wall(now)?;
        self.shelf
            .lingering
            .iter()
            .filter_map(|id| Some((id, self.memory.bulletins.get(id)?)))
            .filter(|(_, s)| s.bulletin.valid_until.is_some_and(|until| until > wall))
            .filter(|(_, s)| s.bulletin.targets.has_board(board))
            .max_by_key(|(_, s)| (!s.bulletin.drill, s.bulletin.level(), s.order))
            .map(|(id, _)| id.clone())
    }

    fn said_now(&self, board: &BoardId) -> Option<BulletinId> {
        self.air.sinks.iter().find_map(|(sink, claim)| {
            let airing = self.airings.get(&(claim.clone(), sink.clone()))?;
            if !matches!(airing.stage, Stage::Content(_) | Stage::Gap { .. }) {
                return None;
            }
            match self.piece(claim, airing.item) {
                Some(Piece::Bulletin(id)) => {
                    self.memory.bulletins.get(&id).is_some_and(|s| s.bulletin.targets.has_board(board)).then_some(id)
                }
                Some(Piece::Chime | Piece::Silence(_) | Piece::Relay(..)) | None => None,
            }
        })
    }

    fn message(&self, board: &BoardId, id: &BulletinId) -> Option<BoardMessage> {
        let standing = self.memory.bulletins.get(id)?;
        let bulletin = &standing.bulletin;
        let level = (bulletin.priority == Priority::Emergency).then(|| bulletin.level());
        let drill = bulletin.drill;
        let text = bulletin.board_text().trim();
        let text = if drill && !text.contains(DRILL) { format!("{DRILL}: {text}") } else { text.to_owned() };
        if text.is_empty() {
            return None;
        }
        let ready = |m: &&Media| matches!(self.clips.get(&m.sha256), Some(Made::Ready { .. }));
        let picture = bulletin.pictures().find(ready).map(|m| m.sha256.clone());
        let flash = matches!(self.air.boards.get(board), Some(ClaimId::Bulletin(on)) if on == id);
        let qr = self.config.boards.get(board).and_then(|b| b.qr.clone());
        let until = bulletin.valid_until;
        identified(BoardMessage { id: ShowId(0), text, level, drill, flash, qr, picture, until })
    }
}

/// What a board shows while nothing is due.
fn idle(text: &str, qr: Option<String>) -> Option<BoardMessage> {
    let text = text.to_owned();
    let message =
        BoardMessage { id: ShowId(0), text, level: None, drill: false, flash: false, qr, picture: None, until: None };
    identified(message)
}

/// The message under the digest of all that is seen of it.
fn identified(message: BoardMessage) -> Option<BoardMessage> {
    let BoardMessage { id: _, text, level, drill, flash, qr, picture, until: _ } = &message;
    let digest = sha256_hex(format!("{level:?} {drill} {flash} {qr:?} {picture:?} {text}").as_bytes());
    let id = ShowId(u64::from_str_radix(digest.get(..16)?, 16).ok()?);
    Some(BoardMessage { id, ..message })
}
