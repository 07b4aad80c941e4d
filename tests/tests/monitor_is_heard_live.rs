//! The monitor on a real socket, as an officer hears it: ffmpeg records what the sink plays over TLS, and a browser plays
//! it; when they leave, the encoder rests.

#[path = "monitor/nothing.rs"]
mod nothing;

use axum::Router;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum_server::tls_rustls::RustlsConfig;
use drivers::sound::monitor::{Monitor, Player};
use drivers::sound::{Left, Listener};
use gateway_core::id::SinkId;
use gateway_core::view::View;
use nothing::Nothing;
use serde_json::{Value, json};
use site_tests::scratch::Scratch;
use site_tests::vcard::player::{decoded, ffmpeg};
use site_tests::vcard::signal::likeness;
use std::net::{SocketAddr, TcpListener};
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use web_ui::{Desk, Ears, ReadFault, Recorded, RecordingRow, Role, Unheard, users};

const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "mot-mat-khau-dai";
const RATE: u32 = 48_000;

/// One at a time: a browser that starts leaves nobody else the machine.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hall() -> SinkId {
    SinkId::from("hall")
}

/// The monitor alone; nothing was ever written down here.
struct Station(Monitor);

impl Ears for Station {
    fn listen(&self, sink: &SinkId, player: web_ui::Player) -> Result<tokio::sync::mpsc::Receiver<Vec<u8>>, Unheard> {
        let player = if player == web_ui::Player::Browser { Player::Browser } else { Player::Other };
        self.0.subscribe(sink, player).map(|s| s.pieces).map_err(|_| Unheard::Unknown)
    }
    fn recordings(&self, _: &Range<i64>, _: Option<&SinkId>) -> Result<Vec<RecordingRow>, ReadFault> {
        Ok(Vec::new())
    }
    fn recording(&self, _: &str) -> Result<Option<Recorded>, ReadFault> {
        Ok(None)
    }
}

/// An officers' listener on a real socket.
struct Door {
    address: SocketAddr,
    scratch: Scratch,
    station: Arc<Station>,
    verdicts: mpsc::Receiver<Value>,
}

/// The page of the browser test, and where its verdict goes.
#[derive(Clone)]
struct Probe {
    cookie: Arc<Mutex<String>>,
    verdict: mpsc::SyncSender<Value>,
}

/// Listens for six seconds, and tells what it heard: whether time went on, how loud it was, and at which pitch.
const PAGE: &str = r#"<!doctype html><title>probe</title><script>
const begin = performance.now(), audio = new Audio('/monitor/hall');
let first = null, told = false;
const tell = (verdict) => { if (told) return; told = true;
  fetch('/verdict', { method: 'POST', body: JSON.stringify(verdict) }); };
audio.addEventListener('playing', () => { first ??= performance.now() - begin; });
audio.addEventListener('error', () => tell({ error: audio.error.message }));
const context = new AudioContext(), ear = context.createAnalyser();
ear.fftSize = 4096;
context.createMediaElementSource(audio).connect(ear);
ear.connect(context.destination);
audio.play().catch((error) => tell({ error: String(error) }));
const at = [], bins = new Float32Array(ear.frequencyBinCount);
const look = setInterval(() => {
  at.push(audio.currentTime);
  ear.getFloatFrequencyData(bins);
  const top = bins.reduce((best, level, bin) => (level > bins[best] ? bin : best), 0);
  if (audio.currentTime < 2 || bins[top] < -60) return;
  clearInterval(look);
  tell({ first, at, level: bins[top], hz: top * context.sampleRate / ear.fftSize });
}, 100);
</script>"#;

impl Door {
    fn open(tls: bool) -> Self {
        let scratch = Scratch::new("monitor").expect("a directory");
        users::add_user(scratch.path(), "lan", Role::Viewer, PASSWORD).expect("a user");
        let users = users::open(scratch.path()).expect("users");
        let station = Arc::new(Station(Monitor::default()));
        let (_, view) = tokio::sync::watch::channel(Arc::new(View::default()));
        let (orders, _) = tokio::sync::mpsc::channel(1);
        let ears: Arc<dyn Ears> = Arc::<Station>::clone(&station);
        let desk = Desk {
            view,
            orders,
            reads: Arc::new(Nothing),
            outlook: Arc::new(Nothing),
            ears,
            voice: Arc::new(Nothing),
            studio: Arc::new(Nothing),
            lines: std::sync::Arc::new(Vec::new),
            media: Arc::new(web_ui::NoMedia),
            preview: Arc::new(web_ui::NoPreview),
            boards: Arc::new(web_ui::NoBoards),
            configuration: Arc::new(web_ui::NoConfiguration),
            machine: Arc::new(web_ui::NoMachine),
            network: Arc::new(web_ui::NoNetwork),
            users,
            office: web_ui::office::open(scratch.path()),
            secure_cookie: tls,
            trust: None,
        };
        let (verdict, verdicts) = mpsc::sync_channel(4);
        let probe = Probe { cookie: Arc::default(), verdict };
        let routes = Router::new()
            .route(
                "/probe",
                get(async |State(probe): State<Probe>| {
                    let cookie = probe.cookie.lock().expect("the cookie").clone();
                    ([(SET_COOKIE, cookie)], Html(PAGE)).into_response()
                }),
            )
            .route(
                "/cookie",
                post(async |State(probe): State<Probe>, cookie: String| {
                    *probe.cookie.lock().expect("the cookie") = cookie;
                }),
            )
            .route(
                "/verdict",
                post(async |State(probe): State<Probe>, body: String| {
                    probe.verdict.try_send(serde_json::from_str(&body).expect("JSON")).ok();
                }),
            )
            .with_state(probe)
            .merge(web_ui::officer(desk));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                if tls {
                    let provider = Arc::new(rustls::crypto::ring::default_provider());
                    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
                    let config = rustls::ServerConfig::builder_with_provider(provider)
                        .with_safe_default_protocol_versions()
                        .expect("TLS")
                        .with_no_client_auth()
                        .with_single_cert(vec![made.cert.der().clone()], key)
                        .expect("a certificate");
                    let config = RustlsConfig::from_config(Arc::new(config));
                    axum_server::from_tcp_rustls(listener, config).expect("a server").serve(routes).await
                } else {
                    axum_server::from_tcp(listener).expect("a server").serve(routes).await
                }
            })
        });
        Self { address, scratch, station, verdicts }
    }
    fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", if self.is_tls() { "https" } else { "http" }, self.address)
    }
    fn is_tls(&self) -> bool {
        self.curl(&["-o", "/dev/null", &format!("http://{}/assets/icon.svg", self.address)]).is_none()
    }
    fn curl(&self, args: &[&str]) -> Option<String> {
        let out = Command::new("curl").args(["-sS", "-k", "-f", "--max-time", "30"]).args(args).output().expect("curl");
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// Signs in; the cookie as it is set.
    fn sign_in(&self) -> String {
        let body = json!({"name": "lan", "password": PASSWORD}).to_string();
        let url = self.url("/api/v1/session");
        let head = self.curl(&["-i", "-H", "content-type: application/json", "-d", &body, &url]).expect("signed in");
        let cookie = head.lines().find_map(|l| l.strip_prefix("set-cookie: ")).expect("a cookie");
        cookie.trim().to_owned()
    }
    fn until(&self, what: &str, done: impl Fn(&Monitor) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(&self.station.0) {
            assert!(Instant::now() < end, "waited in vain: {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A sink that plays at the pace of the clock, as a card does, always a little ahead of it: this process is not one that
/// the system lets run first.
fn play(ear: &mut dyn Listener, samples: impl Iterator<Item = f32>, on: &AtomicBool) {
    let begin = Instant::now();
    let samples: Vec<f32> = samples.collect();
    for (n, piece) in samples.chunks(960).enumerate() {
        if !on.load(Ordering::Relaxed) {
            return;
        }
        let at = begin + Duration::from_millis(20) * n as u32;
        ear.hear(&Left { at, rate: RATE, samples: piece, due: None, gap: false });
        let ahead = at.checked_sub(Duration::from_millis(180)).unwrap_or(begin);
        thread::sleep(ahead.saturating_duration_since(Instant::now()));
    }
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn ffmpeg_records_over_tls_what_the_sink_plays() {
    let _alone = alone();
    let door = Door::open(true);
    let mut ear = door.station.0.listener(&hall());
    assert!(door.curl(&[&door.url("/monitor/hall")]).is_none(), "a stranger listens");
    let cookie = door.sign_in();
    assert!(cookie.starts_with("__Host-desk="));
    let wav = door.scratch.join("voice.wav");
    let words = "Kính thưa bà con, mời bà con nghe thông báo tiêm chủng tại trạm y tế xã.";
    let made = Command::new("espeak-ng").args(["-v", "vi", "-w"]).arg(&wav).arg(words).status().expect("espeak-ng");
    assert!(made.success());
    let voice = decoded(&wav).expect("the voice");
    let heard = door.scratch.join("heard.wav");
    let header = format!("Cookie: {}\r\n", cookie.split(';').next().expect("a cookie"));
    let seconds = (voice.len() / 48_000 + 3).to_string();
    let ffmpeg = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-y", "-tls_verify", "0", "-headers", &header, "-i"])
        .arg(door.url("/monitor/hall"))
        .args(["-t", &seconds])
        .arg(&heard)
        .spawn()
        .expect("ffmpeg");
    let mut ffmpeg = Running(ffmpeg);
    door.until("ffmpeg listens", |monitor| monitor.guests(&hall()) == 1);
    let on = AtomicBool::new(true);
    play(&mut *ear, voice.iter().map(|s| f32::from(*s) / 32_768.0), &on);
    // Then the sink gives nothing at all, and the stream goes on in silence until ffmpeg has had enough.
    assert!(ffmpeg.0.wait().expect("ffmpeg").success());
    let heard = decoded(&heard).expect("what ffmpeg recorded");
    assert!(heard.len().abs_diff(48_000 * seconds.parse::<usize>().expect("a number")) < 4_800, "{}", heard.len());
    // In pieces: a machine that does much else may stumble once, which is a hole and not a wrong sound.
    let loud = |piece: &&[i16]| piece.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / 9_600.0 > 500.0_f64.powi(2);
    let pieces: Vec<&[i16]> = voice.chunks_exact(9_600).filter(loud).collect();
    let begin = heard.iter().position(|s| s.unsigned_abs() > 100).expect("a voice");
    let offset = voice.iter().position(|s| s.unsigned_abs() > 100).expect("a voice");
    let lag = begin as isize - offset as isize;
    let (mut fits, mut lag): (Vec<f64>, usize) =
        (Vec::new(), usize::try_from(lag).expect("it comes after it was said"));
    for (n, piece) in voice.chunks_exact(9_600).enumerate().filter(|(_, p)| loud(p)) {
        let fit = |from: usize, reach: usize| {
            let (fit, later) = likeness(heard.get(n * 9_600 + from..).unwrap_or_default(), piece, reach);
            (fit, from.saturating_add_signed(later))
        };
        let mut best = fit(lag, 100);
        if best.0 < 0.9 {
            // The machine was busy and there is a hole: what follows comes later.
            best = fit(lag + 9_000, 9_600);
        }
        if best.0 >= 0.9 {
            lag = best.1;
        }
        fits.push(best.0);
    }
    let good = fits.iter().filter(|f| **f >= 0.99).count();
    println!("{good} of {} pieces of 200 ms correlate at 0.99 or better: {fits:.4?}", pieces.len());
    assert!(good * 4 >= pieces.len() * 3 && pieces.len() > 5, "{fits:.4?}");
    door.until("the encoder rests", |monitor| !monitor.is_running(&hall()));
}

#[test]
fn a_browser_plays_what_the_sink_plays() {
    let _alone = alone();
    let door = Door::open(false);
    let mut ear = door.station.0.listener(&hall());
    let cookie = door.sign_in();
    door.curl(&["-d", &cookie, &door.url("/cookie")]).expect("told");
    let on = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&on);
    let sink = thread::spawn(move || {
        let step = 1_000.0 * std::f32::consts::TAU / RATE as f32;
        play(&mut *ear, (0..RATE * 60).map(|i| 0.3 * ((i % 48) as f32 * step).sin()), &told);
    });
    let chromium = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .arg("--autoplay-policy=no-user-gesture-required")
        .arg(format!("--user-data-dir={}", door.scratch.join("chromium").display()))
        .arg(door.url("/probe"))
        .stderr(Stdio::null())
        .spawn()
        .expect("chromium");
    let chromium = Running(chromium);
    let verdict = door.verdicts.recv_timeout(PATIENCE).expect("the browser tells what it heard");
    println!("{verdict}");
    assert_eq!(verdict["error"], Value::Null, "{verdict}");
    let hz = verdict["hz"].as_f64().expect("a pitch");
    assert!((hz - 1_000.0).abs() < 30.0, "{verdict}");
    let at: Vec<f64> = verdict["at"].as_array().expect("times").iter().filter_map(Value::as_f64).collect();
    assert!(at.windows(2).all(|w| w[1] >= w[0]) && at.last() > at.first(), "time goes on: {at:?}");
    drop(chromium);
    door.until("the encoder rests when the browser is gone", |monitor| !monitor.is_running(&hall()));
    on.store(false, Ordering::Relaxed);
    sink.join().expect("the sink");
}

#[test]
fn one_who_leaves_is_gone_at_once_and_another_comes() {
    let _alone = alone();
    let door = Door::open(false);
    let _ear = door.station.0.listener(&hall());
    let cookie = door.sign_in();
    for _ in 0..3 {
        // A sink that plays nothing gives a stream of silence; one second of it is enough.
        let heard = door.scratch.join("silence.wav");
        let header = format!("Cookie: {}\r\n", cookie.split(';').next().expect("a cookie"));
        ffmpeg(&["-headers", &header, "-i", &door.url("/monitor/hall"), "-t", "1"], &heard).expect("a second");
        let heard = decoded(&heard).expect("what was recorded");
        assert!(heard.len() >= 47_000 && heard.iter().all(|s| s.unsigned_abs() < 4), "{} samples", heard.len());
        door.until("the encoder rests", |monitor| !monitor.is_running(&hall()));
    }
}
