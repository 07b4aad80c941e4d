"""An RDS receiver: libv4l2rds reads groups, one a line of four hexadecimal blocks, from standard input.

Says `ready`; the line `state` is answered with one line of JSON of what it has made of the groups so far, `new` with
`done` after forgetting all of them.
"""
import json
import sys

from v4l2rds import Decoder

decoder = Decoder()
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "state":
        print(json.dumps(decoder.state()), flush=True)
    elif line.strip() == "new":
        decoder = Decoder()
        print("done", flush=True)
    else:
        decoder.hear([int(block, 16) for block in line.split()])
