//! The HTML board: a browser on a television shows what is wanted and says what it really shows.

use super::painter::code;
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::want::{BoardMessage, BoardWant, Grade, Show};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long an order waits for the page; within what a call on a line may take.
const WAIT: Duration = Duration::from_secs(3);
/// A page that has said nothing for so long shows nothing that is known.
const SILENT: Duration = Duration::from_secs(10);
/// How often it is looked whether the page still says so.
const LOOK: Duration = Duration::from_secs(3);

/// What a page is to do once it hears nothing of the gateway any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkLost {
    /// Go on until the message ends, and say that the link is lost.
    #[default]
    Notice,
    /// Go on until the message ends, and say nothing.
    Keep,
    /// Go dark.
    Dark,
    /// Show the text of quiet hours.
    Idle,
}

impl LinkLost {
    /// Its word in the configuration and on the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Keep => "keep",
            Self::Dark => "dark",
            Self::Idle => "idle",
        }
    }

    /// The one of this word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Notice, Self::Keep, Self::Dark, Self::Idle].into_iter().find(|what| what.word() == word)
    }
}

/// What a page is to show when its message ends and it hears nothing of the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MessageEnd {
    /// Nothing.
    #[default]
    Dark,
    /// The text of quiet hours.
    Idle,
}

impl MessageEnd {
    /// Its word in the configuration and on the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Idle => "idle",
        }
    }
}

/// What the page is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// Counts what it was told; its answer repeats it.
    pub turn: u64,
    /// The message; `None`: dark.
    pub message: Option<BoardMessage>,
    /// The rows of its QR code, `1` a dark module; empty: none.
    pub code: Vec<String>,
    /// Per cent.
    pub brightness: u8,
}

/// A television, shared by the driver and the listener that serves its page.
#[derive(Debug)]
pub struct Screen {
    state: Mutex<State>,
    rings: Condvar,
    turns: watch::Sender<u64>,
    link_lost: LinkLost,
    message_end: MessageEnd,
    idle: Option<String>,
}

#[derive(Debug)]
struct State {
    scene: Arc<Scene>,
    want: Option<BoardWant>,
    told: Instant,
    /// What the page says that it shows, and since when it was not heard again.
    seen: Option<(u64, Option<ShowId>, Instant)>,
}

impl Screen {
    /// A screen that has not been told anything.
    pub fn new(link_lost: LinkLost) -> Self {
        let state = State { scene: Arc::default(), want: None, told: Instant::now(), seen: None };
        Self {
            state: Mutex::new(state),
            rings: Condvar::new(),
            turns: watch::channel(0).0,
            link_lost,
            message_end: MessageEnd::Dark,
            idle: None,
        }
    }

    /// The same with something to show when a message has ended, and the text of quiet hours.
    #[must_use]
    pub fn with_end(self, message_end: MessageEnd, idle: Option<String>) -> Self {
        Self { message_end, idle, ..self }
    }

    /// What its page shows when its message ends and it hears nothing.
    pub fn message_end(&self) -> MessageEnd {
        self.message_end
    }

    /// The text of quiet hours.
    pub fn idle(&self) -> Option<&str> {
        self.idle.as_deref()
    }

    /// What its page does without the gateway.
    pub fn link_lost(&self) -> LinkLost {
        self.link_lost
    }

    /// Tells each turn as it comes.
    pub fn turns(&self) -> watch::Receiver<u64> {
        self.turns.subscribe()
    }

    /// What is to be shown now.
    pub fn scene(&self) -> Arc<Scene> {
        Arc::clone(&self.lock().scene)
    }

    /// A page says that it has painted what it was told in this turn. What it says of another turn counts for nothing.
    pub fn seen(&self, turn: u64) {
        let mut state = self.lock();
        if state.scene.turn == turn {
            let show = state.scene.message.as_ref().map(|message| message.id);
            state.seen = Some((turn, show, Instant::now()));
            self.rings.notify_all();
        }
    }

    /// Tells the page, unless it was told so already.
    fn tell(&self, want: &BoardWant) -> u64 {
        let mut state = self.lock();
        if state.want.as_ref() == Some(want) {
            return state.scene.turn;
        }
        (state.want, state.told) = (Some(want.clone()), Instant::now());
        let message = match &want.show {
            Show::Message(message) => Some(message.clone()),
            Show::Dark => None,
        };
        let code = message.as_ref().and_then(|m| m.qr.as_deref()).and_then(code).unwrap_or_default();
        let turn = state.scene.turn + 1;
        state.scene = Arc::new(Scene { turn, message, code, brightness: want.brightness });
        drop(state);
        self.turns.send_replace(turn);
        turn
    }

    /// What the page says, once it says it of this turn or the wait is over.
    ///
    /// Where no page is open, nothing is shown: that is as it should be for a screen that is to be dark, and the grade says
    /// that nobody has looked.
    fn hear(&self, turn: u64, wait: Duration) -> Result<Report, Fault> {
        let until = Instant::now() + wait;
        let mut state = self.lock();
        loop {
            let fresh = state.seen.filter(|(_, _, at)| at.elapsed() < SILENT);
            let left = until.saturating_duration_since(Instant::now());
            match fresh {
                None if state.scene.message.is_none() => {
                    return Ok(Report::Board { showing: None, grade: Grade::Sent });
                }
                Some((seen, showing, _)) if seen == turn || (left.is_zero() && state.told.elapsed() < SILENT) => {
                    return Ok(Report::Board { showing, grade: Grade::Electrical });
                }
                Some(_) | None if left.is_zero() => {
                    let what =
                        if fresh.is_some() { "the page does not say that it shows it" } else { "no page is open" };
                    return Err(Fault::Line(what.to_owned()));
                }
                Some(_) | None => {
                    state = self.rings.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The driver of a screen.
#[derive(Clone, Debug)]
pub struct Html {
    screen: Arc<Screen>,
}

impl Html {
    /// Over this screen.
    pub fn new(screen: Arc<Screen>) -> Self {
        Self { screen }
    }
}

impl Driver<BoardWant> for Html {
    fn apply(&mut self, _line: &mut Line, want: &BoardWant) -> Result<Report, Fault> {
        let turn = self.screen.tell(want);
        self.screen.hear(turn, WAIT)
    }

    fn probe(&mut self, _line: &mut Line) -> Result<Report, Fault> {
        let turn = self.screen.scene().turn;
        self.screen.hear(turn, Duration::ZERO)
    }

    fn again_after(&self, _want: &BoardWant) -> Option<Duration> {
        Some(LOOK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::LineConfig;

    fn message(id: u64) -> BoardWant {
        BoardWant::message(BoardMessage {
            id: ShowId(id),
            text: "Lũ lúc 18 giờ".to_owned(),
            level: Some(4),
            drill: false,
            flash: true,
            qr: Some("https://xa.vn/q/1".to_owned()),
            picture: None,
            until: None,
        })
    }

    fn line() -> Line {
        Line::new(LineConfig::Apart { name: "tv".to_owned() })
    }

    #[test]
    fn what_the_page_has_painted_is_what_is_reported() {
        let screen = Arc::new(Screen::new(LinkLost::Notice));
        let mut turns = screen.turns();
        let page = {
            let screen = Arc::clone(&screen);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                runtime.block_on(async move {
                    for _ in 0..2 {
                        turns.changed().await.expect("it is told");
                        let scene = screen.scene();
                        assert_eq!(scene.code.is_empty(), scene.message.is_none());
                        screen.seen(scene.turn);
                    }
                });
            })
        };
        let mut driver = Html::new(Arc::clone(&screen));
        let shown = driver.apply(&mut line(), &message(7));
        assert_eq!(shown, Ok(Report::Board { showing: Some(ShowId(7)), grade: Grade::Electrical }));
        // Told again, nothing is sent again; what the page said last still holds.
        assert_eq!(driver.apply(&mut line(), &message(7)), shown);
        let dark = driver.apply(&mut line(), &BoardWant::dark());
        assert_eq!(dark, Ok(Report::Board { showing: None, grade: Grade::Electrical }));
        page.join().expect("the page");
    }

    #[test]
    fn a_screen_that_is_to_be_dark_needs_no_page_and_one_that_still_shows_is_not_called_dark() {
        let screen = Arc::new(Screen::new(LinkLost::Notice));
        let mut driver = Html::new(Arc::clone(&screen));
        let dark = Ok(Report::Board { showing: None, grade: Grade::Sent });
        assert_eq!(driver.apply(&mut line(), &BoardWant::dark()), dark);
        assert_eq!(driver.probe(&mut line()), dark);
        let shown = screen.tell(&message(5));
        screen.seen(shown);
        let turn = screen.tell(&BoardWant::dark());
        let still = screen.hear(turn, Duration::ZERO);
        assert_eq!(still, Ok(Report::Board { showing: Some(ShowId(5)), grade: Grade::Electrical }));
        screen.seen(turn);
        let seen = Ok(Report::Board { showing: None, grade: Grade::Electrical });
        assert_eq!(screen.hear(turn, Duration::ZERO), seen, "a page that says so is believed more");
    }

    #[test]
    fn without_a_page_it_is_a_fault_and_an_old_turn_counts_for_nothing() {
        let screen = Arc::new(Screen::new(LinkLost::Dark));
        let turn = screen.tell(&message(1));
        assert!(matches!(screen.hear(turn, Duration::ZERO), Err(Fault::Line(_))));
        screen.seen(turn + 1);
        assert!(matches!(screen.hear(turn, Duration::ZERO), Err(Fault::Line(_))));
        screen.seen(turn);
        assert!(screen.hear(turn, Duration::ZERO).is_ok());
        let next = screen.tell(&message(2));
        screen.seen(turn);
        let stale = screen.hear(next, Duration::ZERO);
        assert_eq!(stale, Ok(Report::Board { showing: Some(ShowId(1)), grade: Grade::Electrical }));
    }
}
