//! An invented station: its views in several states, its inbox and its journal.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(unreachable_pub, reason = "shared between test programs by path")]

#[path = "invented/book.rs"]
mod book;
#[path = "invented/booth.rs"]
mod booth;
#[path = "invented/cellar.rs"]
pub mod cellar;
#[path = "invented/trial.rs"]
mod trial;
#[path = "invented/wall.rs"]
mod wall;

pub use booth::Booth;
pub use cellar::Cellar;
pub use wall::Wall;

#[path = "invented/horizon.rs"]
mod horizon;

pub use horizon::Horizon;

use gateway_core::bulletin::State;
use gateway_core::config::First;
use gateway_core::id::{PlayId, SinkId};
use gateway_core::view::*;
use std::ops::Range;
use std::sync::Mutex;
use tokio::sync::mpsc;
use trial::{drill, records, selftest};
use web_ui::{Ears, Heard, Lexicon, PlayRow, Player, ReadFault, Recorded, RecordingRow, Unheard, Voice, VoiceFault};

/// The station's view in a state: quiet, programme, emergency, drill, trouble.
pub fn view(state: &str) -> View {
    let names = ["Thôn Đông", "Thôn Đoài", "Thôn Trung", "Thôn Hạ – Bến Đò", "Chợ Mới", "Trường tiểu học Bình Minh"];
    let mut clusters: Vec<ClusterView> = (1..).zip(names).map(|(n, name)| cluster(n, name)).collect();
    let mut boards = vec![board("gate", "Cổng UBND"), board("market", "Chợ Mới")];
    let mut view = View {
        station: "TN-25459-01".to_owned(),
        name: "Xã Bình Minh".to_owned(),
        commune: "25459".to_owned(),
        clock: Some("2026-11-21T05:42:10+07:00".to_owned()),
        online: true,
        disk_ok: true,
        seq: 1200,
        next: vec![
            next("2026-11-21T06:00:00+07:00", "Bản tin xã buổi sáng", 720),
            next("2026-11-21T17:00:00+07:00", "Tiếp sóng thời sự tỉnh và thông báo lịch tiêm chủng", 1800),
            next("2026-11-22T05:30:00+07:00", "Chương trình sáng chủ nhật", 900),
        ],
        outputs:
            "sink/hall sink/fm-audio switch/amp1 transmitter/fm board/gate board/market sensor/box sensor/ups sensor/4g"
                .split(' ')
                .map(|id| OutputView { id: id.to_owned(), state: "well", trouble: None, fault: None })
                .collect(),
        sensors: vec![
            sensor("box", "Máy trạm", &[("temperature", 51.7, "°C"), ("disk_free", 71.3, "%")]),
            sensor(
                "ups",
                "Bộ lưu điện",
                &[("on_battery", 0.0, ""), ("battery", 100.0, "%"), ("runtime", 7_200.0, "s")],
            ),
            sensor("4g", "Mạng 4G", &[("registered", 1.0, ""), ("signal", 62.0, "%"), ("generation", 4.0, "G")]),
        ],
        transmitters: vec![TransmitterView {
            id: "fm".into(),
            state: "well",
            wanted: false,
            carrier: Some(false),
            clusters: Vec::new(),
        }],
        selftest: selftest(),
        drills: vec![drill("tuan", "Thử loa hằng tuần", "2026-11-28T16:00:00.000+07:00", None)],
        records: std::sync::Arc::new(records()),
        ..View::default()
    };
    match state {
        "programme" => {
            for c in &mut clusters {
                c.now = Some(air("Bản tin xã buổi sáng: lịch gieo sạ vụ đông xuân", "programme", None, false));
            }
            clusters[4].now = None;
            clusters[4].muted_ms = Some(492_000);
            boards[0].text = Some("Lịch tiêm chủng: 7h30 thứ ba tại Trạm y tế xã".to_owned());
            boards[0].confirmed = true;
            view.decisions = vec![decision()];
        }
        "emergency" | "drill" => {
            let drill = state == "drill";
            view.emergency = true;
            let title = if drill {
                "Diễn tập sơ tán lũ ống"
            } else {
                "Lũ ống trên suối Bà Chiêm: rời khỏi bờ suối ngay"
            };
            for c in &mut clusters {
                c.now = Some(air(title, "emergency", Some(4), drill));
            }
            if let Some(now) = &mut clusters[3].now {
                now.audible = false;
            }
            clusters[3].path = "fm".to_owned();
            clusters[3].degraded = true;
            for b in &mut boards {
                let text = "Lũ ống trên suối Bà Chiêm.\nNgười dân hai bên suối rời đi ngay, lên nhà văn hóa thôn Đông.";
                b.text = Some(if drill { format!("DIỄN TẬP. {text}") } else { text.to_owned() });
                b.level = Some(4);
            }
            boards[0].confirmed = true;
            view.alarms = vec![alarm(
                "Thôn Hạ – Bến Đò chưa nghe thấy tiếng: đã chuyển sang FM. Hãy gọi trưởng thôn báo bằng loa tay.",
                true,
            )];
        }
        "trouble" => {
            view.online = false;
            view.clock = None;
            view.disk_ok = false;
            view.alarms = vec![
                alarm(
                    "Thẻ nhớ không ghi được: phát khẩn cấp vẫn được nhưng không vào nhật ký. Hãy ghi ra giấy và gọi kỹ thuật.",
                    true,
                ),
                alarm("Thôn Hạ không nghe thấy tiếng từ 05:40: đã chuyển sang FM. Hãy thử loa tại chỗ.", true),
                alarm("Mất mạng tới tỉnh từ 05:31: bản tin mới chưa về được. Hãy xem bộ phát 4G.", false),
            ];
            clusters[3].degraded = true;
            clusters[3].path = "fm".to_owned();
            boards[1].dark_ms = Some(3_900_000);
            view.outputs[2].state = "faulted";
            view.outputs[2].fault = Some("rơ le không trả lời trên bus1, địa chỉ 1".to_owned());
            view.outputs[8].state = "faulted";
            view.outputs[8].fault = Some("ModemManager: its modems: there is none".to_owned());
            view.sensors[2].state = "lost";
            view.sensors[2].age_ms = Some(1_100_000);
            view.sensors[1].state = "alarm";
            view.sensors[1].readings[0].value = 1.0;
            view.sensors[1].readings[0].alarm = true;
            view.sensors[1].readings[2].value = 62.0;
            view.alarms.push(alarm(
                "Bộ lưu điện: mất điện lưới, trạm đang chạy bằng pin. Kiểm tra cầu dao; nếu mất điện lâu, chuẩn bị máy phát điện.",
                false,
            ));
            view.decisions = vec![decision()];
            view.drills.push(drill("quy", "Diễn tập lũ quý I", "2027-01-02T08:00:00.000+07:00", Some("emergency")));
            view.selftest.given_up = Some("đang có tin khẩn cấp".to_owned());
        }
        _ => {}
    }
    view.clusters = clusters;
    view.boards = boards;
    view
}

fn cluster(n: u32, name: &str) -> ClusterView {
    ClusterView {
        id: format!("thon-{n}").into(),
        name: name.to_owned(),
        now: None,
        path: "wired".to_owned(),
        degraded: false,
        muted_ms: None,
        place: Some([11.31 + f64::from(n % 3) * 0.004, 106.10 + f64::from(n) * 0.003]),
    }
}

fn board(id: &str, name: &str) -> BoardView {
    BoardView { id: id.into(), name: name.to_owned(), text: None, level: None, confirmed: false, dark_ms: None }
}

fn sensor(id: &str, name: &str, readings: &[(&str, f64, &'static str)]) -> SensorView {
    let reading = |(quantity, value, unit): &(&str, f64, &'static str)| ReadingView {
        quantity: (*quantity).to_owned(),
        value: *value,
        unit,
        alarm: false,
    };
    let readings = readings.iter().map(reading).collect();
    SensorView { id: id.into(), name: name.to_owned(), state: "well", age_ms: Some(4_000), readings }
}

fn air(title: &str, rank: &'static str, level: Option<u8>, drill: bool) -> OnAir {
    let bulletin = Some("BT-2026-000123".into());
    OnAir { bulletin, title: title.to_owned(), rank, level, drill, stage: "content", audible: true }
}

fn next(at: &str, title: &str, duration_s: u64) -> NextView {
    let clusters = (1..=6).map(|n| format!("thon-{n}").into()).collect();
    NextView { programme: format!("xa-{at}").into(), at: at.to_owned(), title: title.to_owned(), duration_s, clusters }
}

fn alarm(text: &str, grave: bool) -> AlarmView {
    AlarmView { text: text.to_owned(), grave, about: "sink/hall".to_owned() }
}

fn decision() -> DecisionView {
    DecisionView {
        id: 7,
        bulletin: "BT-2026-000130".into(),
        title: "Thông báo lịch cắt điện toàn tỉnh".to_owned(),
        programme: "Bản tin xã buổi sáng".to_owned(),
        default: First::Province,
        deadline: Some("2026-11-21T06:00:00+07:00".to_owned()),
    }
}

/// An inbox and a journal in memory; what was asked last is kept.
#[derive(Default)]
pub struct Book {
    /// The states and limit asked last.
    pub asked: Mutex<Option<(Vec<State>, usize)>>,
    /// The disk is dead.
    pub dead: bool,
    /// What the library holds.
    pub library: Mutex<Vec<web_ui::LibraryVersion>>,
}

/// An item of the library as it stands.
pub fn item(id: &str, state: &str, content: Vec<gateway_core::bulletin::Content>) -> web_ui::LibraryVersion {
    let row = web_ui::LibraryRow {
        seq: 7,
        id: id.into(),
        version: 1,
        versions: 1,
        at: "2026-11-20T05:00:00+07:00".to_owned(),
        title: "Phòng cháy".to_owned(),
        field: "an-ninh".to_owned(),
        issuer: "Công an tỉnh".to_owned(),
        priority: "ordinary".to_owned(),
        origin: "hub".to_owned(),
        drill: false,
        kinds: Vec::new(),
        text: String::new(),
        state: state.to_owned(),
    };
    web_ui::LibraryVersion { row, content }
}

/// What was and is heard at the invented station: a word of a stream, and one recording.
#[derive(Default)]
pub struct Echo {
    /// The file of the one recording; `None`: there is an empty one.
    pub file: Option<std::path::PathBuf>,
    /// Keeps live streams open.
    pub live: Mutex<Vec<mpsc::Sender<Vec<u8>>>>,
}

impl Ears for Echo {
    fn listen(&self, sink: &SinkId, player: Player) -> Result<mpsc::Receiver<Vec<u8>>, Unheard> {
        let (to, pieces) = mpsc::channel(4);
        match sink.as_str() {
            "hall" => {
                let word = if player == Player::Browser { "OggS, filled" } else { "OggS" };
                to.try_send(word.into()).map_err(|_| Unheard::Broken)?;
                Ok(pieces)
            }
            "endless" => {
                self.live.lock().map_err(|_| Unheard::Broken)?.push(to);
                Ok(pieces)
            }
            "full" => Err(Unheard::Full),
            "broken" => Err(Unheard::Broken),
            _ => Err(Unheard::Unknown),
        }
    }

    fn recordings(&self, time: &Range<i64>, sink: Option<&SinkId>) -> Result<Vec<RecordingRow>, ReadFault> {
        let row = |n: i64| RecordingRow {
            id: n.to_string(),
            sink: "hall".into(),
            start: format!("2026-11-21T05:0{n}:00.000+07:00"),
            clock: "trusted",
            duration_ms: 30_000,
            bytes: 120_000,
            plays: vec![PlayRow { play: PlayId(4), at_ms: 0 }],
            lost_ms: 0,
            torn: false,
        };
        let there = |n: &i64| time.contains(&(1_795_212_000_000 + n * 60_000));
        Ok((0..9).filter(there).filter(|_| sink.is_none_or(|s| s.as_str() == "hall")).map(row).collect())
    }

    fn recording(&self, id: &str) -> Result<Option<Recorded>, ReadFault> {
        let path = self.file.clone().unwrap_or_else(|| "/dev/null".into());
        if id != "7" {
            return Ok(None);
        }
        let file = std::fs::File::open(path).map_err(|e| ReadFault(e.to_string()))?;
        let bytes = file.metadata().map_err(|e| ReadFault(e.to_string()))?.len();
        Ok(Some(Recorded { file, bytes, media_type: "audio/ogg" }))
    }
}

/// A voice that repeats what it hears. What it is asked decides what it does: `vỡ` fails, `bận` is busy.
#[derive(Default)]
pub struct Parrot {
    /// The dictionary.
    pub text: Mutex<String>,
}

impl Parrot {
    fn version(text: &str) -> String {
        format!("v{}", text.len())
    }
}

impl Voice for Parrot {
    fn lexicon(&self) -> Lexicon {
        let text = self.text.lock().map(|t| t.clone()).unwrap_or_default();
        Lexicon { version: Self::version(&text), text }
    }

    fn replace(&self, over: &str, new: &str) -> Result<String, VoiceFault> {
        let mut text = self.text.lock().map_err(|e| VoiceFault::Failed(e.to_string()))?;
        if over != Self::version(&text) {
            return Err(VoiceFault::Changed);
        }
        if let Some(line) = new.lines().position(|l| !l.contains('=')) {
            return Err(VoiceFault::Wrong(format!("dòng {}: thiếu cách đọc", line + 1)));
        }
        new.clone_into(&mut text);
        Ok(Self::version(new))
    }

    fn hear(&self, text: &str, lexicon: Option<&str>) -> Result<Heard, VoiceFault> {
        match text {
            "vỡ" => Err(VoiceFault::Failed("espeak-ng failed".to_owned())),
            "bận" => Err(VoiceFault::Busy),
            "ទឹក" => Err(VoiceFault::Wrong("Câu này không phải tiếng Việt.".to_owned())),
            text => Ok(Heard { wav: format!("RIFF {text} {lexicon:?}").into_bytes(), engine: "parrot".to_owned() }),
        }
    }
}

/// A line that has had its troubles.
pub fn line() -> web_ui::LineRow {
    let (requests, timeouts, discarded, reopenings) = (1200, 7, 16, 1);
    web_ui::LineRow {
        id: "bus1".into(),
        what: "serial /dev/serial/by-id/usb0 9600 8N1".to_owned(),
        open: true,
        requests,
        timeouts,
        discarded,
        reopenings,
        answers: 1193,
        failures: 8,
        last_answer: Some("reading coil 0 of unit 1".to_owned()),
        answered_ms_ago: Some(420),
        last_error: Some("reading coil 0 of unit 2: no answer in time".to_owned()),
        failed_ms_ago: Some(61_000),
    }
}

/// What is trusted here: three bytes that stand for a certificate.
pub fn trust() -> web_ui::Trust {
    web_ui::Trust {
        certificate: std::sync::Arc::new(|| Some(vec![0x30, 0x01, 0x00])),
        addresses: std::sync::Arc::new(|| {
            vec!["https://tram-xa.local:8443/".to_owned(), "https://192.168.1.20:8443/".to_owned()]
        }),
    }
}
