//! HTTP Live Streaming (RFC 8216): the pieces of a play list, one after the other, as one stream of bytes.

use super::http::{Client, Reach, Trouble, join};
use m3u8_rs::{AlternativeMediaType, KeyMethod, MasterPlaylist, MediaPlaylist, MediaSegment, Playlist};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Begun so many pieces before the newest (RFC 8216, 6.3.3, wants three).
const BEHIND: usize = 3;
/// A stream below this is not chosen while there is a better one, bit/s.
const ADEQUATE: u64 = 40_000;
/// A list that brings nothing new for so many of its longest pieces has stalled.
const STALLED: u32 = 4;
/// Pieces that could not be had in a row, and the stream is opened anew.
const LOST: u32 = 3;
/// Looked so often whether anybody still listens.
const NAP: Duration = Duration::from_millis(50);

/// The pieces as one stream.
pub(super) struct Hls {
    client: Client,
    reach: Reach,
    list: String,
    /// Number of the piece after the last one that was put in the queue.
    next: u64,
    queue: VecDeque<Piece>,
    piece: Option<Box<dyn Read + Send>>,
    /// The piece that tells how the others are to be read, as far as it was given.
    told: Option<String>,
    target: Duration,
    ended: bool,
    asked: Instant,
    fresh: Instant,
    lost: u32,
    stop: Arc<AtomicBool>,
}

struct Piece {
    url: String,
    range: Option<(u64, u64)>,
    /// What must be read before it.
    head: Option<String>,
}

impl Hls {
    /// Opens the stream of a play list that lies at `url`. Reading ends when `stop` is set.
    pub(super) fn open(
        client: &Client,
        reach: Reach,
        url: &str,
        text: &[u8],
        stop: Arc<AtomicBool>,
    ) -> Result<Self, Trouble> {
        let (list, media) = match parse(text)? {
            Playlist::MediaPlaylist(media) => (url.to_owned(), media),
            Playlist::MasterPlaylist(master) => {
                let choice = choose(&master).ok_or_else(|| Trouble::Never("an HLS list without streams".into()))?;
                let (list, text) = client.text(&join(url, &choice), reach)?;
                match parse(&text)? {
                    Playlist::MediaPlaylist(media) => (list, media),
                    Playlist::MasterPlaylist(_) => return Err(Trouble::Never("an HLS list of lists of lists".into())),
                }
            }
        };
        let now = Instant::now();
        let mut hls = Self {
            client: client.clone(),
            reach,
            list,
            next: 0,
            queue: VecDeque::new(),
            piece: None,
            told: None,
            target: Duration::ZERO,
            ended: false,
            asked: now,
            fresh: now,
            lost: 0,
            stop,
        };
        let newest = media.media_sequence + media.segments.len() as u64;
        hls.next = if media.end_list { media.media_sequence } else { newest.saturating_sub(BEHIND as u64) };
        hls.learn(&media)?;
        Ok(hls)
    }

    /// Whether it has an end.
    pub(super) fn is_finite(&self) -> bool {
        self.ended
    }

    /// Puts what is new in a list in the queue.
    fn learn(&mut self, media: &MediaPlaylist) -> Result<(), Trouble> {
        self.target = Duration::from_secs(media.target_duration.clamp(1, 60));
        self.ended = media.end_list;
        let newest = media.media_sequence + media.segments.len() as u64;
        if newest + (BEHIND as u64) < self.next {
            // It was begun anew.
            self.next = newest.saturating_sub(BEHIND as u64);
        }
        let mut head: Option<String> = None;
        let mut end = 0;
        for (number, segment) in (media.media_sequence..).zip(&media.segments) {
            refuse_locked(segment)?;
            if let Some(map) = &segment.map {
                head = Some(join(&self.list, &map.uri));
            }
            let range = segment.byte_range.as_ref().map(|r| (r.offset.unwrap_or(end), r.length));
            end = range.map_or(0, |(from, length)| from.saturating_add(length));
            if number >= self.next {
                self.next = number + 1;
                self.fresh = Instant::now();
                self.queue.push_back(Piece { url: join(&self.list, &segment.uri), range, head: head.clone() });
            }
        }
        Ok(())
    }

    /// Opens the next piece. `false`: there will be none.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            if let Some(piece) = self.queue.pop_front() {
                // Once more where the net was at fault: a piece lost is seconds of silence.
                let mut body = self.fetch(&piece);
                if let Err(Trouble::Later(_)) = body {
                    body = self.fetch(&piece);
                }
                match body {
                    Ok(body) => {
                        (self.piece, self.lost) = (Some(body), 0);
                        return Ok(true);
                    }
                    Err(why) => {
                        self.lost += 1;
                        let (Trouble::Never(words) | Trouble::Later(words)) = why;
                        log::info!(error = words; "a piece of a stream could not be had");
                        if self.lost >= LOST {
                            return Err(io::Error::other(words));
                        }
                        continue;
                    }
                }
            }
            if self.ended {
                return Ok(false);
            }
            if self.fresh.elapsed() > self.target * STALLED {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "its play list brings nothing new"));
            }
            let due = self.asked + self.target / 2;
            if Instant::now() < due {
                thread::sleep(NAP.min(due.saturating_duration_since(Instant::now())));
                continue;
            }
            self.asked = Instant::now();
            let refreshed = self.client.text(&self.list, self.reach).and_then(|(_, text)| match parse(&text)? {
                Playlist::MediaPlaylist(media) => self.learn(&media),
                Playlist::MasterPlaylist(_) => Err(Trouble::Later("its play list has become another".into())),
            });
            match refreshed {
                // Tried again until it has brought nothing for too long.
                Ok(()) | Err(Trouble::Later(_)) => {}
                Err(Trouble::Never(why)) => return Err(io::Error::other(why)),
            }
        }
    }

    fn fetch(&mut self, piece: &Piece) -> Result<Box<dyn Read + Send>, Trouble> {
        let mut body = self.client.get(&piece.url, self.reach)?.body;
        if let Some((from, length)) = piece.range {
            // Asked for whole and cut here: lists with ranges are short files, and every server gives whole ones.
            let skipped = io::copy(&mut (&mut body).take(from), &mut io::sink());
            skipped.map_err(|e| Trouble::Later(e.to_string()))?;
            body = Box::new(body.take(length));
        }
        let body = without_tag(body).map_err(|e| Trouble::Later(e.to_string()))?;
        match &piece.head {
            Some(head) if self.told.as_ref() != Some(head) => {
                let before = self.client.get(head, self.reach)?.body;
                self.told = Some(head.clone());
                Ok(Box::new(before.chain(body)))
            }
            Some(_) | None => Ok(body),
        }
    }
}

impl Read for Hls {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(piece) = &mut self.piece {
                match piece.read(buf) {
                    Ok(0) if !buf.is_empty() => self.piece = None,
                    Ok(count) => return Ok(count),
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    // The rest of this piece is lost; the next one may come.
                    Err(e) => {
                        self.piece = None;
                        self.lost += 1;
                        log::info!(error:% = e; "a piece of a stream broke off");
                        if self.lost >= LOST {
                            return Err(e);
                        }
                    }
                }
            } else if !self.advance()? {
                return Ok(0);
            }
        }
    }
}

fn parse(text: &[u8]) -> Result<Playlist, Trouble> {
    m3u8_rs::parse_playlist_res(text).map_err(|_| Trouble::Never("an HLS list that cannot be read".into()))
}

fn refuse_locked(segment: &MediaSegment) -> Result<(), Trouble> {
    match segment.key.as_ref().map(|k| &k.method) {
        None | Some(KeyMethod::None) => Ok(()),
        Some(KeyMethod::SampleAES) => Err(Trouble::Never("protected against copying (DRM, SAMPLE-AES)".into())),
        Some(KeyMethod::AES128 | KeyMethod::Other(_)) => Err(Trouble::Never("an encrypted HLS stream".into())),
    }
}

/// The address of the stream to play: sound alone before sound with pictures, the lowest rate that is good enough.
fn choose(master: &MasterPlaylist) -> Option<String> {
    let streams = master.variants.iter().filter(|v| !v.is_i_frame);
    let with_pictures = |codecs: &str| ["avc", "hvc", "hev", "vp0", "av01"].iter().any(|c| codecs.contains(c));
    let rank = |v: &&m3u8_rs::VariantStream| {
        let pictures = v.resolution.is_some() || v.codecs.as_deref().is_some_and(with_pictures);
        (pictures, v.bandwidth < ADEQUATE, if v.bandwidth < ADEQUATE { u64::MAX - v.bandwidth } else { v.bandwidth })
    };
    let best = streams.min_by_key(rank)?;
    let apart = best.audio.as_ref().and_then(|group| {
        let of_group = |a: &&m3u8_rs::AlternativeMedia| {
            a.media_type == AlternativeMediaType::Audio && a.group_id == *group && a.uri.is_some()
        };
        let all = || master.alternatives.iter().filter(of_group);
        all().find(|a| a.default).or_else(|| all().next())?.uri.clone()
    });
    apart.or_else(|| Some(best.uri.clone()))
}

/// Steps over the ID3 tag that pieces of bare AAC begin with (RFC 8216, 3.4).
fn without_tag(mut body: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut head = Vec::new();
    (&mut body).take(10).read_to_end(&mut head)?;
    if let (true, Some(size)) = (head.starts_with(b"ID3"), head.get(6..10)) {
        let size = size.iter().fold(0_u64, |size, b| size << 7 | u64::from(b & 127));
        io::copy(&mut (&mut body).take(size), &mut io::sink())?;
        return Ok(body);
    }
    Ok(Box::new(io::Cursor::new(head).chain(body)))
}
