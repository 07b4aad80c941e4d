//! The boards that are pages: each with a token of its own, kept in the data folder.

use crate::config::{BoardSpec, Config};
use drivers::board::painter::code;
use drivers::board::{BoardConfig, Screen};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;
use web_ui::{BoardAddress, BoardScene};

/// File of the tokens, in the data folder.
pub(crate) const TOKENS: &str = "board-tokens";

/// The pages of a station.
pub(crate) struct Walls(BTreeMap<String, Wall>);

#[derive(Clone)]
struct Wall {
    screen: Arc<Screen>,
    token: String,
    clips: PathBuf,
    place: String,
}

impl Walls {
    /// Finds the token of each page, and makes those that are missing.
    ///
    /// # Errors
    /// When the file of tokens can neither be read nor written.
    pub(crate) fn open(config: &Config, file: &Path, clips: &Path) -> io::Result<Self> {
        let mut walls = BTreeMap::new();
        let screens = config.boards.iter().filter_map(|spec| screen(spec).map(|screen| (spec.id.to_string(), screen)));
        let screens: Vec<_> = screens.collect();
        if screens.is_empty() {
            return Ok(Self(walls));
        }
        let mut known = known(file)?;
        for (id, screen) in screens {
            let token = known.entry(id.clone()).or_insert_with(|| crate::stamp::fresh_id("b")).clone();
            let (clips, place) = (clips.to_owned(), config.site.name.clone());
            walls.insert(id, Wall { screen, token, clips, place });
        }
        keep(file, &known)?;
        log::info!(file:? = file; "addresses of the boards that are pages");
        Ok(Self(walls))
    }
}

fn screen(spec: &BoardSpec) -> Option<Arc<Screen>> {
    if let BoardConfig::Html { screen } = &spec.config { Some(Arc::clone(screen)) } else { None }
}

/// The boards that are pages.
pub(crate) fn pages(config: &Config) -> Vec<String> {
    config.boards.iter().filter(|spec| screen(spec).is_some()).map(|spec| spec.id.to_string()).collect()
}

/// Where a page is, and what opens it.
pub(crate) fn path(id: &str, token: &str) -> String {
    format!("/board/{id}?token={token}")
}

/// The tokens, from lines of `/board/{id}?token={token}`; none where there is no file.
pub(crate) fn known(file: &Path) -> io::Result<BTreeMap<String, String>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let pair = |line: &str| {
        let (id, token) = line.trim().strip_prefix("/board/")?.split_once("?token=")?;
        (token.len() >= 20).then(|| (id.to_owned(), token.to_owned()))
    };
    Ok(text.lines().filter_map(pair).collect())
}

fn keep(file: &Path, tokens: &BTreeMap<String, String>) -> io::Result<()> {
    let text: String = tokens.iter().map(|(id, token)| path(id, token) + "\n").collect();
    if fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    out.set_permissions(fs::Permissions::from_mode(0o600))?;
    out.write_all(text.as_bytes())?;
    out.sync_all()
}

impl web_ui::Boards for Walls {
    fn admit(&self, board: &str, token: &str) -> Option<Arc<dyn web_ui::Board>> {
        let wall = self.0.get(board);
        let kept = wall.map_or("", |wall| wall.token.as_str());
        let differs = kept.len() != token.len();
        let differs = kept.bytes().zip(token.bytes()).fold(u8::from(differs), |d, (a, b)| d | (a ^ b));
        let wall = wall.filter(|_| differs == 0 && !token.is_empty())?;
        Some(Arc::new(wall.clone()))
    }

    fn addresses(&self, base: &str) -> Vec<BoardAddress> {
        let address = |(id, wall): (&String, &Wall)| {
            let url = format!("{base}{}", path(id, &wall.token));
            BoardAddress { id: id.clone(), code: code(&url).unwrap_or_default(), url }
        };
        self.0.iter().map(address).collect()
    }
}

impl web_ui::Board for Wall {
    fn turns(&self) -> watch::Receiver<u64> {
        self.screen.turns()
    }

    fn scene(&self) -> BoardScene {
        let scene = self.screen.scene();
        let Some(message) = &scene.message else {
            return BoardScene { turn: scene.turn, brightness: scene.brightness, ..BoardScene::default() };
        };
        BoardScene {
            turn: scene.turn,
            text: Some(message.text.clone()),
            level: message.level,
            drill: message.drill,
            flash: message.flash,
            code: scene.code.clone(),
            picture: message.picture.as_ref().map(|clip| clip.as_str().to_owned()),
            until_ms: message.until.map(|wall| wall.0),
            brightness: scene.brightness,
        }
    }

    fn seen(&self, turn: u64) {
        self.screen.seen(turn);
    }

    fn clip(&self, clip: &str) -> Option<PathBuf> {
        // A name that is no plain name leads out of the cache.
        (!clip.is_empty() && !clip.contains('/') && !clip.starts_with('.')).then(|| self.clips.join(clip))
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    fn link_lost(&self) -> &'static str {
        self.screen.link_lost().word()
    }

    fn message_end(&self) -> &'static str {
        self.screen.message_end().word()
    }

    fn idle(&self) -> Option<String> {
        self.screen.idle().map(str::to_owned)
    }
}
