"""Two readers of Vietnamese numbers that others wrote: PyPI num2words (digits to words), vietnam_number (words to digits).

vietnamese_numbers.py   says `ready`, then answers each line of standard input:
    words DIGITS        the words num2words says for it
    digits WORDS        the number vietnam_number understands, or `?`
"""
import sys

from num2words import num2words
from vietnam_number import w2n

print("ready", flush=True)
for line in sys.stdin:
    order, _, rest = line.strip().partition(" ")
    if order == "words":
        print(num2words(int(rest), lang="vi"), flush=True)
    else:
        try:
            print(w2n(rest), flush=True)
        except ValueError:
            print("?", flush=True)
