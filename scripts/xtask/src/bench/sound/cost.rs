//! cost: how much of a core one sink takes that plays an MP3 with loudness and limiter, beside players others wrote.

use super::super::resident::worked;
use super::super::rig::Rig;
use super::super::running::{Running, ask, within};
use super::super::sheet::{median, ratio, table};
use super::line::Line;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a program settles before it is looked at.
const SETTLED: Duration = Duration::from_secs(3);
/// How long it is looked at.
const WINDOW: Duration = Duration::from_secs(20);
/// Each is looked at so often.
const ROUNDS: usize = 3;

/// One that plays.
struct Player {
    name: &'static str,
    program: &'static str,
    /// Starts it with an open card, silent (`false`) or playing (`true`).
    start: fn(&Rig, &Path, bool) -> Result<Running>,
}

const PLAYERS: &[Player] = &[
    Player {
        name: "ffmpeg, volume and alimiter",
        program: "ffmpeg",
        start: |rig, asound, plays| ffmpeg(rig, asound, plays, "volume=-4dB,alimiter=limit=0.891:level=0"),
    },
    Player {
        name: "ffmpeg, loudnorm",
        program: "ffmpeg",
        start: |rig, asound, plays| ffmpeg(rig, asound, plays, "loudnorm=I=-16:TP=-1"),
    },
    Player { name: "Liquidsoap, normalize and limit", program: "liquidsoap", start: liquidsoap },
    Player { name: "mpd, volume_normalization", program: "mpd", start: mpd },
];

/// Measures.
///
/// # Errors
/// The sound line does not play.
pub(super) fn run(rig: &Rig) -> Result<Value> {
    let mut rows = vec![row("gateway's sound line", || ours(rig))?];
    for player in PLAYERS {
        if ask(within_path(player.program)).is_err() {
            println!("-- {}: not installed", player.name);
            rows.push(json!({"name": player.name, "installed": false}));
            continue;
        }
        match row(player.name, || theirs(rig, player)) {
            Ok(row) => rows.push(row),
            Err(error) => {
                println!("-- {}: {error:#}", player.name);
                rows.push(json!({"name": player.name, "installed": true, "error": format!("{error:#}")}));
            }
        }
    }
    let ours = rows[0].clone();
    let cells = |row: &Value| {
        let part = |key: &str| row[key].as_f64().map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"));
        vec![
            row["name"].as_str().unwrap_or_default().to_owned(),
            row["rounds"].as_array().map_or(0, Vec::len).to_string(),
            part("idle_percent"),
            part("playing_percent"),
            part("above_percent"),
            ratio(&ours["playing_percent"], &row["playing_percent"]),
            ratio(&ours["above_percent"], &row["above_percent"]),
        ]
    };
    let head =
        ["one sink, per cent of a core", "n", "open, silent", "playing", "above", "ours : theirs, playing", "above"];
    table(&head, &rows.iter().map(cells).collect::<Vec<_>>());
    Ok(json!({"window_s": WINDOW.as_secs(), "rows": rows}))
}

fn within_path(program: &str) -> Command {
    let mut which = within(10, "sh");
    which.args(["-c", &format!("PATH=$PATH:/usr/sbin command -v {program}")]);
    which
}

/// Looks several times and says what the middle was.
fn row(name: &str, once: impl Fn() -> Result<[f64; 2]>) -> Result<Value> {
    let rounds =
        (0..ROUNDS).map(|_| once()).collect::<Result<Vec<_>>>().with_context(|| format!("measuring {name}"))?;
    let middle = |of: fn(&[f64; 2]) -> f64| median(&rounds.iter().map(of).collect::<Vec<_>>()).unwrap_or(f64::NAN);
    let (idle, playing, above) = (middle(|r| r[0]), middle(|r| r[1]), middle(|r| r[1] - r[0]));
    println!("-- {name}: {idle:.2} % silent, {playing:.2} % playing, {above:.2} % above");
    Ok(
        json!({"name": name, "idle_percent": idle, "playing_percent": playing, "above_percent": above, "rounds": rounds}),
    )
}

/// How much of a core a program and its children take for a while, per cent.
fn share(pid: u32) -> Result<f64> {
    sleep(SETTLED);
    let (before, begun) = (worked(pid)?, Instant::now());
    sleep(WINDOW);
    let took = worked(pid)?.saturating_sub(before);
    Ok(100.0 * took.as_secs_f64() / begun.elapsed().as_secs_f64())
}

fn ours(rig: &Rig) -> Result<[f64; 2]> {
    let (asound, index) = rig.cards(-1)?;
    let args = ["--device", "card", "--sink", "hall=0,1", "--measured", "programme.mp3=-12"].map(str::to_owned);
    let mut line = Line::start(rig, &asound, &args)?;
    line.reports("well", 1)?;
    let idle = share(line.pid())?;
    line.tell("want hall 100 1 clip:programme.mp3 0")?;
    line.reports("sounding", 1)?;
    let playing = share(line.pid())?;
    let state = line.state(0)?;
    ensure!(state["open"] == true, "the card is not open any more: {state}");
    ensure!(sounds(&index)?, "nothing was heard");
    Ok([idle, playing])
}

fn theirs(rig: &Rig, player: &Player) -> Result<[f64; 2]> {
    let mut shares = [0.0; 2];
    for (plays, share_of) in [false, true].into_iter().zip(&mut shares) {
        let (asound, index) = rig.cards(-1)?;
        let mut running = (player.start)(rig, &asound, plays)?;
        let opened = || fs::read_to_string(&index).is_ok_and(|text| text.contains("\"ev\":\"start\""));
        running.until("opening the card", Duration::from_secs(60), opened)?;
        *share_of = share(running.pid())?;
        ensure!(sounds(&index)? == plays, "it should {}be heard", if plays { "" } else { "not " });
        running.stop();
    }
    Ok(shares)
}

/// Whether a card noted a sound.
fn sounds(index: &Path) -> Result<bool> {
    Ok(fs::read_to_string(index)?.contains("\"ev\":\"sound\""))
}

fn programme(rig: &Rig) -> PathBuf {
    rig.dir.join("clips/programme.mp3")
}

fn ffmpeg(rig: &Rig, asound: &Path, plays: bool, filter: &str) -> Result<Running> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-loglevel", "error"]);
    match plays {
        true => ffmpeg.args(["-stream_loop", "-1", "-i"]).arg(programme(rig)).args(["-af", filter]),
        false => ffmpeg.args(["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"]),
    };
    ffmpeg.args(["-ar", "48000", "-ac", "2", "-f", "alsa", "card"]).env("ALSA_CONFIG_PATH", asound);
    Running::start("ffmpeg", &ffmpeg, &rig.dir.join("ffmpeg.log"))
}

fn liquidsoap(rig: &Rig, asound: &Path, plays: bool) -> Result<Running> {
    let script = rig.dir.join("player.liq");
    let source = match plays {
        true => format!("limit(threshold=-1., normalize(target=-16., single(\"{}\")))", programme(rig).display()),
        false => "blank()".to_owned(),
    };
    let lines = format!(
        "set(\"init.allow_root\", true)\nset(\"frame.audio.samplerate\", 48000)\n\
         output.alsa(device=\"card\", fallible=true, {source})\n"
    );
    fs::write(&script, lines)?;
    let mut liquidsoap = Command::new("liquidsoap");
    liquidsoap.arg(script).env("ALSA_CONFIG_PATH", asound);
    Running::start("liquidsoap", &liquidsoap, &rig.dir.join("liquidsoap.log"))
}

fn mpd(rig: &Rig, asound: &Path, plays: bool) -> Result<Running> {
    let (dir, config, socket) = (rig.dir.display(), rig.dir.join("mpd.conf"), rig.dir.join("mpd.sock"));
    if socket.exists() {
        fs::remove_file(&socket)?;
    }
    let lines = format!(
        "music_directory \"{dir}/clips\"\nplaylist_directory \"{dir}\"\ndb_file \"{dir}/mpd.db\"\n\
         bind_to_address \"{}\"\nvolume_normalization \"yes\"\nauto_update \"no\"\n\
         audio_output {{\ntype \"alsa\"\nname \"card\"\ndevice \"card\"\nmixer_type \"none\"\n\
         format \"48000:16:2\"\n}}\n",
        socket.display()
    );
    fs::write(&config, lines)?;
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let mut mpd = Command::new("mpd");
    mpd.args(["--no-daemon"]).arg(config).env("ALSA_CONFIG_PATH", asound).env("PATH", path);
    let mut running = Running::start("mpd", &mpd, &rig.dir.join("mpd.log"))?;
    running.until("taking commands", Duration::from_secs(10), || UnixStream::connect(&socket).is_ok())?;
    let tell = |words: &[&str]| {
        let mut mpc = within(20, "mpc");
        mpc.arg("--host").arg(&socket).args(words);
        ask(mpc)
    };
    tell(&["update", "--wait"])?;
    tell(&["repeat", "on"])?;
    // Silent, it plays silence: with nothing to play it closes the card.
    tell(&["add", if plays { "programme.mp3" } else { "silence.wav" }])?;
    tell(&["play"])?;
    Ok(running)
}

/// Makes what is played: 3 minutes of noise like music in its spectrum, an MP3 in stereo, and a silence.
///
/// # Errors
/// ffmpeg says no.
pub(super) fn make_clips(rig: &Rig) -> Result<()> {
    let make = |input: &str, name: &str, words: &[&str]| -> Result<()> {
        let mut ffmpeg = within(180, "ffmpeg");
        ffmpeg.args(["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", input]).args(words);
        ffmpeg.arg(rig.dir.join("clips").join(name));
        ask(ffmpeg).map(drop)
    };
    let stereo = ["-ac", "2", "-b:a", "128k"];
    make("anoisesrc=duration=180:color=pink:amplitude=0.8:sample_rate=44100:seed=1", "programme.mp3", &stereo)?;
    make("anullsrc=r=44100:cl=stereo:d=180", "silence.wav", &[])?;
    for n in 0..super::many::SINKS {
        let noise = format!("anoisesrc=duration=180:color=pink:amplitude=0.8:sample_rate=44100:seed={}", 10 + n);
        make(&noise, &format!("programme{n}.mp3"), &stereo)?;
    }
    Ok(())
}
