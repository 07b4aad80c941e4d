#!/usr/bin/env bash
# A broadcaster's tool: a Liquidsoap queue on the card, fed over its command socket. Wants PORT, CLIPS and WITHIN, a folder.
set -u
cat >"$WITHIN/station.liq" <<C
set("init.allow_root",true)
set("server.socket",true)
set("server.socket.path","$WITHIN/liq.sock")
set("frame.audio.samplerate",48000)
q=request.queue(id="q")
output.alsa(device="default",mksafe(q))
C
rm -f "$WITHIN/liq.sock"
liquidsoap "$WITHIN/station.liq" &
while [ ! -S "$WITHIN/liq.sock" ]; do sleep 0.02; done
mosquitto_sub -h 127.0.0.1 -p "$PORT" -t alert/1 -q 1 |
    while read -r name; do
        printf 'q.push %s/%s.wav\nquit\n' "$CLIPS" "$name" | socat - "UNIX-CONNECT:$WITHIN/liq.sock" >/dev/null
    done
