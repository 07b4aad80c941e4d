//! Two cards whose crystals are wrong the one way and the other stay together, and with the clock; a true one is left as
//! it is.

use site_tests::vcard::player::{Player, decoded, ffmpeg};
use site_tests::vcard::signal::exactly;
use site_tests::vcard::{Happened, VirtualCards};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");
/// How long is listened, seconds. A whole hour is gone through beside the code, in simulated time.
const SECONDS: usize = 16;
/// Compared at a time, samples.
const PIECE: usize = 4_800;

/// A card's programme at one moment.
struct Seen {
    /// Seconds since the first card started.
    at: f64,
    /// Which sample of the clip left then.
    sample: f64,
}

/// Where a piece of what was heard lies in the clip, near `guess`: a whole sample and the fraction a parabola gives.
fn find(clip: &[i16], piece: &[i16], guess: usize, reach: usize) -> Option<f64> {
    let fit = |at: usize| -> f64 {
        let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
        for (a, b) in clip.get(at..at + piece.len()).unwrap_or_default().iter().zip(piece) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            both += a * b;
            one += a * a;
            other += b * b;
        }
        both / (one * other).sqrt().max(1.0)
    };
    let from = guess.saturating_sub(reach);
    let best = (from..guess + reach).max_by(|a, b| fit(*a).total_cmp(&fit(*b)))?;
    (fit(best) > 0.97).then_some(best as f64)
}

/// When a frame of the recording left its card: seconds of the system's clock, from the card's own record.
fn left_at(record: &[Happened], frame: usize, ppm: f64) -> Option<f64> {
    let bytes = frame as u64 * 4;
    let start = record.iter().rfind(|h| h.ev == "start" && h.base <= bytes)?;
    Some(start.mono_ns as f64 / 1e9 + (bytes - start.base) as f64 / 4.0 / (48_000.0 * (1.0 + ppm * 1e-6)))
}

/// What left a card at some moments of the clip.
fn seen(cards: &VirtualCards, card: &str, ppm: f64, clip: &[i16], zero: f64) -> Vec<Seen> {
    let heard = &cards.heard(card).expect("recording")[0];
    let record = cards.record(card).expect("record");
    let begin = heard.iter().position(|s| s.unsigned_abs() > 16).expect("sound");
    let mut all: Vec<Seen> = Vec::new();
    for second in 1..SECONDS - 1 {
        let frame = begin + second * 48_000;
        // At 200 ppm a piece lies up to ten samples a second away from where it would be; a card that ran dry, further.
        let guess = all.last().map_or(second * 48_000, |s| s.sample as usize + 48_000);
        let Some(piece) = heard.get(frame..frame + PIECE) else { break };
        let (Some(sample), Some(at)) = (find(clip, piece, guess, 1_500), left_at(&record, frame, ppm)) else {
            continue;
        };
        all.push(Seen { at: at - zero, sample });
    }
    all
}

/// Whether a card ran dry or was opened anew: looking for it and opening it prepare it once each.
fn ran_dry(cards: &VirtualCards, card: &str) -> bool {
    cards.breaks(card).expect("record") > 2
}

/// How far each moment lies behind the programme as it ran at the first, seconds.
fn lags(all: &[Seen]) -> Vec<f64> {
    let first = all.first().expect("a moment");
    all.iter().map(|s| (s.at - first.at) - (s.sample - first.sample) / 48_000.0).collect()
}

/// Plays on the three cards, and looks at what left those that did not run dry. `false`: two of them did, on a machine as
/// busy as that.
#[expect(clippy::print_stdout, reason = "figures for whoever runs it by hand")]
fn stay_together() -> bool {
    let cards = VirtualCards::new("drift", &["fast~200", "slow~-200", "true"]).expect("virtual cards");
    let noise =
        format!("anoisesrc=seed=5:duration={SECONDS}:color=pink:amplitude=0.5:sample_rate=48000,lowpass=f=6000");
    let path = cards.join("a.wav");
    ffmpeg(&["-f", "lavfi", "-i", &noise, "-ac", "1", "-c:a", "pcm_s16le"], &path).expect("a clip");
    let clip = decoded(&path).expect("ffmpeg reads it");
    let clips = cards.join("").display().to_string();
    let names = [("fast", 200.0), ("slow", -200.0), ("true", 0.0)];
    let mut players: Vec<Player> = Vec::new();
    for (name, _) in names {
        let args = ["--device", name, "--sink", "left=0,1", "--clips", &clips];
        let mut player = Player::start(BENCH, &cards, &args).expect("a sound line");
        player.report("left", "well").expect("the card opens");
        players.push(player);
    }
    for player in &mut players {
        player.tell("want left 100 1 clip:a.wav 0").expect("told");
    }
    for (player, (name, ppm)) in players.iter_mut().zip(names) {
        let ended = player.about(1, "ended").expect("it ends");
        assert_eq!(ended["broken"], serde_json::Value::Null);
        let state = player.state().expect("its state");
        println!("{name}: {state}");
        player.stop().expect("it stops");
        if ran_dry(&cards, name) {
            continue;
        }
        let seen = state["drift_ppm"].as_f64().expect("a number");
        assert!((seen - ppm).abs() <= 10.0, "{name} is seen to drift by {seen} ppm");
    }
    let names: Vec<_> = names.into_iter().filter(|(name, _)| !ran_dry(&cards, name)).collect();
    if names.len() < 2 {
        return false;
    }
    let zero = cards.record("fast").expect("record")[0].mono_ns as f64 / 1e9;
    let all: Vec<Vec<Seen>> = names.iter().map(|(name, ppm)| seen(&cards, name, *ppm, &clip, zero)).collect();
    for ((name, _), seen) in names.iter().zip(&all) {
        let lags = lags(seen);
        let most = lags.iter().fold(0.0_f64, |m, l| m.max(l.abs()));
        println!("{name}: {} moments, at most {:.2} ms from the clock", seen.len(), most * 1e3);
        assert!(seen.len() > SECONDS / 2, "{name}: the clip is not found");
        assert!(most < 0.0025, "{name}: {:.2} ms", most * 1e3);
    }
    // Side by side: the same sample at nearly the same moment, on all three, at the beginning and at the end.
    let offset = |s: &Seen| s.at - s.sample / 48_000.0;
    for pick in [0_usize, 1] {
        let of = |seen: &Vec<Seen>| offset(if pick == 0 { &seen[0] } else { seen.last().expect("a moment") });
        let offsets: Vec<f64> = all.iter().map(of).collect();
        let apart = offsets.iter().fold(f64::MIN, |m, o| m.max(*o)) - offsets.iter().fold(f64::MAX, |m, o| m.min(*o));
        println!("apart by {:.2} ms at the {}", apart * 1e3, ["beginning", "end"][pick]);
        assert!(apart < 0.010, "{:.2} ms", apart * 1e3);
    }
    if names.iter().any(|(name, _)| *name == "true") {
        let [exact, _] = cards.heard("true").expect("recording");
        assert!(exactly(&exact, &clip).is_some(), "a true card's samples are left alone");
    }
    true
}

#[test]
fn two_cards_that_drift_apart_by_400_in_a_million_stay_together_and_a_true_one_is_exact() {
    assert!((0..3).any(|_| stay_together()), "two cards ran dry in each of three plays");
}
