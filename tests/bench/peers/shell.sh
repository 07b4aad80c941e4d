#!/usr/bin/env bash
# What an administrator would write in an hour: a subscription piped into a player. Wants PORT and CLIPS.
mosquitto_sub -h 127.0.0.1 -p "$PORT" -t alert/1 -q 1 |
    while read -r name; do aplay -q -D default "$CLIPS/$name.wav"; done
