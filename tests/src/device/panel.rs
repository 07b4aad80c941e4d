//! A panel of pixels behind a controller that takes DDP, Art-Net or E1.31: datagrams that are not right to the byte, or come out of
//! turn, are dropped and counted.

use drivers::board::frame::Frame;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::{Mutex, PoisonError};

/// Bytes of pixels in a universe.
const UNIVERSE_BYTES: usize = 510;

/// The panel. It looks at what has come when it is looked at.
#[derive(Debug)]
pub struct Panel {
    socket: UdpSocket,
    size: (u16, u16),
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    universe: u16,
    coming: Vec<u8>,
    shown: Vec<u8>,
    sequences: Vec<Option<u8>>,
    dropped: u32,
}

impl Panel {
    /// A panel of this size whose first universe is this, at a port of this machine.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub fn open(size: (u16, u16), universe: u16) -> io::Result<Self> {
        let pixels = usize::from(size.0) * usize::from(size.1);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let (coming, bytes) = (vec![0; pixels * 3], pixels * 3);
        let sequences = vec![None; bytes.div_ceil(UNIVERSE_BYTES)];
        let state = State { universe, shown: coming.clone(), coming, sequences, dropped: 0 };
        Ok(Self { socket, size, state: Mutex::new(state) })
    }

    /// Where it takes pixels.
    ///
    /// # Errors
    /// When the system does not know.
    pub fn address(&self) -> io::Result<SocketAddrV4> {
        Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, self.socket.local_addr()?.port()))
    }

    /// Whether any pixel is lit, after all that has come so far.
    pub fn lit(&self) -> bool {
        self.screen_picture().is_some()
    }

    /// What is seen after all that has come so far; `None`: nothing is lit.
    pub fn screen_picture(&self) -> Option<Frame> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = [0; 2048];
        while let Ok(count) = self.socket.recv(&mut buffer) {
            let packet = buffer.get(..count).unwrap_or_default();
            let taken = match packet {
                [_, _, _, _, b'A', b'S', b'C', b'-', ..] => state.e131(packet),
                [b'A', b'r', b't', b'-', ..] => state.art_net(packet),
                _ => state.ddp(packet),
            };
            if taken.is_none() {
                state.dropped += 1;
            }
        }
        let lit = state.shown.iter().any(|byte| *byte != 0);
        let mut frame = Frame::new(self.size.0, self.size.1);
        let (pixels, _) = state.shown.as_chunks::<3>();
        for (at, pixel) in pixels.iter().enumerate() {
            let width = usize::from(self.size.0);
            frame.set((at % width) as u16, (at / width) as u16, *pixel);
        }
        lit.then_some(frame)
    }

    /// Datagrams that were not right.
    pub fn dropped(&self) -> u32 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).dropped
    }
}

impl State {
    /// Version 1, a number from 1 to 15, RGB of 8 bits, the default output; shown with the flag that pushes.
    fn ddp(&mut self, packet: &[u8]) -> Option<()> {
        let (head, pixels) = packet.split_at_checked(10)?;
        let &[flags @ (0x40 | 0x41), sequence @ 1..=15, 0x0B, 1, a, b, c, d, e, f] = head else { return None };
        let last = self.sequences.first_mut()?;
        if last.is_some_and(|last| last % 15 + 1 != sequence) || usize::from(u16::from_be_bytes([e, f])) != pixels.len()
        {
            return None;
        }
        *last = Some(sequence);
        let from = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
        self.coming.get_mut(from..from.checked_add(pixels.len())?)?.copy_from_slice(pixels);
        if flags & 1 == 1 {
            self.shown.clone_from(&self.coming);
        }
        Some(())
    }

    /// ArtDmx of version 14: an even number of slots, each universe in its turn, 0 counting for any (Art-Net 4).
    fn art_net(&mut self, packet: &[u8]) -> Option<()> {
        let (head, slots) = packet.split_at_checked(18)?;
        let [name @ .., 0, 0x50, 0, 14, sequence, 0, low, high, a, b] = head else { return None };
        let right = name == b"Art-Net\0"
            && usize::from(u16::from_be_bytes([*a, *b])) == slots.len()
            && slots.len() % 2 == 0
            && (2..=512).contains(&slots.len());
        let at = usize::from(u16::from_le_bytes([*low, *high]).checked_sub(self.universe)?);
        let last = self.sequences.get_mut(at)?;
        let in_turn = *sequence > 0 && last.is_none_or(|last| last % 255 + 1 == *sequence);
        if !right || !in_turn {
            return None;
        }
        *last = Some(*sequence);
        let from = at * UNIVERSE_BYTES;
        let room = self.shown.get_mut(from..)?;
        let count = room.len().min(slots.len()).min(UNIVERSE_BYTES);
        room.get_mut(..count)?.copy_from_slice(slots.get(..count)?);
        Some(())
    }

    /// One universe, layer by layer (ANSI E1.31-2018, table 4-1); a source that ends leaves it black.
    fn e131(&mut self, packet: &[u8]) -> Option<()> {
        let word = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
        let length = |at: usize| u16::try_from(packet.len() - at).ok().map(|rest| 0x7000 | rest);
        let is = |at: usize, bytes: &[u8]| packet.get(at..at + bytes.len()) == Some(bytes);
        let slots = packet.get(126..)?;
        let right = is(0, &[0, 0x10, 0, 0])
            && is(13, &[0, 0, 0])
            && [16, 38, 115].into_iter().all(|at| word(at) == length(at))
            && is(18, &[0, 0, 0, 4])
            && is(40, &[0, 0, 0, 2])
            && is(107, &[0])
            && *packet.get(108)? <= 200
            && is(109, &[0, 0])
            && is(117, &[0x02, 0xA1, 0, 0, 0, 1])
            && usize::from(word(123)?) == slots.len() + 1
            && is(125, &[0]);
        let at = usize::from(word(113)?.checked_sub(self.universe)?);
        let (sequence, ends) = (*packet.get(111)?, packet.get(112)? & 0x40 != 0);
        let last = self.sequences.get_mut(at)?;
        // Older by fewer than 20 is out of turn; older by more is a source that began anew (6.7.2).
        let stale = last.is_some_and(|last| (-19..=0).contains(&sequence.wrapping_sub(last).cast_signed()));
        if !right || stale {
            return None;
        }
        *last = Some(sequence);
        let from = at * UNIVERSE_BYTES;
        let place = self.shown.get_mut(from..from + slots.len())?;
        if ends {
            place.fill(0)
        } else {
            place.copy_from_slice(slots)
        }
        Some(())
    }
}
