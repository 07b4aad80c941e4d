//! Guests come and go; the encoder with them.

use super::*;
use ogg::PacketReader;
use std::io::Cursor;

const PATIENCE: Duration = Duration::from_secs(20);

fn hall() -> SinkId {
    SinkId::from("hall")
}

/// The next pieces, until `count` have come.
fn pieces(guest: &mut Subscription, count: usize) -> Vec<u8> {
    (0..count).flat_map(|_| guest.pieces.blocking_recv().expect("the stream goes on")).collect()
}

fn until(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::yield_now();
    }
}

#[test]
fn nobody_is_let_in_where_there_is_no_sink_or_no_place() {
    let monitor = Monitor::default();
    assert_eq!(monitor.subscribe(&hall(), Player::Other).err(), Some(Turned::Unknown));
    let _ear = monitor.listener(&hall());
    let guests: Vec<_> = (0..GUESTS).map(|_| monitor.subscribe(&hall(), Player::Other).expect("a place")).collect();
    assert_eq!(monitor.subscribe(&hall(), Player::Other).err(), Some(Turned::Full));
    assert_eq!(monitor.guests(&hall()), GUESTS);
    drop(guests);
    monitor.subscribe(&hall(), Player::Other).expect("places are free again");
}

#[test]
fn a_silent_sink_is_a_stream_of_silence_and_the_encoder_goes_with_the_last_guest() {
    let monitor = Monitor::default();
    let _ear = monitor.listener(&hall());
    assert!(!monitor.is_running(&hall()), "nobody listens");
    let mut first = monitor.subscribe(&hall(), Player::Other).expect("a place");
    let mut second = monitor.subscribe(&hall(), Player::Other).expect("a place");
    assert!(monitor.is_running(&hall()));
    let stream = pieces(&mut first, 5);
    assert_eq!(pieces(&mut second, 1)[..4], *b"OggS", "each has a stream from its head on");
    drop(first);
    pieces(&mut second, 2);
    drop(second);
    until("the encoder ends", || !monitor.is_running(&hall()));
    let mut reader = PacketReader::new(Cursor::new(stream));
    assert_eq!(reader.read_packet_expected().expect("a head").data[..8], *b"OpusHead");
    assert_eq!(reader.read_packet_expected().expect("tags").data[..8], *b"OpusTags");
    let mut decoder = opus::Decoder::new(48_000, opus::Channels::Mono).expect("a decoder");
    for _ in 0..10 {
        let packet = reader.read_packet_expected().expect("ten packets on five pages");
        let mut samples = [1.0; 960];
        assert_eq!(decoder.decode_float(&packet.data, &mut samples, false).expect("Opus"), 960);
        assert!(samples.iter().all(|s| s.abs() < 0.001), "silence");
    }
    let mut again = monitor.subscribe(&hall(), Player::Other).expect("a place");
    pieces(&mut again, 1);
}

#[test]
fn a_browser_gets_the_same_sound_in_more_bytes() {
    let mut pulse = Pulse::new().expect("an encoder");
    let packets: Vec<Vec<u8>> = (0..20).map(|_| pulse.packet(&[0.25; 960], 48_000).expect("a packet")).collect();
    let streams = [Player::Browser, Player::Other].map(|player| {
        let (to, mut pieces) = mpsc::channel(10);
        let mut guest = Guest::new(to, player).expect("a guest");
        assert!(packets.iter().all(|packet| guest.give(packet, Instant::now())));
        std::iter::from_fn(|| pieces.try_recv().ok()).flatten().collect::<Vec<u8>>()
    });
    assert!(streams[0].len() > BROWSER_HEAD + 20 * BROWSER_PACKET && streams[1].len() < 8_000);
    let sounds = streams.map(|stream| {
        let mut reader = PacketReader::new(Cursor::new(stream));
        let mut decoder = opus::Decoder::new(48_000, opus::Channels::Mono).expect("a decoder");
        let packets: Vec<_> = std::iter::from_fn(|| reader.read_packet().ok().flatten()).skip(2).collect();
        let decode = |packet: &ogg::Packet| {
            let mut samples = [0.0; 960];
            assert_eq!(decoder.decode_float(&packet.data, &mut samples, false).expect("Opus"), 960);
            samples
        };
        packets.iter().flat_map(decode).collect::<Vec<f32>>()
    });
    assert!(sounds[0] == sounds[1] && sounds[0].iter().any(|s| *s > 0.2), "the same sound");
}

#[test]
fn one_who_takes_nothing_loses_pieces_and_the_others_none() {
    let (to, mut pieces) = mpsc::channel(2);
    let mut guest = Guest::new(to, Player::Other).expect("a guest");
    let begin = Instant::now();
    let packet = [0xfc, 0xff, 0xfe];
    for _ in 0..4 {
        assert!(guest.give(&packet, begin));
    }
    assert!(guest.give(&packet, begin), "both places are taken: this packet is lost");
    assert!(guest.give(&packet, begin + STUCK / 2), "and this one");
    let mut stream = [pieces.try_recv(), pieces.try_recv()].map(|p| p.expect("a piece")).concat();
    assert!(guest.give(&packet, begin + STUCK * 2) && guest.give(&packet, begin + STUCK * 2), "he listens again");
    stream.extend(pieces.try_recv().expect("a piece"));
    // What was lost leaves no hole in the stream: a player goes on as if it had not been.
    let mut reader = PacketReader::new(Cursor::new(stream));
    let granules: Vec<u64> =
        std::iter::from_fn(|| reader.read_packet().ok().flatten()).map(|p| p.absgp_page()).collect();
    assert_eq!(granules, [0, 0, 1920, 1920, 3840, 3840, 5760, 5760]);
    for _ in 0..4 {
        assert!(guest.give(&packet, begin + STUCK * 2));
    }
    assert!(guest.give(&packet, begin + STUCK * 2), "full again");
    assert!(!guest.give(&packet, begin + STUCK * 3), "too slow for too long");
    drop(pieces);
    let (to, gone) = mpsc::channel(2);
    let mut guest = Guest::new(to, Player::Other).expect("a guest");
    drop(gone);
    assert!(!guest.give(&packet, begin), "he is gone");
}
