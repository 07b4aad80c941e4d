//! Quiet or loud, speech or music: all leaves at the loudness of its sink and below its ceiling, as ffmpeg's meter reads
//! what the card took.

use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::{Player, ffmpeg};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");

/// Integrated loudness, LUFS, and true peak, dBTP, of a file, as ffmpeg has them.
fn metered(file: &Path) -> (f64, f64) {
    let out = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(file)
        .args(["-af", "ebur128=peak=true", "-f", "null", "-"])
        .output()
        .expect("ffmpeg");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let summary = said.rsplit_once("Summary:").expect("a summary").1;
    let figure = |name: &str| -> f64 {
        let rest = summary.split_once(name).expect(name).1;
        rest.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(f64::NEG_INFINITY)
    };
    (figure("I:"), figure("Peak:"))
}

/// What a channel of a card took, from a frame on, as a file ffmpeg reads.
fn taken(cards: &VirtualCards, side: usize, from: usize) -> std::path::PathBuf {
    let samples = cards.heard("vcard0").expect("recording")[side].split_off(from);
    let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    let raw = cards.join(&format!("taken{side}.raw"));
    fs::write(&raw, bytes).expect("a file");
    let wav = raw.with_extension("wav");
    let format = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i"];
    ffmpeg(&[&format[..], &[&raw.display().to_string()]].concat(), &wav).expect("a file for the meter");
    wav
}

fn line(label: &str, processing: &str, measured: &[Clip]) -> (VirtualCards, Player) {
    let cards = VirtualCards::new(label, &["vcard0"]).expect("a virtual card");
    let told: Vec<String> =
        measured.iter().map(|(name, lufs, peak)| format!("--measured={name}={lufs},{peak}")).collect();
    let clips = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/loud")).display().to_string();
    let mut args = vec!["--device", "vcard0", "--clips", clips.as_str(), "--processing", processing];
    args.extend(told.iter().map(String::as_str));
    let mut player = Player::start(BENCH, &cards, &args).expect("a sound line");
    player.wait("the card", |v| v["report"] == "well").expect("the card opens");
    (cards, player)
}

/// A clip: its file, its loudness in LUFS and its true peak in dBTP, by ffmpeg.
type Clip = (&'static str, f64, f64);

/// Four clips that have nothing in common, each with its loudness by ffmpeg; made once for all tests, which run side by
/// side in one folder.
fn clips() -> Vec<Clip> {
    static MADE: OnceLock<Vec<Clip>> = OnceLock::new();
    MADE.get_or_init(make_clips).clone()
}

fn make_clips() -> Vec<Clip> {
    let dir = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/loud"));
    fs::create_dir_all(dir).expect("a directory");
    let spoken = dir.join("spoken.raw.wav");
    let text = "Bà con chú ý. Chiều nay nước sông lên cao, đề nghị bà con đưa đồ đạc và gia súc lên chỗ cao.";
    let said = Command::new("espeak-ng").args(["-v", "vi", "-w"]).arg(&spoken).arg(text).status();
    assert!(said.expect("espeak-ng").success());
    let chords = "aevalsrc=0.12*(sin(523*PI*t)+sin(659*PI*t)+sin(784*PI*t)+sin(2093*PI*t))*(0.6+0.4*sin(4*PI*t)):d=3.2";
    // Nothing above 16 kHz, as FM carries nothing there: about half the sample rate meters disagree.
    let noise = "anoisesrc=seed=11:d=3.2:color=pink:amplitude=1";
    let spoken = spoken.display().to_string();
    let kinds: [(&str, Vec<&str>); 4] = [
        ("speech.wav", vec!["-i", &spoken, "-t", "3.5", "-ar", "48000", "-ac", "1"]),
        ("quiet.mp3", vec!["-f", "lavfi", "-i", chords, "-af", "volume=-14dB", "-ar", "44100", "-b:a", "128k"]),
        (
            "loud.wav",
            vec!["-f", "lavfi", "-i", noise, "-af", "volume=9dB,alimiter=limit=0.99,aresample=32000", "-ar", "48000"],
        ),
        ("whisper.wav", vec!["-i", &spoken, "-t", "3.5", "-af", "volume=-16dB", "-ar", "22050", "-ac", "1"]),
    ];
    let made = kinds.into_iter().map(|(name, how)| {
        ffmpeg(&how, &dir.join(name)).expect("a clip");
        let (lufs, peak) = metered(&dir.join(name));
        (name, lufs, peak)
    });
    made.collect()
}

#[test]
fn all_leave_at_the_same_loudness_and_below_the_ceiling() {
    let clips = clips();
    let (cards, mut player) = line("loud", "-16,6,-1,0,0,20", &clips);
    for pair in clips.chunks(2).enumerate().map(|(n, pair)| (10 * n as u64, pair)) {
        let (n, pair) = pair;
        let from = cards.heard("vcard0").expect("recording")[0].len();
        for (side, (clip, ..)) in ["left", "right"].iter().zip(pair) {
            let play = n + u64::from(*side == "right");
            player.tell(&format!("want {side} 100 {play} clip:{clip} 0")).expect("told");
        }
        let mut ended = 0;
        while ended < 2 {
            player.wait("an end", |v| v["report"] == "ended").expect("they end");
            ended += 1;
        }
        for (side, (clip, before, _)) in pair.iter().enumerate() {
            let (lufs, peak) = metered(&taken(&cards, side, from));
            println!("{clip}: {before:.1} LUFS in its file, {lufs:.1} LUFS and {peak:.1} dBTP as it left");
            assert!((lufs + 16.0).abs() <= 1.0, "{clip}: {lufs}");
            assert!(peak <= -1.0, "{clip}: {peak}");
        }
    }
    player.stop().expect("it stops");
}

#[test]
fn an_emergency_is_louder_by_so_much_and_nothing_passes_the_ceiling() {
    let clips = clips();
    // A loudness that was measured wrongly drives the limiter as hard as it can be driven.
    let wrong: Vec<Clip> = clips.iter().map(|(name, _, peak)| (*name, -60.0, *peak)).collect();
    for (processing, tone, ceiling) in [("-16,6,-1,0,0,20", -10.0, -1.0), ("-16,15,-3,50,0,20", f64::NAN, -3.0)] {
        let (cards, mut player) = line("alarm", processing, &wrong);
        player.tell("want left 100 1 tone:4 0").expect("told");
        player.tell("want right 100 2 clip:loud.wav 0").expect("told");
        player.about(2, "ended").expect("it ends");
        let (lufs, peak) = metered(&taken(&cards, 0, 0));
        let (_, driven) = metered(&taken(&cards, 1, 0));
        println!("{processing}: the tone left at {lufs:.1} LUFS, {peak:.1} dBTP; the noise at {driven:.1} dBTP");
        assert!(peak <= ceiling && driven <= ceiling, "{peak} {driven}");
        assert!(tone.is_nan() || (lufs - tone).abs() <= 1.0, "{lufs}");
        player.tell("want left 100").expect("told");
        player.stop().expect("it stops");
    }
}
