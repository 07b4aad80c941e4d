//! What the boards would show, painted by the same hand that paints for their cards.

use crate::config::{BoardSpec, Config};
use drivers::board::painter::Easel;
use drivers::board::sight::Sight;
use gateway_core::id::{BoardId, ClipId, ShowId};
use gateway_core::want::BoardMessage;
use std::path::{Path, PathBuf};
use web_ui::BoardSight;

/// The boards of the station with their codes, and their pictures.
pub(crate) struct Preview {
    boards: Vec<(BoardSpec, Option<String>)>,
    pictures: PathBuf,
}

impl Preview {
    /// Over the boards of a configuration and the folder of the cache.
    pub(crate) fn new(config: &Config, pictures: &Path) -> Self {
        let code = |spec: &BoardSpec| config.site.boards.get(&spec.id).and_then(|board| board.qr.clone());
        let boards = config.boards.iter().map(|spec| (spec.clone(), code(spec))).collect();
        Self { boards, pictures: pictures.to_owned() }
    }
}

impl web_ui::Preview for Preview {
    fn sight(&self, board: &BoardId, text: &str, picture: Option<&str>) -> Option<BoardSight> {
        let (spec, code) = self.boards.iter().find(|(spec, _)| spec.id == *board)?;
        let easel = Easel::new(spec.fonts.clone()).with_pictures(&self.pictures);
        let message = BoardMessage {
            id: ShowId(0),
            text: text.to_owned(),
            level: None,
            drill: false,
            flash: false,
            qr: code.clone(),
            picture: picture.filter(|name| crate::shelf::is_digest(name)).map(ClipId::from),
            until: None,
        };
        Some(match spec.config.sight(&easel, &message) {
            Sight::Painted { width, height, pages } => {
                let ms = |hold: std::time::Duration| u64::try_from(hold.as_millis()).unwrap_or(u64::MAX);
                let pages = pages.into_iter().map(|(png, hold, runs)| (png, ms(hold), runs)).collect();
                BoardSight { width, height, text: None, pages, is_page: false }
            }
            Sight::Letters(text) => {
                BoardSight { width: 0, height: 0, text: Some(text), pages: Vec::new(), is_page: false }
            }
            Sight::Page => {
                BoardSight { width: 0, height: 0, text: Some(text.to_owned()), pages: Vec::new(), is_page: true }
            }
        })
    }
}
