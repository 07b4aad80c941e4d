//! What a microphone in front of a horn proves, over the noise of a street.

use drivers::sound::air::{Print, likeness};
use fastrand::Rng;
use site_tests::acoustics::{RATE, at_microphone, spoken, street};

const S: [&str; 12] = [
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

#[test]
fn table() {
    let voices = ["vi", "vi-vn-x-central", "vi-vn-x-south"];
    let runs: usize = std::env::var("RUNS").ok().and_then(|r| r.parse().ok()).unwrap_or(12);
    let all: Vec<Vec<f32>> = S.iter().enumerate().map(|(i, s)| spoken(s, voices[i % 3]).unwrap()).collect();
    for secs in [5_usize, 10, 15, 30] {
        for snr in [20.0, 10.0, 5.0, 0.0, -5.0] {
            let (mut right, mut wrong, mut none) = (vec![], vec![], vec![]);
            let mut lag = 0;
            for run in 0..runs {
                let mut rng = Rng::with_seed(run as u64);
                let cat = |from: usize| {
                    let mut x: Vec<f32> = (0..S.len()).flat_map(|i| all[(from + i) % S.len()].clone()).collect();
                    x.truncate(secs * RATE as usize);
                    x
                };
                let (meant, other) = (cat(run), cat(run + 5));
                let noise = street(secs as f32 + 2.5, &mut rng);
                let delay = rng.u32(20..600);
                let m = Print::of(&meant, RATE);
                let h = Print::of(&at_microphone(&meant, delay, &noise, snr, &mut rng), RATE);
                let l = likeness(&m, &h, (0, 2000)).unwrap();
                if (l.delay_ms - delay as i64).abs() > 60 {
                    lag += 1;
                }
                right.push(l.correlation);
                let h = Print::of(&at_microphone(&other, delay, &noise, snr, &mut rng), RATE);
                wrong.push(likeness(&m, &h, (0, 2000)).unwrap().correlation);
                none.push(likeness(&m, &Print::of(&noise, RATE), (0, 2000)).unwrap().correlation);
            }
            let f = |v: &mut Vec<f32>| {
                v.sort_by(f32::total_cmp);
                format!("{:.2}/{:.2}/{:.2}", v[0], v[v.len() / 2], v[v.len() - 1])
            };
            println!(
                "{secs:2} s {snr:3} dB right {} wrong {} none {} badlag {lag}",
                f(&mut right),
                f(&mut wrong),
                f(&mut none)
            );
        }
    }
}
