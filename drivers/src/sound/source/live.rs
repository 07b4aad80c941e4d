//! A voice that speaks now, pushed by whoever has its samples: the desk's microphone, a telephone.

use super::elastic::Elastic;
use super::fan::{Fan, Gate, Pick, fan};
use crate::sound::feed::Spout;
use crate::sound::resample::Resampler;
use gateway_core::id::LiveId;
use rtrb::Consumer;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Rate at which voices are passed on, hertz.
const RATE: u32 = 48_000;
/// What lies between the one who speaks and a sink at most; older sound is left out.
const OLDEST: usize = RATE as usize / 5;
/// How long a play waits for its voice to begin.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often what was spoken is passed on: often enough that nobody hears it.
const BEAT: Duration = Duration::from_millis(3);

type Gates = Arc<Mutex<BTreeMap<LiveId, Arc<Gate>>>>;

/// All voices that speak.
#[derive(Clone, Default)]
pub(super) struct Voices {
    gates: Gates,
}

/// A voice. It ends when this is dropped.
pub struct LiveVoice {
    id: LiveId,
    fan: Fan,
    gate: Arc<Gate>,
    gates: Gates,
    resampler: Option<(u32, Resampler)>,
    opus: Option<opus::Decoder>,
    pcm: Vec<f32>,
}

impl Voices {
    /// Begins a voice; one of the same name ends.
    pub(super) fn open(&self, id: LiveId) -> LiveVoice {
        let (fan, gate) = fan();
        let gate = Arc::new(gate);
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), Arc::clone(&gate));
        let gates = Arc::clone(&self.gates);
        LiveVoice { id, fan, gate, gates, resampler: None, opus: None, pcm: Vec::new() }
    }

    /// Pours a voice until it ends or nobody listens.
    pub(super) fn pour(&self, id: &LiveId, rate: u32, spout: Spout) {
        let until = Instant::now() + PATIENCE;
        loop {
            if spout.is_abandoned() {
                return spout.end(None);
            }
            let gate = self.gates.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
            if let Some(gate) = gate {
                let Some(taken) = gate.join(2 * OLDEST, Pick(0)) else {
                    return spout.end(Some("too many play it already".into()));
                };
                // The gate belongs to the voice; held here, its end would not be seen.
                drop(gate);
                return pass_on(taken, || RATE, rate, spout);
            }
            if Instant::now() > until {
                return spout.end(Some("nobody speaks".into()));
            }
            thread::sleep(BEAT);
        }
    }
}

/// Passes on what comes through a ring until the other end lets go of it or nobody listens.
pub(super) fn pass_on(mut taken: Consumer<f32>, from: impl Fn() -> u32, rate: u32, mut spout: Spout) {
    let mut elastic: Option<Elastic> = None;
    let mut spoken = Vec::new();
    loop {
        let over = taken.is_abandoned();
        let came = taken.slots();
        let limit = from() as usize / 5;
        if came > limit
            && let Ok(old) = taken.read_chunk(came - limit)
        {
            old.commit_all();
        }
        spoken.resize(taken.slots(), 0.0);
        let got = taken.pop_partial_slice(&mut spoken).0.len();
        if elastic.as_ref().is_none_or(|e| e.takes() != from()) {
            elastic = Elastic::new(from(), rate);
        }
        let Some(elastic) = &mut elastic else { return spout.end(Some("no sound of such a rate".into())) };
        if !elastic.pour(spoken.get(..got).unwrap_or_default(), &mut spout) || over {
            return spout.end(None);
        }
        thread::sleep(BEAT);
    }
}

impl LiveVoice {
    /// Gives samples of one channel, −1…1, of `rate` hertz. Never waits; a sink that is 200 ms behind loses the oldest.
    pub fn push(&mut self, samples: &[f32], rate: u32) {
        if rate == RATE {
            return self.fan.give(samples, 1);
        }
        if rate == 0 {
            return;
        }
        if self.resampler.as_ref().is_none_or(|(of, _)| *of != rate) {
            self.resampler = Some((rate, Resampler::new(rate, RATE)));
        }
        let Some((_, resampler)) = &mut self.resampler else { return };
        self.pcm.clear();
        samples.iter().for_each(|s| resampler.push(*s, &mut self.pcm));
        self.fan.give(&self.pcm, 1);
    }

    /// Gives an Opus packet (RFC 6716), as a browser sends them; an empty one stands for one that was lost.
    ///
    /// # Errors
    /// It is no Opus packet.
    pub fn push_opus(&mut self, packet: &[u8]) -> Result<(), String> {
        let decoder = match &mut self.opus {
            Some(decoder) => decoder,
            none => none.insert(opus::Decoder::new(RATE, opus::Channels::Mono).map_err(|e| e.to_string())?),
        };
        // What was lost is made up for by 20 ms; a packet has 120 ms at most.
        self.pcm.resize(if packet.is_empty() { 960 } else { 5_760 }, 0.0);
        let count = decoder.decode_float(packet, &mut self.pcm, false).map_err(|e| e.to_string())?;
        self.fan.give(self.pcm.get(..count).unwrap_or_default(), 1);
        Ok(())
    }
}

impl Drop for LiveVoice {
    fn drop(&mut self) {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        // A later voice of the same name stays.
        if gates.get(&self.id).is_some_and(|gate| Arc::ptr_eq(gate, &self.gate)) {
            gates.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::feed::{Feed, Poured, Priming, feed};

    /// Strength of a pitch, the least of any twentieth of a second: the rate gives way a little.
    fn strength(samples: &[f32], hz: f64) -> f64 {
        samples.chunks_exact(2_400).map(|s| strength_of(s, hz)).fold(1.0, f64::min)
    }

    fn strength_of(samples: &[f32], hz: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (i, s) in samples.iter().enumerate() {
            let turn = std::f64::consts::TAU * hz * i as f64 / 48_000.0;
            (re, im) = (re + f64::from(*s) * turn.cos(), im + f64::from(*s) * turn.sin());
        }
        2.0 * re.hypot(im) / samples.len() as f64
    }

    /// Speaks piece by piece, as fast as it is heard, and gives what was heard.
    fn hear(feed: &mut Feed, mut speak: impl FnMut(u64), pieces: u64) -> Vec<f32> {
        let (mut all, mut block) = (Vec::new(), [0.0; 240]);
        let until = Instant::now() + Duration::from_secs(20);
        for n in 0..pieces {
            speak(n);
            // What is in the resampler and the ring is never more than two pieces of 20 ms and a half; above 120 ms that are
            // not yet heard, whoever hears skips.
            while all.len() as u64 + 2_400 < n * 960 {
                assert!(Instant::now() < until, "{} samples heard of {}", all.len(), n * 960);
                match feed.render(&mut block) {
                    Poured::Some(count, _) => all.extend_from_slice(&block[..count]),
                    Poured::Last(_) | Poured::Stuck => panic!("it ended: {:?}", feed.broken()),
                }
                thread::yield_now();
            }
        }
        all
    }

    fn play(voices: &Voices, id: &LiveId) -> (Feed, thread::JoinHandle<()>) {
        let (spout, feed) = feed(48_000, Priming::Live);
        let (voices, id) = (voices.clone(), id.clone());
        (feed, thread::spawn(move || voices.pour(&id, 48_000, spout)))
    }

    #[test]
    fn a_voice_is_heard_at_any_rate_and_ends_when_it_is_dropped() {
        let (voices, id) = (Voices::default(), LiveId::from("desk"));
        // The play may come before the voice.
        let (mut feed, thread) = play(&voices, &id);
        let mut voice = voices.open(id.clone());
        let until = Instant::now() + Duration::from_secs(20);
        // Spoken to before anybody listens, it would be lost.
        while voice.fan.takers() == 0 {
            voice.push(&[0.0], 48_000);
            assert!(Instant::now() < until, "nobody came");
            thread::yield_now();
        }
        let sine = |n: u64, rate: u32| -> Vec<f32> {
            let each = u64::from(rate) / 50;
            let at = |i: u64| std::f64::consts::TAU * 440.0 * (n * each + i) as f64 / f64::from(rate);
            (0..each).map(|i| at(i).sin() as f32 * 0.5).collect()
        };
        let heard = hear(&mut feed, |n| voice.push(&sine(n, 16_000), 16_000), 60);
        let found = strength(&heard[9_600..38_400], 440.0);
        assert!(found > 0.4, "440 Hz at {found:.3}");
        drop(voice);
        thread.join().expect("it ends");
        let mut block = [0.0; 48_000];
        assert!(matches!(feed.render(&mut block), Poured::Last(_)));
        assert_eq!(feed.broken(), None);
        assert!(voices.gates.lock().expect("whole").is_empty());
    }

    #[test]
    fn a_browsers_opus_is_heard_and_what_is_none_is_refused() {
        let (voices, id) = (Voices::default(), LiveId::from("desk"));
        let mut voice = voices.open(id.clone());
        let (mut feed, thread) = play(&voices, &id);
        let until = Instant::now() + Duration::from_secs(20);
        while voice.fan.takers() == 0 {
            voice.push(&[0.0], 48_000);
            assert!(Instant::now() < until, "nobody came");
            thread::yield_now();
        }
        let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Voip).expect("libopus");
        let mut speak = |n: u64| {
            let at = |i: u64| std::f64::consts::TAU * 440.0 * (n * 960 + i) as f64 / 48_000.0;
            let pcm: Vec<f32> = (0..960).map(|i| at(i).sin() as f32 * 0.5).collect();
            let mut packet = [0; 1_500];
            let len = encoder.encode_float(&pcm, &mut packet).expect("encoded");
            voice.push_opus(&packet[..len]).expect("a packet");
        };
        let heard = hear(&mut feed, &mut speak, 60);
        let found = strength(&heard[9_600..38_400], 440.0);
        assert!(found > 0.4, "440 Hz at {found:.3}");
        assert!(voice.push_opus(&[0xff; 3]).is_err());
        assert!(voice.push_opus(&[]).is_ok(), "a packet that was lost");
        drop(feed);
        thread.join().expect("nobody listens");
    }
}
