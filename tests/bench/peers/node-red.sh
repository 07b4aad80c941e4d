#!/usr/bin/env bash
# Node-RED with an MQTT node and an exec node. Wants PORT, CLIPS, WITHIN (a folder), NODE_RED (where npm installed it).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sed -e "s#@CLIPS@#$CLIPS#; s#@PORT@#$PORT#" "$here/node-red-flows.json" >"$WITHIN/flows.json"
cat >"$WITHIN/settings.js" <<C
module.exports = { uiPort: 18800, uiHost: "127.0.0.1", flowFile: "flows.json", userDir: "$WITHIN",
    credentialSecret: false, telemetry: { enabled: false } };
C
exec node --max-old-space-size=256 "$NODE_RED/node_modules/node-red/red.js" -s "$WITHIN/settings.js"
