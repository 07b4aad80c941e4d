//! Televisions of a real station in a real browser: text, picture and film are painted and read by tesseract, a station
//! that dies leaves what was configured, and one that comes back is shown again.

use serde_json::{Value, json};
use site_tests::browser::{Browser, Tab};
use site_tests::eyes::read_at;
use site_tests::stage::word::emergency;
use site_tests::stage::{Plan, Stage};
use site_tests::vcard::player::ffmpeg;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

const SIZE: (u32, u32) = (1280, 720);
const IDLE: &str = "Xã Bình Minh kính chào quý khách";
const WARNING: &str = "Nước sông Hồng vượt báo động 3, khẩn trương sơ tán";

/// The clock of the page can be put forward from outside: nobody waits for what takes hours.
const SKEW: &str = "window.skew = 0; const real = performance.now.bind(performance);
performance.now = () => real() + window.skew;";

/// A board for each thing a page can do when it is left alone.
const BOARDS: [(&str, &str); 4] = [
    ("tv-notice", ""),
    ("tv-dark", "on_link_lost = \"dark\"\n"),
    ("tv-idle", "on_link_lost = \"idle\"\n"),
    ("tv-end", "on_link_lost = \"keep\"\non_message_end = \"idle\"\n"),
];

struct Televisions {
    stage: Stage,
    browser: Browser,
    tabs: Vec<Tab>,
}

impl Televisions {
    fn up() -> Self {
        let board = |(id, more): (&str, &str)| {
            format!("\n[[board]]\nid = \"{id}\"\ndriver = \"html\"\nidle = \"{IDLE}\"\n{more}")
        };
        let plan = Plan { officer_tls: false, more: BOARDS.map(board).concat(), ..Plan::new("tv") };
        let mut stage = Stage::set(&plan).expect("a stage");
        stage.station.start().expect("it starts");
        stage.station.wait_ready().expect("it is ready");
        let folder = stage.path("browser");
        std::fs::create_dir(&folder).expect("a folder");
        let mut browser = Browser::open(&folder).expect("a browser");
        let officer = stage.officer().expect("the first user is a technician");
        let told = officer.get("/api/v1/boards").expect("the addresses").body;
        let tabs = BOARDS.iter().map(|(id, _)| {
            let said = stage.station.command(&["board-address", id]).expect("it runs");
            let said = String::from_utf8(said.stdout).expect("text");
            let url = said.lines().next().expect("an address").to_owned();
            let listed = told["boards"].as_array().expect("a list").iter().find(|board| board["id"] == *id);
            assert_eq!(listed.map(|board| board["url"].as_str()), Some(Some(url.as_str())), "the desk says the same");
            browser.visit(&url, SIZE, SKEW).expect("it opens")
        });
        let tabs = tabs.collect();
        stage.wait_well().expect("every board says what it shows");
        Self { stage, browser, tabs }
    }

    fn wait(&mut self, number: usize, expression: &str) {
        let tab = self.tabs[number].clone();
        self.browser.wait(&tab, expression).unwrap_or_else(|error| panic!("{}: {error:#}", BOARDS[number].0));
    }

    fn wait_all(&mut self, expression: &str) {
        (0..BOARDS.len()).for_each(|number| self.wait(number, expression));
    }

    fn put_forward(&mut self, ms: u64) {
        for tab in self.tabs.clone() {
            self.browser.ask(&tab, &format!("window.skew = {ms}")).expect("the page's clock");
        }
    }

    /// A photograph of an element of a board.
    fn photograph(&mut self, number: usize, element: &str, name: &str) -> PathBuf {
        let (tab, file) = (self.tabs[number].clone(), self.stage.path(&format!("{name}.png")));
        self.browser.photograph(&tab, element, &file).expect("a photograph");
        if let Some(keep) = std::env::var_os("BOARD_PICTURES") {
            std::fs::copy(&file, PathBuf::from(keep).join(format!("{name}.png"))).expect("a copy");
        }
        file
    }

    /// What tesseract reads of an element at one size of print.
    fn read(&mut self, number: usize, element: &str, name: &str) -> String {
        let file = self.photograph(number, element, name);
        read_at(&file, 560).expect("it is read")
    }

    /// At one size of print at least these words are read exactly, and no others.
    fn reads(&mut self, number: usize, element: &str, name: &str, words: &str) {
        let file = self.photograph(number, element, name);
        // It writes every dash short.
        let words = words.replace('–', "-");
        let mut seen = Vec::new();
        let found = [560, 400, 800, 300, 1100].into_iter().any(|width| {
            seen.push(read_at(&file, width).expect("it is read"));
            seen.last() == Some(&words)
        });
        assert!(found, "{name}: \"{words}\" is read as {seen:?}");
    }
}

/// A picture of dark ground with these words in it, as a file that a bulletin can carry.
fn drawn(stage: &Stage, words: &str, file: &str) -> Value {
    let text = stage.path("words.txt");
    std::fs::write(&text, words).expect("written");
    let font = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";
    let filter = format!(
        "drawtext=fontfile={font}:textfile={}:fontcolor=white:fontsize=72:x=(w-tw)/2:y=(h-th)/2",
        text.display()
    );
    let path = stage.path(file);
    let source = ["-f", "lavfi", "-i", "color=c=0x103050:s=640x360:d=2:r=5", "-vf", &filter];
    let more: &[&str] =
        if file.ends_with("mp4") { &["-pix_fmt", "yuv420p", "-movflags", "+faststart"] } else { &["-frames:v", "1"] };
    ffmpeg(&[&source[..], more].concat(), &path).expect("ffmpeg");
    let media = stage.shelf.add(&path).expect("taken in");
    let kind = if file.ends_with("mp4") { "video" } else { "image" };
    json!({ "type": kind, "media": media })
}

fn warning(id: &str, more: Value) -> Value {
    let mut body = emergency(id, 1);
    let until = SystemTime::now() + Duration::from_secs(1800);
    let until = until.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
    body["valid_until"] = gateway_core::time::Wall(i64::try_from(until).expect("no overflow")).rfc3339().into();
    body["content"] = json!([{ "type": "text", "lang": "vi", "text": WARNING }, more]);
    body
}

const PAINTED: &str = "painted !== null && document.body.classList.contains('l4')";

#[test]
fn televisions_show_what_is_wanted_and_what_was_configured_when_the_station_dies() {
    let mut tv = Televisions::up();
    tv.reads(0, "#box", "idle", IDLE);

    let picture = drawn(&tv.stage, "HÌNH ẢNH LŨ", "flood.jpg");
    let (jti, _) = tv.stage.publish("bulletin", &warning("BT-picture", picture)).expect("published");
    tv.wait_all(&format!("{PAINTED} && document.querySelector('#media img')?.naturalWidth === 640"));
    tv.stage.reach(&jti, "shown").expect("the hub hears that it was shown");
    tv.reads(0, "#box", "picture", WARNING);
    let header = tv.read(0, "header", "picture-header");
    assert!(header.contains("CẢNH BÁO THIÊN TAI CẤP 4"), "{header}");
    tv.reads(0, "#media", "picture-itself", "HÌNH ẢNH LŨ");

    let film = drawn(&tv.stage, "PHIM VỀ BÃO", "storm.mp4");
    let (jti, _) = tv.stage.publish("bulletin", &warning("BT-film", film)).expect("published");
    let plays = "document.querySelector('#media video')?.currentTime > 0";
    tv.wait_all(&format!("{PAINTED} && {plays}"));
    tv.stage.reach(&jti, "shown").expect("the hub hears that it was shown");
    tv.reads(1, "#box", "film", WARNING);
    tv.reads(1, "#media", "film-itself", "PHIM VỀ BÃO");

    tv.stage.station.kill();
    tv.put_forward(13_000);
    tv.wait_all("document.body.classList.contains('lost')");
    tv.reads(0, "#box", "lost-notice", WARNING);
    tv.reads(0, "#lost", "lost-notice-line", "MẤT KẾT NỐI VỚI TRẠM – tin trên bảng có thể đã cũ");
    assert_eq!(tv.read(1, "body", "lost-dark"), "", "dark is dark");
    tv.reads(2, "#box", "lost-idle", IDLE);
    tv.reads(3, "#box", "lost-keep", WARNING);
    assert!(!tv.read(3, "body", "lost-keep-all").contains("KẾT NỐI"), "it keeps, and says nothing");

    // The message ends on each page by itself.
    tv.put_forward(2 * 3_600_000);
    tv.wait(0, "document.body.classList.contains('dark')");
    tv.wait(3, "alone");
    tv.reads(3, "#box", "end-idle", IDLE);

    tv.stage.station.start().expect("it starts");
    tv.wait_all(&format!("{PAINTED} && {plays} && !document.body.classList.contains('lost')"));
    tv.reads(2, "#box", "back", WARNING);
    tv.stage.wait_well().expect("every board says again what it shows");
    let log = tv.stage.station.log().join("\n");
    assert!(!log.contains("token=") && !log.contains("b-0"), "no token is logged");
}
