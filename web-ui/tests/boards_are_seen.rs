//! The page of a television: a browser that others wrote paints it, tesseract reads it, and it says what it shows.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Place, bare, json, knock};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use web_ui::{Board, BoardScene, Boards};

const TOKEN: &str = "b-0123456789abcdef01234567";

struct Tv {
    turns: watch::Sender<u64>,
    seen: watch::Sender<u64>,
    scene: Mutex<BoardScene>,
}

#[derive(Clone)]
struct Wall(Arc<Tv>);

impl Wall {
    fn new(scene: BoardScene) -> Self {
        let (turns, seen) = (watch::channel(scene.turn).0, watch::channel(0).0);
        Self(Arc::new(Tv { turns, seen, scene: Mutex::new(scene) }))
    }
}

impl Boards for Wall {
    fn admit(&self, board: &str, token: &str) -> Option<Arc<dyn Board>> {
        (board == "gate" && token == TOKEN).then(|| Arc::new(self.clone()) as Arc<dyn Board>)
    }

    fn addresses(&self, _: &str) -> Vec<web_ui::BoardAddress> {
        Vec::new()
    }
}

impl Board for Wall {
    fn turns(&self) -> watch::Receiver<u64> {
        self.0.turns.subscribe()
    }

    fn scene(&self) -> BoardScene {
        self.0.scene.lock().expect("a scene").clone()
    }

    fn seen(&self, turn: u64) {
        self.0.seen.send_replace(turn);
    }

    fn clip(&self, _clip: &str) -> Option<PathBuf> {
        None
    }

    fn place(&self) -> String {
        "Xã Bình Minh".to_owned()
    }

    fn link_lost(&self) -> &'static str {
        "notice"
    }

    fn message_end(&self) -> &'static str {
        "dark"
    }

    fn idle(&self) -> Option<String> {
        None
    }
}

fn scene(text: &str) -> BoardScene {
    BoardScene { turn: 7, text: Some(text.to_owned()), brightness: 100, ..BoardScene::default() }
}

#[tokio::test]
async fn without_its_token_there_is_no_board() {
    let pages = web_ui::boards(Arc::new(Wall::new(scene("Lũ lúc 18 giờ"))));
    let well = format!("?token={TOKEN}");
    for (path, method) in [("", "GET"), ("/feed", "GET"), ("/seen", "POST"), ("/media/a", "GET")] {
        for (id, token) in [("gate", ""), ("gate", "?token="), ("gate", "?token=b-0"), ("hall", well.as_str())] {
            let answer = knock(&pages, json(method, &format!("/board/{id}{path}{token}"), "", "{\"turn\":7}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {id}{path}{token}");
            assert!(!answer.text.contains("Lũ"), "{}", answer.text);
        }
    }
    let page = knock(&pages, bare("GET", &format!("/board/gate{well}"), "")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-security-policy").starts_with("default-src 'self'"));
    assert!(!page.text.contains("http:") && !page.text.contains("https:"), "nothing from elsewhere: {}", page.text);
    // A clip that is not being shown is not there.
    let clip = knock(&pages, bare("GET", &format!("/board/gate/media/other{well}"), "")).await;
    assert_eq!(clip.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_browser_paints_what_is_wanted_and_says_so() {
    let warning = "Lũ quét: khẩn trương sơ tán khỏi vùng trũng thấp ven suối";
    let flood = BoardScene { level: Some(4), flash: true, ..scene(warning) };
    let drill = BoardScene { level: Some(3), drill: true, ..scene(warning) };
    let news = scene("Mời bà con đến nhà văn hóa họp lúc 19 giờ 30");
    let cases = [
        ("flood", flood, (1920, 1080), vec![warning, "CẢNH BÁO THIÊN TAI CẤP 4"]),
        ("drill", drill, (1280, 720), vec![warning, "DIỄN TẬP"]),
        ("news", news, (1920, 1080), vec!["Mời bà con đến nhà văn hóa họp lúc 19 giờ 30", "Xã Bình Minh"]),
    ];
    for (name, scene, (width, height), words) in cases {
        let wall = Wall::new(scene);
        let mut seen = wall.0.seen.subscribe();
        let place = Place::new("quiet");
        let router = place.router.clone().merge(web_ui::boards(Arc::new(wall)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/board/gate?token={TOKEN}", listener.local_addr().expect("an address"));
        let served = tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = std::env::temp_dir().join(format!("board-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture = folder.join("board.png");
        // A photograph is taken when the page has loaded, which may be before its stream spoke: then another is taken.
        for _ in 0..10 {
            let (url, to, folder) = (url.clone(), picture.clone(), folder.clone());
            let shot = tokio::task::spawn_blocking(move || photograph(&url, &to, &folder, width, height));
            shot.await.expect("a browser");
            if *seen.borrow_and_update() == 7 && !read(&picture, 640).is_empty() {
                break;
            }
        }
        assert_eq!(*seen.borrow(), 7, "{name}: the page never said that it shows it");
        // Large letters are read from a small picture and small ones from a large one: the eye is made for print.
        let text = format!("{} {}", read(&picture, 640), read(&picture, width));
        let known: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['.', ','])).collect();
        for said in words {
            let all = said.split_whitespace().count();
            let read = said.split_whitespace().filter(|word| known.contains(word)).count();
            assert!(read + all / 8 >= all, "{name}: {read} of {all} words of \"{said}\" in \"{text}\"");
        }
        served.abort();
        if let Some(keep) = std::env::var_os("BOARD_PICTURES") {
            std::fs::copy(&picture, PathBuf::from(keep).join(format!("{name}.png"))).expect("a copy");
        }
        std::fs::remove_dir_all(&folder).expect("it is ours");
    }
}

fn photograph(url: &str, to: &std::path::Path, profile: &std::path::Path, width: u32, height: u32) {
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--timeout=6000"])
        .arg(format!("--user-data-dir={}", profile.join("profile").display()))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--screenshot={}", to.display()))
        .arg(url)
        .output()
        .expect("chromium; run scripts/setup");
    assert!(to.exists(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What tesseract reads on it at this width.
fn read(picture: &std::path::Path, width: u32) -> String {
    let small = picture.with_extension("small.png");
    let scaled = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(picture)
        .args(["-vf", &format!("scale={width}:-1:flags=area,format=gray")])
        .arg(&small)
        .status()
        .expect("ffmpeg; run scripts/setup");
    assert!(scaled.success());
    let output = Command::new("tesseract")
        .arg(&small)
        .args(["-", "-l", "vie", "--psm", "11"])
        .env("OMP_THREAD_LIMIT", "1")
        .output()
        .expect("tesseract; run scripts/setup");
    String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}
