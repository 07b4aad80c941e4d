//! A network stream: opened, decoded and poured, and opened again while somebody wants it.

use super::hls::Hls;
use super::http::{Answer, Client, Reach, Trouble, join, whole};
use super::ts::TransportSound;
use crate::sound::decode::{self, Opened, Outflow, Unopened};
use crate::sound::feed::Spout;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Between attempts, at first and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// A stream that sounded so long is opened again at once when it breaks.
const STEADY: Duration = Duration::from_secs(10);
/// Attempts in a row that brought bytes and no sound, and it is given up.
const SOUNDLESS: u32 = 4;
/// Sound that lies ready before a stream begins: what the net may be late later on. Not waited for longer than that
/// takes to play.
const CUSHION: Duration = Duration::from_secs(1);
/// Bytes of the beginning that tell a play list from a stream.
const TELLING: usize = 512;
/// Looked so often whether anybody still listens.
const NAP: Duration = Duration::from_millis(50);

/// How one attempt ended.
enum End {
    /// It was all there is.
    Over,
    /// Nobody listens any more.
    Unheard,
    /// It broke.
    Broken(Trouble),
}

/// Pours the stream at an address into `spout` at `rate` hertz until nobody listens, or until it is known that it never
/// will sound.
pub(super) fn pour(client: &Client, url: &str, reach: Reach, rate: u32, mut spout: Spout) {
    let (mut pause, mut soundless) = (BACK_OFF.0, 0);
    loop {
        let mut sounded = None;
        let stop = Arc::new(AtomicBool::new(false));
        let attempt =
            catch_unwind(AssertUnwindSafe(|| once(client, url, reach, rate, &mut spout, &stop, &mut sounded)));
        // Whoever still reads for a decoder that is gone.
        stop.store(true, Ordering::Relaxed);
        let why = match attempt {
            Ok(End::Over) => return spout.end(None),
            Ok(End::Unheard) => return spout.end(None),
            Ok(End::Broken(Trouble::Never(why))) => return spout.end(Some(why)),
            Ok(End::Broken(Trouble::Later(why))) => why,
            Err(_) => "the decoder gave up on it".into(),
        };
        soundless = match sounded {
            Some(Duration::ZERO) => soundless + 1,
            Some(_) => 0,
            None => soundless,
        };
        if soundless >= SOUNDLESS {
            return spout.end(Some(why));
        }
        if sounded > Some(STEADY) {
            pause = BACK_OFF.0;
        }
        log::warn!(error = why.as_str(), again_in_ms = pause.as_millis() as u64; "a stream broke off");
        let until = Instant::now() + pause;
        while Instant::now() < until {
            if spout.is_abandoned() {
                return spout.end(None);
            }
            thread::sleep(NAP);
        }
        pause = (pause * 2).min(BACK_OFF.1);
    }
}

fn once(
    client: &Client,
    url: &str,
    reach: Reach,
    rate: u32,
    spout: &mut Spout,
    stop: &Arc<AtomicBool>,
    sounded: &mut Option<Duration>,
) -> End {
    let (mut opened, finite) = match open(client, url, reach, stop, true) {
        Ok(opened) => opened,
        Err(trouble) => return End::Broken(trouble),
    };
    let sounded = sounded.insert(Duration::ZERO);
    let mut flow = Outflow::new(rate, spout);
    let (mut mono, mut cushion) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let mut filling = true;
    loop {
        let of = match opened.reader.read(&mut mono) {
            Ok(Some(of)) => of,
            Ok(None) => break,
            Err(why) => return End::Broken(Trouble::Later(why)),
        };
        let length = |count: usize| Duration::from_secs_f64(count as f64 / f64::from(of.max(1)));
        *sounded += length(mono.len());
        if filling {
            cushion.extend_from_slice(&mono);
            filling = length(cushion.len()) < CUSHION && began.elapsed() < CUSHION;
            if filling && !finite {
                continue;
            }
            filling = false;
            std::mem::swap(&mut mono, &mut cushion);
            cushion = Vec::new();
        }
        if !flow.take(&mono, of) {
            return End::Unheard;
        }
    }
    if !flow.finish() {
        return End::Unheard;
    }
    if finite { End::Over } else { End::Broken(Trouble::Later("the stream ended".into())) }
}

/// Opens what lies at an address. `true` with it: it has an end.
fn open(
    client: &Client,
    url: &str,
    reach: Reach,
    stop: &Arc<AtomicBool>,
    lists: bool,
) -> Result<(Opened, bool), Trouble> {
    let Answer { url, length, mut body } = client.get(url, reach)?;
    let mut head = Vec::new();
    (&mut body).take(TELLING as u64).read_to_end(&mut head).map_err(|e| Trouble::Later(e.to_string()))?;
    let text = String::from_utf8_lossy(&head).trim_start_matches('\u{feff}').trim_start().to_owned();
    let is_list = text.starts_with("#EXTM3U") || text.to_ascii_lowercase().starts_with("[playlist]");
    if is_list {
        let text = whole(head, body)?;
        let words = String::from_utf8_lossy(&text).into_owned();
        if words.contains("#EXT-X-") {
            let hls = Hls::open(client, reach, &url, &text, Arc::clone(stop))?;
            let finite = hls.is_finite();
            return Ok((pieces(hls)?, finite));
        }
        let first = entry(&words).filter(|_| lists);
        let first = first.ok_or_else(|| Trouble::Never("a play list with nothing in it".into()))?;
        return open(client, &join(&url, &first), reach, stop, false);
    }
    // Some servers state a length for what has no end: so much that nobody will see it.
    let finite = length.is_some_and(|l| l < 1 << 32);
    decode::stream(head, body).map(|opened| (opened, finite)).map_err(unopened)
}

/// Opens the sound in the pieces of an HLS stream.
fn pieces(mut hls: Hls) -> Result<Opened, Trouble> {
    let mut head = Vec::new();
    // Three packets of a transport stream, if it is one.
    (&mut hls).take(600).read_to_end(&mut head).map_err(|e| Trouble::Later(e.to_string()))?;
    let opened = if decode::is_ts(&head) {
        let sound = TransportSound::new(std::io::Cursor::new(head).chain(hls));
        decode::stream(Vec::new(), Box::new(sound))
    } else {
        decode::stream(head, Box::new(hls))
    };
    opened.map_err(unopened)
}

fn unopened(why: Unopened) -> Trouble {
    match why {
        Unopened::Bad(why) => Trouble::Never(why),
        Unopened::Lost(why) => Trouble::Later(why),
    }
}

/// The first address in a play list of either old kind.
fn entry(list: &str) -> Option<String> {
    let lines = list.lines().map(str::trim).filter(|l| !l.is_empty());
    let pls = |l: &str| {
        l.split_once('=').filter(|(k, _)| k.to_ascii_lowercase().starts_with("file")).map(|(_, v)| v.trim().to_owned())
    };
    if list.trim_start().to_ascii_lowercase().starts_with("[playlist]") {
        return lines.into_iter().find_map(pls);
    }
    lines.into_iter().find(|l| !l.starts_with('#')).map(str::to_owned)
}

#[cfg(test)]
mod tests;
