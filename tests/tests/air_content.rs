//! What a microphone in front of a horn proves, over the noise of a street: no recording, all of it made in code.

use drivers::sound::air::{EarKind, Likeness, Print, attention, calibrate, chime, likeness};
use fastrand::Rng;
use gateway_core::device::Report;
use gateway_core::want::Grade;
use site_tests::acoustics::scene::Scene;
use site_tests::acoustics::{RATE, at_microphone, generator, louder, spoken, street, together};
use std::sync::LazyLock;

const TEXTS: [&str; 12] = [
    "Đài truyền thanh xã thông báo lịch tiêm phòng cho trẻ em vào sáng thứ bảy tại trạm y tế.",
    "Mực nước sông đang lên nhanh, bà con vùng trũng khẩn trương di chuyển tài sản lên cao.",
    "Hội phụ nữ xã mời chị em tham dự buổi sinh hoạt tại nhà văn hoá thôn Đông lúc bảy giờ tối.",
    "Bão số sáu giật cấp mười bốn, dự kiến đổ bộ vào chiều mai, tàu thuyền không được ra khơi.",
    "Hợp tác xã thông báo lịch bơm nước phục vụ vụ đông xuân bắt đầu từ ngày mùng năm tháng giêng.",
    "Công an xã đề nghị nhân dân cảnh giác với các cuộc gọi lừa đảo tự xưng là cán bộ ngân hàng.",
    "Sáng mai sẽ cắt điện từ sáu giờ đến mười một giờ để sửa chữa đường dây trung thế.",
    "Uỷ ban nhân dân xã kêu gọi bà con quyên góp ủng hộ đồng bào bị thiệt hại do mưa lũ.",
    "Trường tiểu học thông báo cho học sinh nghỉ học hai ngày do thời tiết rét đậm, rét hại.",
    "Nguy cơ cháy rừng đang ở cấp năm, nghiêm cấm đốt nương rẫy trong những ngày nắng nóng.",
    "Đề nghị các hộ chăn nuôi tiêu độc khử trùng chuồng trại, phòng dịch tả lợn châu Phi.",
    "Chiều nay đội bóng đá thôn Trung gặp đội thôn Hạ trên sân vận động của xã, mời bà con đến cổ vũ.",
];

const VOICES: [&str; 3] = ["vi", "vi-vn-x-central", "vi-vn-x-south"];

static SPOKEN: LazyLock<Vec<Vec<f32>>> = LazyLock::new(|| {
    let say = |(n, text): (usize, &&str)| spoken(text, VOICES[n % 3]).expect("a voice");
    TEXTS.iter().enumerate().map(say).collect()
});

/// So many seconds of bulletins, from one of them on.
fn bulletins(from: usize, seconds: usize) -> Vec<f32> {
    SPOKEN.iter().cycle().skip(from).flatten().take(seconds * RATE as usize).copied().collect()
}

fn runs(few: u64) -> u64 {
    std::env::var("AIR_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(few)
}

/// How alike the right bulletin, a wrong one and the street alone are, sorted, and how often the delay was found.
fn trial(seconds: usize, snr_db: f32, runs: u64) -> ([Vec<f32>; 3], u64) {
    let (mut all, mut found) = ([Vec::new(), Vec::new(), Vec::new()], 0);
    for seed in 0..runs {
        let mut rng = Rng::with_seed(seed);
        let from = seed as usize % TEXTS.len();
        let (meant, other) = (bulletins(from, seconds), bulletins(from + rng.usize(2..11), seconds));
        let noise = street(seconds as f32 + 2.5, &mut rng);
        let delay = rng.u32(20..600);
        let print = Print::of(&meant, RATE);
        let like = |heard: &[f32]| likeness(&print, &Print::of(heard, RATE), (0, 2_000)).expect("both are there");
        let right: Likeness = like(&at_microphone(&meant, delay, &noise, snr_db, &mut rng));
        found += u64::from((right.delay_ms - i64::from(delay)).abs() <= 50);
        all[0].push(right.correlation);
        all[1].push(like(&at_microphone(&other, delay, &noise, snr_db, &mut rng)).correlation);
        all[2].push(like(&noise).correlation);
    }
    all.iter_mut().for_each(|v| v.sort_by(f32::total_cmp));
    (all, found)
}

#[test]
fn the_right_words_are_told_from_wrong_ones_and_from_the_street() {
    let many = runs(6);
    let lengths: &[usize] = if many > 10 { &[5, 10, 15, 30] } else { &[5] };
    for seconds in lengths {
        for snr_db in [20.0, 10.0, 5.0, 0.0, -5.0] {
            if many <= 10 && snr_db != 5.0 && snr_db != 0.0 {
                continue;
            }
            let ([right, wrong, street], found) = trial(*seconds, snr_db, many);
            let last = many as usize - 1;
            let proven = right.iter().filter(|c| **c >= 0.45).count();
            println!(
                "{seconds} s at {snr_db} dB: right {:.2}…{:.2}…{:.2}, wrong at most {:.2}, street {:.2}; proven {proven}/{many}, \
                 delay {found}",
                right[0],
                right[last / 2],
                right[last],
                wrong[last],
                street[last]
            );
            assert!(wrong[last] < 0.45 && street[last] < 0.45, "taken for the right words");
            assert!(snr_db < 0.0 || (right[0] > 0.45 && found == many), "not recognised");
        }
    }
}

fn heard(scene: &Scene) -> Vec<(u64, u64, Grade)> {
    let heard =
        |(at, report)| if let Report::Heard { play, grade } = report { Some((at, play.0, grade)) } else { None };
    scene.said().into_iter().filter_map(heard).collect()
}

/// A chime, then so much speech, then nothing, as the sink sends it and as the ear hears it.
fn programme(snr_db: f32, seed: u64) -> Scene {
    let mut rng = Rng::with_seed(seed);
    let (chime, speech) = (louder(&chime(RATE), -3.0), bulletins(seed as usize, 12));
    let left = [chime.clone(), speech, vec![0.0; 4 * RATE as usize]].concat();
    let noise = street(left.len() as f32 / RATE as f32 + 0.1, &mut rng);
    let ear = at_microphone(&left, 180, &noise, snr_db, &mut rng);
    let mut scene = Scene::new(EarKind::Microphone);
    let cuts = [0, chime.len() / 320 * 320, left.len() - 4 * RATE as usize, left.len()];
    for (n, play) in [Some(1), Some(2), None].into_iter().enumerate() {
        scene.want(play, false);
        scene.go(play, &left[cuts[n]..cuts[n + 1]], &ear[cuts[n]..cuts[n + 1]]);
    }
    scene
}

#[test]
fn a_chime_and_the_words_after_it_are_proven_each_once() {
    for (snr_db, seed) in [(20.0, 1), (5.0, 2), (0.0, 3)] {
        let scene = programme(snr_db, seed);
        let found = heard(&scene);
        println!("{snr_db} dB: {found:?}");
        assert_eq!(found.iter().filter(|h| (h.1, h.2) == (1, Grade::Tone)).count(), 1, "{snr_db} dB: {found:?}");
        assert_eq!(found.iter().filter(|h| (h.1, h.2) == (2, Grade::Content)).count(), 1, "{snr_db} dB: {found:?}");
        let learned = scene.ear.calibration().expect("the way is known now");
        assert!((learned.delay_ms - 180).abs() <= 50, "{learned:?}");
        assert!(!scene.is_open(), "two seconds after the last play the ear is closed");
    }
}

#[test]
fn a_street_a_hum_and_another_stations_words_prove_nothing() {
    for seed in 0..runs(2) {
        let mut rng = Rng::with_seed(seed);
        let left = [louder(&chime(RATE), -3.0), bulletins(0, 14)].concat();
        let s = left.len() as f32 / RATE as f32 + 0.1;
        let noise = street(s, &mut rng);
        let hum = generator(s, &mut rng);
        let other = at_microphone(&bulletins(6, 16), 50, &noise, 15.0, &mut rng);
        for (what, ear) in [("street", louder(&noise, -25.0)), ("hum", louder(&hum, -10.0)), ("another", other)] {
            let mut scene = Scene::new(EarKind::Microphone);
            scene.want(Some(1), false);
            scene.go(Some(1), &left, &ear[..left.len()]);
            assert_eq!(heard(&scene), [], "{what}, seed {seed}");
        }
    }
}

#[test]
fn every_attention_tone_is_proven_within_seconds_over_the_street() {
    for level in 1..=5_u8 {
        for drill in [false, true] {
            for snr_db in [10.0, 0.0] {
                let mut rng = Rng::with_seed(u64::from(level));
                let left = louder(&attention(level, drill, RATE, 6_000), -3.0);
                let noise = street(6.1, &mut rng);
                let ear = at_microphone(&left, 90, &noise, snr_db, &mut rng);
                let mut scene = Scene::new(EarKind::Microphone);
                scene.want(Some(1), false);
                scene.go(Some(1), &left, &ear[..left.len()]);
                let found = heard(&scene);
                println!("level {level}, drill {drill}, {snr_db} dB: {found:?}");
                assert!(found.iter().any(|h| h.2 == Grade::Tone), "level {level}, drill {drill}, {snr_db} dB");
            }
        }
    }
}

#[test]
fn what_stands_there_always_is_no_tone_of_ours() {
    // Two whistles at the very pitches of the third level's tone, all the time.
    let left = louder(&attention(3, false, RATE, 6_000), -3.0);
    let whistle =
        |hz: f32| (0..left.len()).map(move |i| 0.1 * (std::f32::consts::TAU * hz * i as f32 / RATE as f32).sin());
    let both: Vec<f32> = whistle(660.0).zip(whistle(880.0)).map(|(a, b)| a + b).collect();
    let mut scene = Scene::new(EarKind::Microphone);
    scene.want(Some(1), false);
    let noise = louder(&street(6.1, &mut Rng::with_seed(1)), -40.0);
    scene.go(Some(1), &left, &together(&both, &noise)[..left.len()]);
    assert_eq!(heard(&scene), []);
}

#[test]
fn a_chime_calibrates_an_ear() {
    for (delay, snr_db) in [(30, 20.0), (700, 10.0)] {
        let mut rng = Rng::with_seed(u64::from(delay));
        let chime = [vec![0.0; 8_000], chime(RATE), vec![0.0; 16_000]].concat();
        let noise = street(5.0, &mut rng);
        let ear = at_microphone(&chime, delay, &noise, snr_db, &mut rng);
        let found = calibrate(&Print::of(&chime, RATE), &Print::of(&ear, RATE)).expect("it is heard");
        println!("{delay} ms at {snr_db} dB: {found:?}");
        assert!((found.delay_ms - i64::from(delay)).abs() <= 40, "{found:?}");
        assert_eq!(calibrate(&Print::of(&chime, RATE), &Print::of(&noise, RATE)), None, "nothing was heard");
    }
}
