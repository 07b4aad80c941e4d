//! The demonstration for a person: everything runs until Ctrl-C, and the screen says what to try.

use crate::hub::Uplink;
use crate::stage::{PROVINCE, Plan, STATION, Stage};
use anyhow::{Context, Result};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// The virtual card's recording is emptied at this size, bytes: a quarter of an hour.
const RECORDED: u64 = 192_000 * 900;
/// How often the hub's mail is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Runs everything until Ctrl-C. `card`: a sound card of this machine, as ALSA names it; without one nothing is heard.
pub fn by_hand(card: Option<String>) -> Result<()> {
    let mut plan = Plan::new("demo");
    plan.card.clone_from(&card);
    plan.hub_keeps = true;
    let mut stage = Stage::up(&plan)?;
    say(&welcome(&stage, card.as_deref())?)?;
    let mut shown = 0;
    until_ctrl_c(|| {
        let all = stage.hub.uplinks();
        for uplink in all.iter().skip(shown) {
            say(&line(uplink))?;
        }
        shown = all.len();
        forget(&stage.cards.join(&format!("{}.raw", crate::stage::CARD)))
    })?;
    say("\nDừng trạm …")?;
    let ended = stage.station.stop()?;
    say(&format!("{ended}"))
}

/// Does this again and again until Ctrl-C.
pub(super) fn until_ctrl_c(mut look: impl FnMut() -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
        loop {
            tokio::select! {
                pressed = &mut stop => return pressed.context("waiting for Ctrl-C"),
                () = tokio::time::sleep(LOOK) => look()?,
            }
        }
    })
}

pub(super) fn say(text: &str) -> Result<()> {
    writeln!(io::stdout().lock(), "{text}").context("writing to standard output")
}

fn forget(recording: &Path) -> Result<()> {
    if recording.metadata().is_ok_and(|m| m.len() > RECORDED) {
        OpenOptions::new().write(true).truncate(true).open(recording).context("emptying the card's recording")?;
    }
    Ok(())
}

fn line(uplink: &Uplink) -> String {
    const TOLD: [&str; 9] = ["state", "of", "bulletin_id", "bulletin", "cluster", "stage", "result", "code", "text"];
    let told = TOLD.iter().filter_map(|key| Some(format!(" {key}={}", uplink.body.get(*key)?.as_str()?)));
    let clock = gateway_core::time::Wall(uplink.received_ms).rfc3339();
    format!("{} hub ◀ {}{}", clock.get(11..23).unwrap_or_default(), uplink.kind, told.collect::<String>())
}

fn welcome(stage: &Stage, card: Option<&str>) -> Result<String> {
    let hub = std::env::current_exe()?.with_file_name("hub");
    let (hub, pki, state) = (hub.display(), stage.path("pki"), stage.path("hub"));
    let (pki, state, media, broker) = (pki.display(), state.display(), stage.path("media"), stage.broker.url());
    let desk = format!("--pki {pki} --state {state} --broker {broker}");
    let publish = format!("publish {desk} --aud {}", stage.audience());
    let ports = stage.station.ports;
    let (media, password) = (media.display(), stage.data().join("first-password"));
    let sound = match card {
        Some(card) => format!("card {card}: left the hall of thon-1 and thon-2, right the transmitter"),
        None => format!(
            "none to be heard: a virtual card, and recordings in {}\n                    \
             (to hear it: scripts/demo --card default)",
            stage.path("recordings").display()
        ),
    };
    Ok(format!(
        r#"
Station {STATION} (province {PROVINCE}) runs, with its hub, broker, relays, transmitter and board.

  desk              {officer}      (its certificate is its own: the browser asks once)
                    user admin, password in {password}
  citizens' page    http://127.0.0.1:{citizen}/
  health            http://127.0.0.1:{ops}/readyz   /metrics
  sound             {sound}
  devices' diary    {timeline}
  station's log     {log}

Try, from another terminal:

alias publish='{hub} {publish}'
# an alert: tone, voice, board, transmitter; it breaks into whatever plays
publish alert --level 4 --headline "Lũ quét" --text "Nước suối dâng nhanh" --instruction "Lên chỗ cao ngay" --wait {STATION}
# an ordinary bulletin: waits on the desk until it is put into a programme
publish bulletin --title "Lịch tiêm chủng" --text "Sáng mai, 7 giờ, tại trạm y tế xã."
# the same with a sound file
publish bulletin --title "Lịch tiêm chủng" --media {media} --audio FILE.mp3
# a priority bulletin: first in the next programme
publish bulletin --priority priority --title "Cấm đường" --text "Cấm đường tránh bão từ 12 giờ."
# a programme of the province, at a time of day
publish programme --id CT-1 --start HH:MM --item chime --item priority_queue
# a trial in silence
{hub} test {desk} --station {STATION}

Ctrl-C ends everything and removes it.
"#,
        officer = stage.officer_url(),
        password = password.display(),
        citizen = ports.citizen,
        ops = ports.ops,
        timeline = stage.path("timeline.jsonl").display(),
        log = stage.path("gateway.log").display(),
    ))
}
