"""Hears when a sound reaches a card: the virtual card by its record, any growing file of samples by looking at it."""
import json, os, struct, time

NS = time.monotonic_ns


class VCard:
    def __init__(self, path):
        self.path, self.pos, self.starts, self.ev = path, os.path.getsize(path) if os.path.exists(path) else 0, {}, []
        self.xruns, self.base0 = 0, self.pos
        self.shape = None

    def poll(self):
        try:
            with open(self.path) as f:
                f.seek(self.pos)
                txt = f.read()
        except OSError:
            return
        end = txt.rfind('\n') + 1
        self.pos += len(txt[:end].encode())
        for l in txt[:end].splitlines():
            e = json.loads(l)
            if e.get('dir') != 'play':
                continue
            if e['ev'] == 'start':
                self.starts[(e['pid'], e['base'])] = e['mono_ns'] - int(e['hw'] / e['rate'] * 1e9)
            elif e['ev'] == 'sound':
                self.ev.append(e)
            elif e['ev'] == 'xrun':
                self.xruns += 1

    def flush(self):
        self.poll()
        self.ev.clear()

    def wait(self, t0, timeout):
        """-> (arrive_ns, dac_ns) of the first sound after t0"""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.poll()
            for e in self.ev:
                if e['mono_ns'] >= t0:
                    e2 = time.monotonic() + 3
                    while not e['t0'] and (e['pid'], e['base']) not in self.starts and time.monotonic() < e2:
                        time.sleep(.002)
                        self.poll()
                    s = e['t0'] or self.starts.get((e['pid'], e['base']))
                    return e['mono_ns'], (s + int(e['frame'] / e['rate'] * 1e9)) if s else None
            time.sleep(.002)
        return None, None


    def tail(self, seconds, channel):
        """whether the last frames given to the card hold sound; None: there are not so many yet"""
        if not self.shape:
            shapes = [e for e in map(json.loads, open(self.path)) if e['ev'] == 'prepare' and e['ch']]
            if not shapes:
                return None, 0
            self.shape = shapes[-1]['ch'], shapes[-1]['rate']
        ch, rate = self.shape
        n = int(seconds * rate) * ch * 2
        with open(self.path[:-4] + '.raw', 'rb') as f:
            size = f.seek(0, 2) // (2 * ch) * (2 * ch)
            if size < n:
                return None, size
            f.seek(size - n)
            v = struct.unpack(f'<{n // 2}h', f.read(n))
        return any(x > 64 or x < -64 for x in (v if channel < 0 else v[channel::ch])), size

    def wait_tail(self, sound, seconds, channel, timeout):
        """waits until the card's last frames are all silent (or, with sound, are not); a card that is closed is silent"""
        end, last, since = time.monotonic() + timeout, -1, time.monotonic()
        while time.monotonic() < end:
            loud, size = self.tail(seconds, channel)
            if size != last:
                last, since = size, time.monotonic()
            if loud is not None and loud == sound:
                return
            if not sound and time.monotonic() - since > seconds:
                return
            time.sleep(.02)
        raise SystemExit(f'the card was not {"heard" if sound else "silent"} within {timeout} s')


class Raw:
    def __init__(self, spec):
        a = spec.split(':')
        self.path, self.rate, self.ch = a[0], int(a[1]) if len(a) > 1 else 48000, int(a[2]) if len(a) > 2 else 2
        self.xruns = 0
        self.flush()

    def flush(self):
        self.pos = os.path.getsize(self.path) if os.path.exists(self.path) else 0
        self.pos -= self.pos % (2 * self.ch)

    def poll(self):
        pass

    def wait(self, t0, timeout):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                n = os.path.getsize(self.path)
            except OSError:
                n = 0
            if n > self.pos + 1:
                now = NS()
                with open(self.path, 'rb') as f:
                    f.seek(self.pos)
                    b = f.read((n - self.pos) & ~1)
                self.pos += len(b)
                if any(v > 64 or v < -64 for (v,) in struct.iter_unpack('<h', b)):
                    return now, None
            time.sleep(.001)
        return None, None
