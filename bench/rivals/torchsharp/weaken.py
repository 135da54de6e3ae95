"""Marks a library's request for a symbol version as weak (VER_FLG_WEAK), so that the loader takes a runtime without it.

Usage: weaken.py LIBRARY VERSION. ELF, 64 bits, little-endian: sections .gnu.version_r (type 0x6ffffffe) and, linked to
it, .dynstr. See the System V ABI and the Linux Standard Base, "Symbol Versioning".
"""
import struct
import sys

path, wanted = sys.argv[1], sys.argv[2].encode()
data = bytearray(open(path, "rb").read())
section_offset, = struct.unpack_from("<Q", data, 0x28)
entry_size, count = struct.unpack_from("<HH", data, 0x3A)
# name, type, flags, address, offset, size, link
sections = [struct.unpack_from("<IIQQQQI", data, section_offset + i * entry_size) for i in range(count)]
requests = next(section for section in sections if section[1] == 0x6FFFFFFE)
names = sections[requests[6]][4]

need = requests[4]
while True:
    _, entries, _, first, next_need = struct.unpack_from("<HHIII", data, need)
    entry = need + first
    for _ in range(entries):
        _, flags, _, name, next_entry = struct.unpack_from("<IHHII", data, entry)
        start = names + name
        if data[start:data.index(0, start)] == wanted:
            struct.pack_into("<H", data, entry + 4, flags | 2)
        entry += next_entry
    if next_need == 0:
        break
    need += next_need
open(path, "wb").write(data)
