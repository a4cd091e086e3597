"""Packs the files of a folder into one: each behind its length (four bytes, big end first), sorted, the whole in zstd.

    pack.py pack FOLDER PACKED.zst
    pack.py unpack PACKED.zst FOLDER
"""

import hashlib
import pathlib
import struct
import subprocess
import sys

# The corpus of a target has to stay small enough for a repository.
LONGEST_INPUT = 4096
MOST_BYTES = 200_000


def pack(folder, packed):
    inputs = sorted({path.read_bytes() for path in folder.iterdir()}, key=lambda one: (len(one), one))
    kept, size = [], 0
    for one in inputs:
        if len(one) <= LONGEST_INPUT and size + len(one) <= MOST_BYTES:
            kept.append(struct.pack(">I", len(one)) + one)
            size += len(one)
    subprocess.run(["zstd", "-19", "-q", "-f", "-o", packed], input=b"".join(kept), check=True)
    print(f"{packed}: {len(kept)} of {len(inputs)} inputs")


def unpack(packed, folder):
    rest = subprocess.run(["zstd", "-dc", packed], stdout=subprocess.PIPE, check=True).stdout
    folder.mkdir(parents=True, exist_ok=True)
    while rest:
        (length,) = struct.unpack_from(">I", rest)
        one, rest = rest[4 : 4 + length], rest[4 + length :]
        (folder / hashlib.sha1(one).hexdigest()).write_bytes(one)


if sys.argv[1] == "pack":
    pack(pathlib.Path(sys.argv[2]), sys.argv[3])
else:
    unpack(sys.argv[2], pathlib.Path(sys.argv[3]))
